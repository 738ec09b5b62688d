"""Numbers in float64 together with how far off float32 may take them: running error analysis.

Each operation adds its own rounding to what its inputs bring along (Higham, Accuracy and Stability
of Numerical Algorithms, 2002, section 3.3). So a long computation needs no bound found by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from grading.compare import rounding


@dataclass(frozen=True)
class Rounded:
    """Values, and for each of them the largest error.

    Attributes:
        value: float64.
        error: float64, of the same shape.
    """

    value: Tensor
    error: Tensor

    def __getitem__(self, index: object) -> Rounded:
        return Rounded(self.value[index], self.error[index])  # type: ignore[index]

    def __add__(self, other: Rounded) -> Rounded:
        value = self.value + other.value
        return Rounded(value, self.error + other.error + _own(1, self.value, other.value))

    def __mul__(self, other: Rounded) -> Rounded:
        brought = self.value.abs() * other.error + other.value.abs() * self.error
        return Rounded(
            self.value * other.value,
            brought + self.error * other.error + rounding(1, self.value * other.value),
        )

    def __matmul__(self, other: Rounded) -> Rounded:
        mine, theirs = self.value.abs(), other.value.abs()
        brought = mine @ other.error + self.error @ (theirs + other.error)
        return Rounded(
            self.value @ other.value, brought + rounding(self.value.shape[-1] + 1, mine @ theirs)
        )

    @property
    def mT(self) -> Rounded:  # noqa: N802 - as PyTorch calls it
        """The last two axes exchanged."""
        return Rounded(self.value.mT, self.error.mT)

    def sigmoid(self) -> Rounded:
        """The logistic function; its slope changes by at most 1/10 over a distance of 1."""
        value = self.value.sigmoid()
        slope = (value * (1 - value) + self.error / 10).clamp_max(0.25)
        return Rounded(value, slope * self.error + rounding(2, value))

    def tanh(self) -> Rounded:
        """The hyperbolic tangent; its slope changes by at most 4/5 over a distance of 1."""
        value = self.value.tanh()
        slope = (1 - value**2 + 0.8 * self.error).clamp_max(1.0)
        return Rounded(value, slope * self.error + rounding(2, value))

    def softmax(self, hidden: Tensor | None = None, axis: int = -1) -> Rounded:
        """Shares that sum to 1 along an axis.

        Args:
            hidden: which entries get no share, of the same shape.
            axis: the axis.
        """
        scores, off = self.value, self._off(hidden, axis)
        if hidden is not None:
            scores = scores.masked_fill(hidden, -torch.inf)
        value = scores.softmax(axis)
        return Rounded(
            value, value * torch.expm1(2 * off) + rounding(scores.shape[axis] + 4, value)
        )

    def log_softmax(self) -> Rounded:
        """The logarithms of such shares, along the last axis."""
        value = self.value.log_softmax(-1)
        off = 2 * self._off(None, -1) + rounding(self.value.shape[-1] + 4, 1.0)
        return Rounded(value, off + rounding(2, value))

    def _off(self, hidden: Tensor | None, axis: int) -> Tensor:
        """How far off the difference to the largest score may be, at most, along an axis."""
        error = self.error + rounding(2, self.value)
        if hidden is not None:
            error = error.masked_fill(hidden, 0.0)
        return error.amax(axis, keepdim=True)


def exact(value: Tensor) -> Rounded:
    """Numbers without an error: inputs and weights."""
    return Rounded(value.double(), torch.zeros_like(value, dtype=torch.float64))


def joined(parts: Sequence[Rounded], axis: int = -1) -> Rounded:
    """Several along an axis, one behind the other."""
    return Rounded(
        torch.cat([part.value for part in parts], axis),
        torch.cat([part.error for part in parts], axis),
    )


def stacked(parts: Sequence[Rounded], axis: int = 0) -> Rounded:
    """Several along a new axis."""
    return Rounded(
        torch.stack([part.value for part in parts], axis),
        torch.stack([part.error for part in parts], axis),
    )


def _own(depth: int, *values: Tensor) -> Tensor:
    """The rounding of a sum of values of any signs, in any order of adding."""
    size = torch.zeros((), dtype=torch.float64)
    for value in values:
        size = size + value.abs()
    return rounding(depth, size)
