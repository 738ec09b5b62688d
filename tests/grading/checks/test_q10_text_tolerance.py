"""A correct language model never fails, however it computes and writes; slips always do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grading.checks import q10_cell, q10_rnn, q10_self_attention  # noqa: F401 - rungs of the text
from grading.checks._language_yardstick import LanguageYardstick
from grading.checks._writing_yardstick import SLIPS, Writer
from grading.checks.q10_text_model import FromTokensToLogits
from grading.checks.q10_text_sampling import (
    DRAWS,
    FALSE_FAIL,
    TEMPERATURES,
    VOCABULARY,
    DrawnAtATemperature,
    LikeliestToken,
)
from grading.checks.q10_text_writing import NEW, StepsLikeForward
from grading.claims import Wrong
from grading.draw import Draw
from tests.grading.checks.recurrent_by_hand import (
    MIXERS,
    Tensors,
    attention,
    layer,
    network,
    part,
)

MODEL_DRAWS = 300
SAMPLING_DRAWS = 200
WRITING_DRAWS = 12
SLIP_DRAWS = 30


def forward(asked: Tensors, tokens: Tensor, way: int) -> tuple[Tensor, Tensor, Tensor]:
    """Logits, states and outputs, in float32."""
    hidden, outputs = network(part(asked, "rnn"), asked["embeddings.weight"][tokens], way)
    found = attention(part(asked, "attention"), outputs, MIXERS[way % len(MIXERS)])
    return layer(asked, "lm_head", found), hidden, outputs


def put_model(seed: int, way: int, changed: Callable[..., Tensors] = lambda *_: {}) -> None:
    check = FromTokensToLogits()
    asked = check.ask(Draw(seed))
    logits, hidden, outputs = forward(asked, asked["tokens"], way)
    answered = {"logits": logits, "hidden": hidden, "outputs": outputs, "cell": hidden[:, 0]}
    yard = LanguageYardstick(asked, ("relu", "tanh")[way % 2])
    check.mark(asked, answered | changed(yard, hidden, outputs))


def test_three_hundred_correct_models_all_pass() -> None:
    for seed in range(MODEL_DRAWS):
        put_model(seed, seed)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        pytest.param(
            lambda yard, h, o: {"logits": yard.score(h)},
            "the attention reads states, not outputs",
            id="states",
        ),
        pytest.param(
            lambda yard, h, o: {"logits": yard.head(o)}, "the attention is left out", id="no-look"
        ),
        pytest.param(
            lambda yard, h, o: {"hidden": o, "outputs": h},
            "states and outputs are swapped",
            id="swapped",
        ),
        pytest.param(
            lambda yard, h, o: {"outputs": h}, "the states are returned twice", id="twice"
        ),
    ],
)
def test_a_slip_in_the_model_is_told_from_rounding_and_named(
    changed: Callable[..., Tensors], name: str
) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_model(seed, seed, changed)
        assert told.value.mistake == name


def test_the_likeliest_token_is_never_in_doubt() -> None:
    for seed in range(MODEL_DRAWS):
        check = LikeliestToken()
        asked = check.ask(Draw(seed))
        chosen = torch.stack(
            [row.tolist().index(max(row)) + torch.zeros(()) for row in asked["logits"]]
        )
        check.mark(asked, {"chosen": chosen.double()})


def drawn(seed: int, scores: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Let choices be drawn with these scores, and have them marked."""
    check = DrawnAtATemperature()
    asked = check.ask(Draw(seed))
    chances = scores(asked["logits"], asked["temperatures"][:, None]).softmax(-1)
    generator = torch.Generator().manual_seed(seed)
    chances = chances.expand(len(TEMPERATURES), VOCABULARY)
    chosen = torch.multinomial(chances, DRAWS, replacement=True, generator=generator)
    check.mark(asked, {"chosen": chosen.double()})


def test_chance_fails_nobody() -> None:
    assert FALSE_FAIL <= 1e-9
    for seed in range(SAMPLING_DRAWS):
        drawn(seed, lambda logits, temperature: logits / temperature)


@pytest.mark.parametrize(
    ("scores", "name"),
    [
        pytest.param(lambda x, t: x * t, "the temperature multiplies the logits", id="times"),
        pytest.param(lambda x, t: x + 0 * t, "the temperature changes nothing", id="ignored"),
        pytest.param(
            lambda x, t: 1e6 * x + 0 * t,
            "the likeliest token is taken at every temperature",
            id="greedy",
        ),
        pytest.param(lambda x, t: x.softmax(-1) / t, "softmax is applied twice", id="twice"),
        pytest.param(
            lambda x, t: 0 * x + 0 * t, "every token is as likely as any other", id="even"
        ),
    ],
)
def test_a_slip_in_the_temperature_is_told_from_chance_and_named(
    scores: Callable[[Tensor, Tensor], Tensor], name: str
) -> None:
    for seed in range(SAMPLING_DRAWS):
        with pytest.raises(Wrong) as told:
            drawn(seed, scores)
        assert told.value.mistake == name


def read_again(asked: Tensors, prefixes: Tensor, way: int) -> Tensor:
    """The likeliest tokens in float32, the whole text anew for each."""
    text = prefixes
    for _ in range(NEW):
        text = torch.cat([text, forward(asked, text, way)[0][:, -1:].argmax(-1)], 1)
    return text[:, -NEW:]


@pytest.mark.slow
def test_correct_writers_all_pass_whichever_activation_and_order_they_have() -> None:
    for seed in range(WRITING_DRAWS):
        check = StepsLikeForward()
        asked = check.ask(Draw(seed))
        for way in (seed, seed + 7):
            cell = forward(asked, asked["one"], way)[1][:, 0]
            one, many = (read_again(asked, asked[name], way) for name in ("one", "several"))
            answered = {"one": one, "several": many, "cell": cell, "read": torch.tensor(0)}
            check.mark(asked, {**answered, "again": many})


@pytest.mark.parametrize("slip", [pytest.param(slip, id=slip.replace(" ", "-")) for slip in SLIPS])
def test_every_slip_in_writing_is_told_and_named(slip: str) -> None:
    for seed in range(WRITING_DRAWS // 2):
        check = StepsLikeForward()
        asked = check.ask(Draw(seed))
        writer = Writer(asked, "relu" if seed % 2 else "tanh")
        cell = writer.model.read(asked["one"])[1][:, 0]
        one, many = (writer.write(asked[n], NEW, slip).tokens for n in ("one", "several"))
        with pytest.raises(Wrong) as told:
            check.mark(asked, {"one": one, "several": many, "again": many, "cell": cell})
        # Where one token is all that is read, two slips may write the same.
        assert told.value.mistake in {name for name, _ in SLIPS.values()}
