"""A correct translator never fails, in whatever order it computes; a slip is never rounding."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grading.checks import q11_encoder, q11_loop, q11_step, q11_translator
from grading.claims import Check, Wrong
from grading.draw import Draw
from tests.grading.checks import translation_by_hand as hand
from tests.grading.checks.translation_by_hand import State, Tensors

DRAWS = 1_000
SLOW_DRAWS = 120
SLIP_DRAWS = 60

Step = tuple[State, Tensor, Tensor]


def put_encoder(kind: type[Check], seed: int, slip: str = "") -> None:
    check = kind()
    asked = check.ask(Draw(seed))
    source, lengths = asked["source"], asked["lengths"].tolist()
    read = lengths if slip != "unpacked" else [len(source)] * len(lengths)
    notes, hidden, cell = hand.encode(asked, source, read, seed)
    right, left = notes.chunk(2, 2)
    if slip == "last backward":
        hidden = notes[:, -1]
    elif slip == "swapped states":
        hidden = torch.cat(hidden.chunk(2, 1)[::-1], 1)
    elif slip == "swapped directions":
        notes = torch.cat([left, right], 2)
    elif slip == "cells from hidden":
        cell = hidden
    first = hand.first_state(asked, hidden, cell)
    check.mark(asked, {"notes": notes, "hidden": first[0], "cell": first[1]})


ENCODER = [q11_encoder.BothDirections, q11_encoder.WhatEachDirectionKnewAtItsEnd]


@pytest.mark.slow
def test_correct_encoders_all_pass() -> None:
    for seed in range(SLOW_DRAWS):
        for kind in (*ENCODER, q11_encoder.NeitherPaddingNorNeighbours):
            put_encoder(kind, seed)


@pytest.mark.parametrize(
    ("kind", "slip", "name"),
    [
        pytest.param(ENCODER[0], "swapped directions", "the directions are swapped", id="notes"),
        pytest.param(ENCODER[1], "swapped states", "the directions are swapped", id="states"),
        pytest.param(ENCODER[1], "last backward", "the backward state of the last word", id="last"),
        pytest.param(
            ENCODER[1], "cells from hidden", "hidden state and cell are swapped", id="cells"
        ),
        pytest.param(
            q11_encoder.NeitherPaddingNorNeighbours,
            "unpacked",
            "the padding is read as well",
            id="unpacked",
        ),
    ],
)
def test_a_slip_of_the_encoder_is_told_from_rounding(
    kind: type[Check], slip: str, name: str
) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_encoder(kind, seed, slip)
        assert told.value.mistake == name, seed


def put_loop(kind: type[Check], seed: int, slip: str = "") -> None:
    check = kind()
    asked = check.ask(Draw(seed))
    steps = len(asked["target"]) - 1
    words = asked["model_embeddings.target.weight"][asked["target"]]
    outputs, states, cells = (asked[name][:steps] for name in ("outputs", "states", "cells"))
    before = torch.cat([torch.zeros_like(outputs[:1]), outputs[:-1]])
    if slip == "no output":
        before = torch.zeros_like(before)
    elif slip == "state":
        before = torch.cat([asked["hidden"][None], states[:-1]])
    words = words[1:] if slip == "not shifted" else words[:-1]
    joined = [before, words] if slip == "order" else [words, before]
    hidden = torch.cat([asked["hidden"][None], states[:-1]])
    keys = torch.einsum("bsk,hk->bsh", asked["notes"], asked["att_projection.weight"])
    if slip == "anew":
        hidden = asked["hidden"].expand_as(hidden)
    answered = {
        "calls": torch.tensor(steps),
        "result": outputs,
        "Ybar_t": torch.cat(joined, 2),
        "hidden": hidden,
        "cell": torch.cat([asked["cell"][None], cells[:-1]]),
        **{
            name: value.expand(steps, *value.shape)
            for name, value in (
                ("enc_hiddens", asked["notes"]),
                ("enc_hiddens_proj", keys),
                ("enc_masks", asked["masks"]),
            )
        },
    }
    check.mark(asked, answered)


LOOP = [
    q11_loop.OneStepForEachWordButTheLast,
    q11_loop.EachWordWithTheLastOutput,
    q11_loop.TheStateIsHandedOn,
]


@pytest.mark.slow
def test_correct_loops_all_pass() -> None:
    for seed in range(DRAWS):
        for kind in LOOP:
            put_loop(kind, seed)


@pytest.mark.parametrize(
    ("kind", "slip", "name"),
    [
        pytest.param(LOOP[1], "no output", "the last output is not fed", id="not-fed"),
        pytest.param(LOOP[1], "state", "the state is fed, not the output", id="state"),
        pytest.param(LOOP[1], "order", "the output comes before the word", id="order"),
        pytest.param(
            LOOP[1], "not shifted", "the first word is dropped, not the last", id="not-shifted"
        ),
        pytest.param(LOOP[2], "anew", "every step begins anew", id="anew"),
    ],
)
def test_a_slip_of_the_loop_is_named(kind: type[Check], slip: str, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_loop(kind, seed, slip)
        assert told.value.mistake == name, seed


def plain(asked: Tensors, way: int) -> Step:
    state = asked["hidden"], asked["cell"]
    x, notes, keys = asked["Ybar_t"], asked["notes"], asked["keys"]
    return hand.step(asked, x, state, notes, keys, asked["masks"].bool(), way)


def answered_by(state: State, before: Tensor, scores: Tensor) -> Tensors:
    return {
        "next_hidden": state[0],
        "next_cell": state[1],
        "output": before.tanh(),
        "scores": scores,
    }


STEP = [
    q11_step.TheNextState,
    q11_step.ScoresOfTheWords,
    q11_step.TheCombinedOutput,
    q11_step.EvenAttention,
]


@pytest.mark.slow
def test_correct_steps_all_pass_with_either_order_of_u() -> None:
    for seed in range(DRAWS):
        for kind in STEP:
            check = kind()
            asked = check.ask(Draw(seed))
            check.mark(asked, answered_by(*plain(asked, seed)))


@pytest.mark.slow
def test_correct_dropout_always_passes() -> None:
    for seed in range(DRAWS):
        put_dropout(seed, lambda before, keep: before.tanh() * keep)


def put_dropout(seed: int, drop: Callable[[Tensor, Tensor], Tensor]) -> None:
    check = q11_step.DropoutComesLast()
    asked = check.ask(Draw(seed))
    _, before, _ = plain(asked, seed)
    kept = torch.rand(before.shape, generator=torch.Generator().manual_seed(seed)) < 0.6
    check.mark(asked, {"training": drop(before, kept / 0.6), "output": before.tanh()})


@pytest.mark.parametrize(
    ("drop", "name"),
    [
        pytest.param(
            lambda before, keep: (before * keep).tanh(), "dropout comes before the tanh", id="early"
        ),
        pytest.param(lambda before, keep: before.tanh(), "nothing is dropped", id="none"),
    ],
)
def test_wrong_dropout_is_always_named(drop: Callable[[Tensor, Tensor], Tensor], name: str) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_dropout(seed, drop)
        assert told.value.mistake == name, seed


def unmasked(asked: Tensors, way: int) -> Tensors:
    state = plain(asked, way)[0]
    scores = hand.SCORES[way % 3](asked["keys"], state[0])
    attended = hand.attend(scores, asked["notes"], way)
    return answered_by(state, hand.combine(asked, attended, state[0], way), scores)


def turned_round(asked: Tensors, way: int) -> Tensors:
    return answered_by(*plain({**asked, "masks": 1 - asked["masks"]}, way))


def over_the_batch(asked: Tensors, way: int) -> Tensors:
    state, _, scores = plain(asked, way)
    attended = torch.bmm(scores.softmax(0)[:, None], asked["notes"])[:, 0]
    return answered_by(state, hand.combine(asked, attended, state[0], way), scores)


def not_squashed(asked: Tensors, way: int) -> Tensors:
    state, before, scores = plain(asked, way)
    return {**answered_by(state, before, scores), "output": before}


def asked_by_the_old_state(asked: Tensors, way: int) -> Tensors:
    state, before, _ = plain(asked, way)
    old = hand.SCORES[way % 3](asked["keys"], asked["hidden"])
    return answered_by(state, before, old.masked_fill(asked["masks"].bool(), -torch.inf))


@pytest.mark.parametrize(
    ("kind", "slip", "name"),
    [
        pytest.param(STEP[1], unmasked, "padding is not masked", id="unmasked-scores"),
        pytest.param(STEP[2], unmasked, "padding is not masked", id="unmasked-output"),
        pytest.param(STEP[1], turned_round, "the mask is the wrong way round", id="turned-round"),
        pytest.param(STEP[1], asked_by_the_old_state, "the state before the step asks", id="old"),
        pytest.param(STEP[2], over_the_batch, "softmax over the batch", id="batch"),
        pytest.param(STEP[2], not_squashed, "the tanh is missing", id="tanh"),
    ],
)
def test_a_slip_of_the_step_is_told_from_rounding(
    kind: type[Check], slip: Callable[[Tensors, int], Tensors], name: str
) -> None:
    for seed in range(SLIP_DRAWS):
        check = kind()
        asked = check.ask(Draw(seed))
        with pytest.raises(Wrong) as told:
            check.mark(asked, slip(asked, 3 * seed + 1))
        assert told.value.mistake == name, seed


def likelihoods(asked: Tensors, way: int) -> Tensor:
    source = asked["source"]
    lengths = (source > 0).sum(0).tolist()
    target = [[1, *(n for n in one if n), 2] for one in asked["target"].T.tolist()]
    return hand.forward(asked, source, lengths, target, way)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(q11_translator.HowLikelyTranslationsAre, id="batch"),
        pytest.param(q11_translator.OneSentenceOfOneWord, id="alone"),
    ],
)
def test_correct_likelihoods_all_pass(kind: type[Check]) -> None:
    for seed in range(SLOW_DRAWS // 3):
        check = kind()
        asked = check.ask(Draw(seed))
        check.mark(asked, {"scores": likelihoods(asked, seed)})
