"""Self-attention in float64, by PyTorch's own operator, and the usual slips of it.

Shapes: `B` sequences, `T` positions, `H` hidden width, `dk` and `dv` width of keys and values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from grading.checks._recurrent_yardstick import drawn_linear, linear, linear_shapes
from grading.compare import Mistake, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.stepwise import Step

Slip: TypeAlias = tuple[str, Tensor, str]

SCALE = "By how much does the spread of a sum of dk products grow with dk?"
AXIS = "For one query, over what do the weights sum to 1?"
ROLES = "Which of the two belongs to the position that asks?"
SEEN = "Which positions may the newest one see?"
OUT = "What does the homework apply to the mixture of the values?"


def drawn_attention(draw: Draw, hidden: int, keys: int, values: int) -> Tensors:
    """Random weights of the four layers."""
    return {
        **drawn_linear(draw, "query_transform", hidden, keys),
        **drawn_linear(draw, "key_transform", hidden, keys),
        **drawn_linear(draw, "value_transform", hidden, values),
        **drawn_linear(draw, "output_transform", values, hidden),
    }


def attention_shapes(hidden: int, keys: int, values: int) -> dict[str, tuple[int, ...]]:
    """The shapes of their parameters."""
    return {
        **linear_shapes("query_transform", hidden, keys),
        **linear_shapes("key_transform", hidden, keys),
        **linear_shapes("value_transform", hidden, values),
        **linear_shapes("output_transform", values, hidden),
    }


class SelfAttentionYardstick:
    """Attention over some outputs of the recurrent network.

    Args:
        weights: of the four layers, by the homework's names.
        y_all: (B, T, H).
    """

    def __init__(self, weights: Tensors, y_all: Tensor) -> None:
        self.weights = weights
        self.queries, self.keys, self.values = (
            linear(weights, f"{name}_transform", y_all) for name in ("query", "key", "value")
        )
        self.width, self.steps = self.keys.shape[2], self.keys.shape[1]
        self.hidden = y_all.shape[2]
        self.lower = torch.ones(self.steps, self.steps, dtype=torch.bool).tril()

    def mixtures(self) -> Tensor:
        """What every position takes from itself and those before it, (B, T, dv)."""
        return functional.scaled_dot_product_attention(
            self.queries, self.keys, self.values, is_causal=True
        )

    def forward(self) -> Tensor:
        """The same behind the last layer, (B, T, H)."""
        return self.out(self.mixtures())

    def out(self, mixture: Tensor) -> Tensor:
        """What the last layer makes of mixtures."""
        return linear(self.weights, "output_transform", mixture)

    def scores(self) -> Tensor:
        """Scaled scores of all pairs, (B, T, T)."""
        return self.queries @ self.keys.mT / math.sqrt(self.width)

    def attend(self, scores: Tensor, mask: Tensor | None = None, axis: int = -1) -> Tensor:
        """The same by hand, with other scores, another mask or another axis: (B, T, H)."""
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights: Tensor = torch.nan_to_num(scores.softmax(axis))
        return self.out(weights @ self.values)

    def slips(self) -> list[Slip]:
        """What usual slips find at the last position: its name, (B, H), a question."""
        scores, root = self.scores(), math.sqrt(self.width)
        plain = scores * root
        older = scores[:, -1:, :-1].softmax(-1) @ self.values[:, :-1]
        return [
            ("scaled by dk instead of √dk", self.attend(scores / root)[:, -1], SCALE),
            ("not scaled", self.attend(plain)[:, -1], SCALE),
            *(
                (
                    "scaled by the width of another vector",
                    self.attend(plain / math.sqrt(width))[:, -1],
                    "Which vectors does the dot product multiply, and how wide are they?",
                )
                for width in (self.hidden, self.values.shape[2])
            ),
            ("softmax over the wrong axis", self.out(self.values.sum(1)), AXIS),
            ("softmax over the wrong axis", self.attend(scores, self.lower, -2)[:, -1], AXIS),
            ("softmax over the wrong axis", self.attend(scores, axis=-2)[:, -1], AXIS),
            ("softmax over the batch", self.attend(scores, axis=0)[:, -1], AXIS),
            ("K Qᵀ instead of Q Kᵀ", self.attend(scores.mT)[:, -1], ROLES),
            ("the first position asks", self.attend(scores)[:, 0], ROLES),
            ("the newest position is left out", self.out(older)[:, 0], SEEN),
            ("the newest position sees itself alone", self.out(self.values[:, -1]), SEEN),
            (
                "the scores do not matter",
                self.out(self.values.mean(1)),
                "What do the scores change?",
            ),
            ("the last layer is left out", self.mixtures()[:, -1], OUT),
        ]

    def mistakes(self) -> list[Mistake]:
        """The same, for a comparison."""
        return [Mistake(*slip) for slip in self.slips()]

    def tolerance(self) -> Tensor:
        """Rounding of two sums, the exponential of scores that large, and two sums more: (H,).

        What is off in the entries of a mixture is as often too much as too little.
        """
        depth = self.hidden + self.width + self.steps + self.values.shape[2] + 4
        size = (1 + self.scores().abs().max()) * self.values.abs().max()
        layer = self.weights["output_transform.weight"].double().abs()  # (H, dv)
        return rounding(depth, layer.norm(dim=1) * size) + rounding(
            1, self.weights["output_transform.bias"]
        )

    def seen(self, answered: Tensors, *, newest: bool) -> list[Step]:
        """What can be seen on the way to the output, in its order.

        Args:
            answered: what came out of the first three layers and went into the last one.
            newest: of the last position alone, as in `step`, where queries of others are idle.
        """
        depth = self.hidden + 2
        largest = max(float(t.abs().max()) for t in (self.queries, self.keys, self.values)) + 1
        allowed = rounding(2 * depth, largest)
        mixed = rounding(depth + self.width + self.steps, (1 + self.scores().abs().max()) * largest)
        rows = slice(-1, None) if newest else slice(None)
        parts = [
            ("the keys", "key_transform.out", [self.keys], allowed),
            ("the values", "value_transform.out", [self.values], allowed),
            (
                "the query" if newest else "the queries",
                "query_transform.out",
                [self.queries[:, rows], self.queries],
                allowed,
            ),
            ("the mixture", "output_transform.in", [self.mixtures()[:, rows]], mixed),
        ]
        return [
            Step(name, *_fitting(answered.get(place), wanted), tolerance)
            for name, place, wanted, tolerance in parts
        ]


def _fitting(got: Tensor | None, wanted: Sequence[Tensor]) -> tuple[Tensor | None, Tensor]:
    """The answer with the value of its shape, axes of 1 apart; none where none has that shape."""
    for want in wanted:
        if got is not None and _plain(got.shape) == _plain(want.shape):
            return got.reshape(want.shape), want
    return None, wanted[0]


def _plain(shape: Sequence[int]) -> list[int]:
    return [size for size in shape if size != 1]
