"""The mini CNN in float64: automatic differentiation, and the usual slips worked out by hand.

Shapes: `n` cases, each with an input of 3, a label, and weights w and v of 2 each.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from grading.draw import Draw
from grading.frames import Tensors

EACH = 3  # cases for each of: both units on, the first only, the second only, none


def drawn_cases(draw: Draw) -> Tensors:
    """Random cases in which the units are on in every combination, and one exactly at the edge."""
    inputs, w = draw.normal(400, 3).double(), draw.normal(400, 2).double()
    on = windows(inputs) @ w[:, :, None] > 0  # (n, 2, 1)
    kinds = (on[:, :, 0] * torch.tensor([1, 2])).sum(1)  # (n,) in 0..3
    chosen = torch.cat([(kinds == kind).nonzero()[:EACH, 0] for kind in (3, 1, 2, 0)])
    edge_x, edge_w = torch.tensor([[1.0, -1.0, 3.0]]), torch.tensor([[2.0, 2.0]])  # a1 = 0, a2 = 4
    inputs = torch.cat([inputs[chosen], edge_x.double()])
    w = torch.cat([w[chosen], edge_w.double()])
    labels = 1 - 2 * (torch.arange(len(inputs)) % 2)
    v = draw.normal(len(inputs), 2).double()
    v += v.sign()  # no weight that hides a unit
    # The prediction at the edge is wrong, so that the slope is large and shows what a1 = 0 does.
    labels[-1] = -int(v[-1, 1].sign())
    return {"inputs": inputs, "labels": labels, "w": w, "v": v}


def windows(inputs: Tensor) -> Tensor:
    """What the filter sees: (n, 3) to (n, 2, 2)."""
    return torch.stack([inputs[:, :2], inputs[:, 1:]], dim=1)


class Sizes(NamedTuple):
    """Magnitudes for tolerances, elementwise; `o` has that of `a`.

    Attributes:
        a: (n, 2).
        prediction: (n,).
        w_gradient: (n, 2).
        v_gradient: (n, 2).
    """

    a: Tensor
    prediction: Tensor
    w_gradient: Tensor
    v_gradient: Tensor


class MiniYardstick:
    """Everything about some cases.

    Args:
        asked: as drawn.
    """

    def __init__(self, asked: Tensors) -> None:
        self.inputs, self.labels = asked["inputs"], asked["labels"].double()
        self.w, self.v = asked["w"], asked["v"]
        self.a = (windows(self.inputs) @ self.w[:, :, None])[:, :, 0]  # (n, 2)
        self.o = self.a.clamp(min=0)
        self.prediction = (self.o * self.v).sum(1)  # (n,)
        self.slope = -self.labels * torch.sigmoid(-self.labels * self.prediction)  # (n,)

    def gradients(self) -> tuple[Tensor, Tensor]:
        """Those with respect to w and v, (n, 2) each, by automatic differentiation."""
        w, v = self.w.clone().requires_grad_(), self.v.clone().requires_grad_()
        hidden = (windows(self.inputs) @ w[:, :, None])[:, :, 0].relu()
        loss = functional.softplus(-self.labels * (hidden * v).sum(1)).sum()
        w_gradient, v_gradient = torch.autograd.grad(loss, (w, v))
        return w_gradient, v_gradient

    def w_gradient(self, *, slope: Tensor | None = None, on: Tensor | None = None) -> Tensor:
        """By hand, (n, 2), with something else in place of one of its factors."""
        slope = self.slope if slope is None else slope
        on = (self.a > 0).double() if on is None else on
        before = slope[:, None] * self.v * on
        return torch.stack(
            [(before * self.inputs[:, :2]).sum(1), (before * self.inputs[:, 1:]).sum(1)], dim=1
        )

    def one_path(self) -> Tensor:
        """The filter's gradient through the first use of w1 and the second of w2 alone, (n, 2)."""
        before = self.slope[:, None] * self.v * (self.a > 0).double()
        return before * self.inputs[:, [0, 2]]

    def slopes(self) -> tuple[tuple[str, Tensor, str], ...]:
        """Usual slips of the loss's derivative, with a question that leads to each."""
        margin = self.labels * self.prediction
        return (
            (
                "the sigmoid has the wrong sign inside",
                -self.labels * torch.sigmoid(margin),
                "Should the gradient be large where the prediction is right or where it is wrong?",
            ),
            (
                "the label is forgotten",
                -torch.sigmoid(-margin),
                "What is the derivative of y times the prediction by the prediction?",
            ),
            (
                "the gradient has the wrong sign",
                -self.slope,
                "Does the loss grow or fall with y times the prediction?",
            ),
        )

    def sizes(self) -> Sizes:
        """The same computation on absolute values: by how much rounding can move each number."""
        seen, v = windows(self.inputs).abs(), self.v.abs()
        a = (seen @ self.w.abs()[:, :, None])[:, :, 0]
        prediction = (a * v).sum(1)
        # The sigmoid is at most as far off as its argument, and itself at most 1.
        slope = 1 + prediction[:, None]
        w_gradient = (seen.mT @ v[:, :, None])[:, :, 0] * slope
        return Sizes(a, prediction, w_gradient, a * slope)
