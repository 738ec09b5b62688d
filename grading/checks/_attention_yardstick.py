"""Attention in float64, the usual slips of it, and what can be seen on the way to its output.

Shapes: `B` sequences, `T` positions, `C` features.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from grading.compare import answer_named, expect, expect_shape, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.stepwise import Step

LAYERS = ("q_layer", "k_layer", "v_layer")


def drawn_weights(draw: Draw, features: int) -> Tensors:
    """Random weights and biases for the three projections, large enough to matter."""
    drawn: Tensors = {}
    for layer in LAYERS:
        drawn[f"{layer}.weight"] = draw.normal(features, features, scale=features**-0.5)
        drawn[f"{layer}.bias"] = draw.normal(features)
    return drawn


class AttentionYardstick:
    """Attention in float64, and the usual slips of it.

    Args:
        asked: `inputs` (B, T, C) and the weights of the three projections.
    """

    def __init__(self, asked: Tensors) -> None:
        self.drawn = {name: tensor.double() for name, tensor in asked.items()}
        self.inputs = self.drawn["inputs"]
        self.queries, self.keys, self.values = (
            self.inputs @ self.drawn[f"{layer}.weight"].T + self.drawn[f"{layer}.bias"]
            for layer in LAYERS
        )
        self.features = self.inputs.shape[-1]
        steps = self.inputs.shape[1]
        self.lower = torch.ones(steps, steps, dtype=torch.bool).tril()

    def scores(self) -> Tensor:
        """Unmasked scores scaled by the square root of C, (B, T, T)."""
        return self.queries @ self.keys.mT / math.sqrt(self.features)

    def attend(self, scores: Tensor, mask: Tensor | None, axis: int = -1) -> Tensor:
        """Mask, normalise and mix the values: (B, T, C)."""
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights: Tensor = torch.nan_to_num(scores.softmax(axis))
        mixed: Tensor = weights @ self.values
        return mixed

    def tolerance(self) -> Tensor:
        """Rounding of two sums over C, the exponential of scores that large, and a sum over T."""
        magnitude = self.scores().abs().max() + 1
        largest = self.values.abs().max()
        return rounding(2 * self.features + self.inputs.shape[1], magnitude * largest)

    def steps(self, answered: Tensors, rows: slice) -> list[Step]:
        """What can be seen on the way from the inputs to the output, in its order.

        Args:
            answered: what came out of the three layers, and the weights, as far as seen.
            rows: the positions whose weights are looked at.
        """
        terms = self.features + 1
        steps = [
            Step(
                name,
                answered.get(f"{layer}.out"),
                want,
                rounding(terms, self.magnitude(layer)),
            )
            for layer, name, want in (
                ("q_layer", "the queries", self.queries),
                ("k_layer", "the keys", self.keys),
                ("v_layer", "the values", self.values),
            )
        ]
        shares, seen = self.scores().masked_fill(~self.lower, -torch.inf).softmax(-1), None
        if (weights := answered.get("weights")) is not None and weights.shape == shares.shape:
            seen = weights[:, rows]
        largest = (self.queries.abs() @ self.keys.abs().mT).max() / math.sqrt(self.features) + 1
        allowed = rounding(2 * terms + self.inputs.shape[1], largest)

        def symptom(got: Tensor) -> str:
            return _trouble_with(got, self.lower[rows], range(len(self.lower))[rows], allowed)

        return [*steps, Step("the attention weights", seen, shares[:, rows], allowed, symptom)]

    def magnitude(self, layer: str) -> Tensor:
        """A layer's output computed from absolute values, (B, T, C)."""
        weight, bias = self.drawn[f"{layer}.weight"], self.drawn[f"{layer}.bias"]
        return self.inputs.abs() @ weight.abs().T + bias.abs()


def _trouble_with(weights: Tensor, lower: Tensor, positions: range, allowed: Tensor) -> str:
    """What is wrong with rows of attention weights at a glance, or "".

    Args:
        weights: (B, R, T), of some of the positions.
        lower: where they may be other than zero, (R, T) bool.
        positions: which ones, R of them.
        allowed: what rounding may do.
    """
    off = (weights.sum(-1) - 1).abs().amax(0)  # (R,)
    if not bool(weights.isfinite().all()):
        return "the attention weights are not all numbers"
    if bool((off > allowed).any()):
        row = int(off.argmax())
        total = weights.sum(-1)[(weights.sum(-1) - 1).abs()[:, row].argmax(), row].item()
        return f"the attention weights of position {positions[row]} sum to {total:.3g}, not 1"
    late = (weights.abs() * ~lower).amax(0)  # (R, T)
    if bool((late > allowed).any()):
        row, column = divmod(int(late.argmax()), late.shape[1])
        share = late[row, column].item()
        return f"position {positions[row]} gives position {column} a weight of {share:.3g}"
    return ""


def output_of(asked: Tensors, answered: Tensors, name: str) -> Tensor:
    """A block's output of that name, (B, T, C) float64.

    Raises:
        Wrong: if it has another shape.
    """
    shape = tuple(asked["inputs"].shape)
    output = answer_named(answered, name).double()
    hint = "Which axis is features, and does the mask add an axis of its own?"
    expect_shape(output, shape, what="the output", tried=f"an input of shape {shape}", hint=hint)
    return output


def expect_numbers(output: Tensor) -> None:
    """Require that no entry is nan or infinite.

    Raises:
        Wrong: naming the first one.
    """
    strange = (~output.isfinite()).nonzero()
    place = strange[0].tolist() if len(strange) else []
    expect(
        len(strange) == 0,
        tried="random inputs, weights and biases",
        expected="numbers in the whole output",
        got=f"{len(strange)} entries that are no numbers, the first at {place}",
        hint="What does softmax make of a row that is nothing but -∞, and which row is that?",
        name="a softmax over nothing but -∞",
    )
