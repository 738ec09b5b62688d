"""Correct attention never fails, in whatever order it is computed; a slip is never rounding."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from grading.checks._attention_yardstick import LAYERS
from grading.checks.q6_attention import LastPositionSeesAll, NoLookingAhead
from grading.claims import Wrong
from grading.draw import Draw

DRAWS = 10_000
SLIP_DRAWS = 200

Tensors = dict[str, Tensor]
Mixer = Callable[[Tensor, Tensor, Tensor], Tensor]


def in_order(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = torch.matmul(queries, keys.movedim(1, 2)) / math.sqrt(queries.shape[-1])
    return masked(scores).softmax(-1) @ values


def scaled_first(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(-2, -1)
    return masked(scores).softmax(-1) @ values


def normalised_last(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = torch.einsum("btc,bsc->bts", queries, keys) / queries.shape[-1] ** 0.5
    powers = masked(scores).exp()
    return (powers @ values) / powers.sum(-1, keepdim=True)


def with_a_large_number(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    steps = queries.shape[1]
    scores = queries @ keys.mT * (1 / math.sqrt(queries.shape[-1]))
    weights = (scores + (torch.ones(steps, steps).tril() - 1) * 1e9).softmax(-1)
    return torch.einsum("bts,bsc->btc", weights, values)


def by_library(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)


def unmasked(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return (queries @ keys.mT / queries.shape[-1] ** 0.5).softmax(-1) @ values


def by_c(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return masked(queries @ keys.mT / queries.shape[-1]).softmax(-1) @ values


def unscaled(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return masked(queries @ keys.mT).softmax(-1) @ values


def crossed(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return in_order(keys, queries, values)


def over_the_queries(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return masked(queries @ keys.mT / queries.shape[-1] ** 0.5).softmax(-2) @ values


def backwards(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return in_order(queries.flip(1), keys.flip(1), values.flip(1)).flip(1)


def masked_late(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    weights = (queries @ keys.mT / queries.shape[-1] ** 0.5).softmax(-1)
    return weights.tril() @ values


def masked(scores: Tensor) -> Tensor:
    steps = scores.shape[-1]
    return scores.masked_fill(torch.ones(steps, steps).tril() == 0, -math.inf)


CORRECT: list[Mixer] = [in_order, scaled_first, normalised_last, with_a_large_number, by_library]


def run(mix: Mixer, asked: Tensors, inputs: Tensor) -> Tensor:
    projected = [
        functional.linear(inputs, asked[f"{layer}.weight"], asked[f"{layer}.bias"])
        for layer in LAYERS
    ]
    return mix(*projected)


def put_values(seed: int, mix: Mixer) -> None:
    check = LastPositionSeesAll()
    asked = check.ask(Draw(seed))
    check.mark(asked, {"output": run(mix, asked, asked["inputs"])})


def put_causal(seed: int, mix: Mixer, changed: Mixer | None = None) -> None:
    check = NoLookingAhead()
    asked = check.ask(Draw(seed))
    ways = {"inputs": mix, "later": changed or mix, "earlier": mix}
    answered = {name: run(way, asked, asked[name]) for name, way in ways.items()}
    alike = {**asked, "v_layer.weight": torch.zeros_like(asked["v_layer.weight"])}
    check.mark(asked, {**answered, "alike": run(mix, alike, asked["inputs"])})


@pytest.mark.slow
def test_ten_thousand_correct_values_all_pass() -> None:
    for seed in range(DRAWS):
        put_values(seed, CORRECT[seed % len(CORRECT)])


@pytest.mark.slow
def test_ten_thousand_causal_blocks_all_pass_even_if_the_order_of_operations_changes() -> None:
    for seed in range(DRAWS):
        put_causal(seed, CORRECT[seed % len(CORRECT)], CORRECT[seed // 7 % len(CORRECT)])


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param(by_c, "scaled by C instead of √C", id="by-c"),
        pytest.param(unscaled, "not scaled", id="not-scaled"),
        pytest.param(crossed, "K Qᵀ instead of Q Kᵀ", id="crossed"),
        pytest.param(over_the_queries, "softmax over the wrong axis", id="axis"),
        pytest.param(backwards, "the mask is on the wrong triangle", id="triangle"),
    ],
)
def test_a_slip_in_the_values_is_told_from_rounding_and_named(slip: Mixer, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_values(seed, slip)
        assert told.value.mistake == name


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param(unmasked, "the mask is missing", id="no-mask"),
        pytest.param(backwards, "the mask is on the wrong triangle", id="triangle"),
        pytest.param(masked_late, "the mask comes after the softmax", id="late-mask"),
    ],
)
def test_looking_ahead_is_told_from_rounding_and_named(slip: Mixer, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_causal(seed, slip)
        assert told.value.mistake == name
