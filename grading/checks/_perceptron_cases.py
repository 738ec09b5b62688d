"""Small data sets on which the perceptron's weights after training are known exactly.

The points of a data set are copies of one point, or orthogonal to each other: then the score of
a point depends on its own updates alone, and the end is the same in whichever order a student
visits the points.

Shapes: `N` points, `D` features.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from grading.claims import Wrong
from grading.draw import Draw

COPIES = 500
PASSES = 100
AT_ZERO = "The score is 0 here. Which class is predicted then, and is that the label?"


def drawn_weights(draw: Draw, features: int) -> Tensor:
    """Whole numbers other than 0, (1, D)."""
    size = draw.integers(1, features, low=1, high=10).float()
    return torch.where(draw.uniform(1, features) < 0.5, size, -size)


def on_the_line(draw: Draw, weights: Tensor) -> Tensor:
    """A point whose score is exactly 0 with the given whole weights, (1, D)."""
    first, second = draw.shuffled(weights.shape[1])[:2].tolist()
    point = torch.zeros_like(weights)
    point[0, first], point[0, second] = weights[0, second], -weights[0, first]
    return point


@dataclass(frozen=True)
class Case:
    """One data set.

    Attributes:
        tried: describes it to the student.
        weights: before training, (1, D).
        x: (N, D).
        y: (N, 1), each 1 or -1.
        begins_at_zero: whether the first point's score is exactly 0 at the start.
    """

    tried: str
    weights: Tensor
    x: Tensor
    y: Tensor
    begins_at_zero: bool = False

    def trained(self, at_zero: float = 1.0, passes: int = PASSES) -> Tensor:
        """The weights after training by the rule, (1, D) float64.

        Args:
            at_zero: the prediction where the score is 0.
            passes: at most so many.
        """
        weights, x, y = self.weights[0].double(), self.x.double(), self.y[:, 0].double()
        for _ in range(passes):
            before, place = weights, 0
            while place < len(x):
                scores = x[place:] @ weights
                wrong = (torch.where(scores == 0, at_zero, scores.sign()) != y[place:]).nonzero()
                if len(wrong) == 0:
                    break
                place += int(wrong[0])
                weights = weights + y[place] * x[place]
                place += 1
            if weights is before:
                break
        return weights[None]

    def agrees(self, got: Tensor, want: Tensor) -> bool:
        """Whether the weights are the wanted ones; whole and half numbers leave no rounding."""
        return got.shape == want.shape and bool((got.double() == want).all())

    def wrong(self, got: Tensor) -> Wrong:
        """Feedback on weights that are not those of the rule; names the slip where it is known."""
        want = self.trained()
        mistake, think = self._diagnosis(got, want)
        return Wrong(
            tried=f"training from w = {row(self.weights)} on {self.tried}",
            expected=f"w = {row(want)}",
            got=f"w = {row(got)}" if got.shape == want.shape else f"w of shape {tuple(got.shape)}",
            think=think or "Work the first update by hand: what is added to w, and when?",
            mistake=mistake,
        )

    def _diagnosis(self, got: Tensor, want: Tensor) -> tuple[str, str]:
        """The name of the slip and the question that leads to it, or two empty strings."""
        if got.shape != want.shape or not bool(got.isfinite().all()):
            return "", ""
        if bool((self.x != self.x[0]).any()):
            return self._of_many(got)
        added, needed = self._times_added(got), self._times_added(want)
        if math.isnan(added):
            return "", ""
        if self.begins_at_zero and round(added, 3) == 0:
            return "no update on a zero score", AT_ZERO
        if self.begins_at_zero and needed == 0:
            return "an update on a zero score that is right", AT_ZERO
        if round(added, 3) == 0:
            return "never updates", "Which points here are predicted wrongly?"
        if added > len(self.x) - 1:
            return "updates also on correct points", "What happens at a point that is right?"
        return "a learning rate other than 1", "By which factor is y times x multiplied?"

    def _of_many(self, got: Tensor) -> tuple[str, str]:
        if self.agrees(got, self.trained(passes=1)):
            return "stops after one pass", "After one pass, is every point right?"
        return "", ""

    def _times_added(self, weights: Tensor) -> float:
        """How many times y x was added to the weights, or NaN if something else was."""
        direction = self.y[0].double() * self.x[0].double()  # (D,)
        added = (weights.double() - self.weights)[0]
        times = added @ direction / (direction @ direction)
        off = (added - times * direction).abs().max()
        return float(times) if off <= 1e-3 * (1 + added.abs().max()) else math.nan


def row(weights: Tensor) -> str:
    """The numbers of (1, D) for a sentence."""
    return "(" + ", ".join(f"{value:g}" for value in weights[0].tolist()) + ")"


def drawn_cases(draw: Draw) -> list[Case]:
    """Copies of a right point, of two wrong ones, of two on the line, and several points."""
    (features,) = draw.sizes(dimensions=2, low=3, high=7)
    cases = []
    for low, high, label in ((-6, -2, -1), (5, 9, -1), (-8, -4, 1)):
        weights, factor = drawn_weights(draw, features), draw.integer(low, high) / 2
        cases.append(
            Case(
                f"{COPIES} copies of x = {factor:g} w with label {label}",
                weights,
                (factor * weights).repeat(COPIES, 1),
                torch.full((COPIES, 1), float(label)),
            )
        )
    for label in (-1, 1):
        weights = drawn_weights(draw, features)
        point = on_the_line(draw, weights)
        tried = f"10 copies of a point whose score is 0 at first, with label {label}"
        x, y = point.repeat(10, 1), torch.full((10, 1), float(label))
        cases.append(Case(tried, weights, x, y, begins_at_zero=True))
    return [*cases, _several_points(draw, features)]


def _several_points(draw: Draw, features: int) -> Case:
    """Orthogonal points, every one of which needs two or more updates."""
    y = torch.where(draw.uniform(features, 1) < 0.5, 1.0, -1.0)
    # A score of 2 w_i moves by 4 an update, and begins at an odd multiple of 2: never at zero.
    weights = -y.T * (3 + 2 * draw.integers(1, features, low=0, high=4)).float()
    tried = f"{features} points, each 2 at one feature of its own and 0 at the others"
    return Case(tried, weights, 2 * torch.eye(features), y)
