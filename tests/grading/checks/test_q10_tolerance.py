"""A correct recurrent network and attention never fail, in whatever order they compute."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from grading.checks._recurrent_yardstick import RecurrentYardstick
from grading.checks._self_attention_yardstick import SelfAttentionYardstick
from grading.checks.q10_cell import OneStepOfTheCell
from grading.checks.q10_rnn import OneStepOfTheNetwork, WholeSequence
from grading.checks.q10_self_attention import (
    AttentionOfASequence,
    NewestPositionAsks,
    NoPositionLooksAhead,
)
from grading.claims import Check, Wrong
from grading.draw import Draw
from tests.grading.checks.recurrent_by_hand import (
    ACTIVATIONS,
    CELLS,
    LAYERS,
    MIXERS,
    Mixer,
    Tensors,
    attention,
    in_order,
    layer,
    network,
    part,
)

DRAWS = 2_000
NETWORK_DRAWS = 600
SLIP_DRAWS = 100


def put_cell(seed: int, make: Callable[[Tensors, Tensor, Tensor], Tensor]) -> None:
    check = OneStepOfTheCell()
    asked = check.ask(Draw(seed))
    check.mark(asked, {"new": make(asked, asked["input"], asked["state"])})


def put_step(seed: int, way: int) -> None:
    check = OneStepOfTheNetwork()
    asked = check.ask(Draw(seed))
    weights, activate = part(asked, "cell"), ACTIVATIONS[way % 2]
    make, now, before = CELLS[way % 3], asked["input"], asked["before"][:, -1]
    first = make(weights, now, torch.zeros_like(before), activate)
    later = make(weights, now, before, activate)
    answered = {"first_state": first, "later_state": later, "cell": later}
    outputs = {"first_output": layer(asked, "out", first)}
    outputs["later_output"] = later @ asked["out.weight"].T + asked["out.bias"]
    check.mark(asked, answered | outputs)


def put_sequence(seed: int, way: int, other: int | None = None) -> None:
    check = WholeSequence()
    asked = check.ask(Draw(seed))
    states, outputs = network(asked, asked["inputs"], way)
    cell = network(asked, asked["inputs"][:, :1], way if other is None else other)[0][:, 0]
    check.mark(asked, {"cell": cell, "states": states, "outputs": outputs})


def put_attention(kind: type[Check], seed: int, mix: Mixer, cut: Mixer | None = None) -> None:
    check = kind()
    asked = check.ask(Draw(seed))
    y_all = asked["y_all"]
    output = attention(asked, y_all, mix)
    ends = [attention(asked, y_all[:, : end + 1], cut or mix) for end in range(y_all.shape[1])]
    answered = {"output": output, "found": output[:, -1], "alone": ends[0][:, -1]}
    check.mark(asked, answered | {"cut": torch.stack([each[:, -1] for each in ends], 1)})


def test_two_thousand_correct_cells_all_pass() -> None:
    for seed in range(DRAWS):
        make, activate = CELLS[seed % 3], ACTIVATIONS[seed % 2]
        put_cell(seed, lambda w, x, h, make=make, activate=activate: make(w, x, h, activate))


@pytest.mark.parametrize(
    "put", [pytest.param(put_step, id="step"), pytest.param(put_sequence, id="sequence")]
)
def test_six_hundred_correct_networks_all_pass(put: Callable[[int, int], None]) -> None:
    for seed in range(NETWORK_DRAWS):
        put(seed, seed)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(NewestPositionAsks, id="step"),
        pytest.param(AttentionOfASequence, id="forward"),
        pytest.param(NoPositionLooksAhead, id="causal"),
    ],
)
def test_six_hundred_correct_attentions_all_pass(kind: type[Check]) -> None:
    for seed in range(NETWORK_DRAWS):
        other = MIXERS[seed // 7 % len(MIXERS)]
        put_attention(kind, seed, MIXERS[seed % len(MIXERS)], other)


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param(lambda i, h, f: i + h, "the activation is missing", id="none"),
        pytest.param(
            lambda i, h, f: (i + h).sigmoid(),
            "the sum is squashed by a logistic function",
            id="logistic",
        ),
        pytest.param(
            lambda i, h, f: f(i) + f(h), "the activation comes before the sum", id="before"
        ),
        pytest.param(lambda i, h, f: f(i), "the last state is left out", id="no-state"),
        pytest.param(lambda i, h, f: f(h), "the input is left out", id="no-input"),
    ],
)
def test_a_slip_in_the_cell_is_told_from_rounding_and_named(
    slip: Callable[..., Tensor], name: str
) -> None:
    for seed in range(SLIP_DRAWS):
        activate = ACTIVATIONS[seed % 2]
        with pytest.raises(Wrong) as told:
            put_cell(
                seed,
                lambda w, x, h, activate=activate: slip(
                    layer(w, "i2h", x), layer(w, "h2h", h), activate
                ),
            )
        assert told.value.mistake == name


def anew(yard: RecurrentYardstick, inputs: Tensor) -> Tensor:
    return torch.stack([yard.read(each[:, None])[0][:, 0] for each in inputs.unbind(1)], 1)


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param(anew, "every step begins anew", id="anew"),
        pytest.param(lambda y, x: y.read(x)[1], "state and output are swapped", id="swapped"),
        pytest.param(
            lambda y, x: y.read(x.flip(1))[0], "the sequence is read backwards", id="backwards"
        ),
        pytest.param(
            lambda y, x: y.read(x.movedim(0, 1))[0].movedim(0, 1),
            "the batch is read as time",
            id="across",
        ),
        pytest.param(
            lambda y, x: y.read(x)[0][:, -1], "only the last state is returned", id="last"
        ),
    ],
)
def test_a_slip_in_a_sequence_is_told_from_rounding_and_named(
    slip: Callable[[RecurrentYardstick, Tensor], Tensor], name: str
) -> None:
    for seed in range(SLIP_DRAWS):
        check = WholeSequence()
        asked = check.ask(Draw(seed))
        yard = RecurrentYardstick(asked, ("relu", "tanh")[seed % 2])
        states, outputs = yard.read(asked["inputs"])
        answered = {"cell": states[:, 0], "outputs": outputs}
        with pytest.raises(Wrong) as told:
            check.mark(asked, answered | {"states": slip(yard, asked["inputs"]).float()})
        assert told.value.mistake == name


@pytest.mark.parametrize(
    ("state", "name"),
    [
        pytest.param(lambda b: b[:, 0], "the oldest state is carried on", id="oldest"),
        pytest.param(lambda b: None, "the states so far are left out", id="none"),
        pytest.param(lambda b: b.mean(1), "the states so far are averaged", id="mean"),
        pytest.param(lambda b: b.sum(1), "the states so far are added up", id="sum"),
    ],
)
def test_a_slip_in_a_step_is_told_from_rounding_and_named(
    state: Callable[[Tensor], Tensor | None], name: str
) -> None:
    for seed in range(SLIP_DRAWS):
        check = OneStepOfTheNetwork()
        asked = check.ask(Draw(seed))
        yard = RecurrentYardstick(asked, ("relu", "tanh")[seed % 2])
        now, before = asked["input"][:, None], asked["before"]
        first, right = yard.read(now), yard.read(now, before[:, -1])
        slip = yard.read(now, state(before))
        answered = {"first_state": first[0], "first_output": first[1], "cell": right[0]}
        answered |= {"later_state": slip[0], "later_output": slip[1]}
        with pytest.raises(Wrong) as told:
            check.mark(asked, {each: value[:, 0] for each, value in answered.items()})
        assert told.value.mistake == name


@pytest.mark.parametrize(
    ("way", "other", "name"),
    [
        pytest.param(0, 3, "a cell with tanh, but a sequence with ReLU", id="relu"),
        pytest.param(3, 0, "a cell with ReLU, but a sequence with tanh", id="tanh"),
    ],
)
def test_two_activations_in_one_network_are_told_apart(way: int, other: int, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_sequence(seed, way, other)
        assert told.value.mistake == name


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(NewestPositionAsks, id="step"),
        pytest.param(AttentionOfASequence, id="forward"),
    ],
)
def test_every_slip_of_attention_is_told_from_rounding_and_named(kind: type[Check]) -> None:
    for seed in range(SLIP_DRAWS // 2):
        check = kind()
        asked = check.ask(Draw(seed))
        right = attention(asked, asked["y_all"], in_order)
        for name, value, _ in SelfAttentionYardstick(asked, asked["y_all"]).slips():
            if value.shape != right[:, -1].shape:
                continue
            output = torch.cat([right[:, :-1], value.float()[:, None]], 1)
            with pytest.raises(Wrong) as told:
                check.mark(asked, {"found": value.float(), "output": output, "alone": right[:, 0]})
            assert told.value.mistake == name


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param(
            lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5).softmax(-1) @ v,
            "the mask is missing",
            id="no-mask",
        ),
        pytest.param(
            lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5).softmax(-1).tril() @ v,
            "the mask comes after the softmax",
            id="late-mask",
        ),
        pytest.param(
            lambda q, k, v: in_order(q.flip(1), k.flip(1), v.flip(1)).flip(1),
            "the mask is on the wrong triangle",
            id="triangle",
        ),
    ],
)
def test_looking_ahead_is_told_from_rounding_and_named(slip: Mixer, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_attention(NoPositionLooksAhead, seed, slip)
        assert told.value.mistake == name


def test_the_operator_of_the_library_is_what_the_yardstick_computes() -> None:
    """Where keys and values are as wide as the states, the library's whole module agrees too."""
    torch.manual_seed(0)
    module = nn.MultiheadAttention(5, 1, batch_first=True, dtype=torch.float64)
    weights = dict(zip(LAYERS, module.in_proj_weight.detach().chunk(3), strict=True))
    asked = {f"{name}.weight": value for name, value in weights.items()}
    biases = module.in_proj_bias.detach().chunk(3)
    asked |= {f"{name}.bias": value for name, value in zip(LAYERS, biases, strict=True)}
    asked["output_transform.weight"] = module.out_proj.weight.detach()
    asked["output_transform.bias"] = module.out_proj.bias.detach()
    y_all = torch.randn(2, 7, 5, dtype=torch.float64)
    mask = torch.ones(7, 7, dtype=torch.bool).triu(1)
    found, _ = module(y_all, y_all, y_all, attn_mask=mask)
    assert torch.allclose(SelfAttentionYardstick(asked, y_all).forward(), found, atol=1e-12)
