"""Checks of q8's ReLU, forward and backward, in NumPy.

Shapes: `N` examples, `D` units.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._mlp_yardstick import expect_untouched
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import array_of, tensor_of


@check("q8.relu", points=2)
class Rectifier(Check):
    """relu.forward keeps what is positive and makes everything else 0."""

    def ask(self, draw: Draw) -> Tensors:
        """Random inputs of both signs, some exactly 0."""
        return {"X": _with_zeros(draw, *draw.sizes(N=2, D=3))}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The output, and X as it is afterwards."""
        X = array_of(asked["X"])  # noqa: N806
        output = student.neural_networks.relu().forward(X)
        return {
            "output": tensor_of(output, "what relu.forward returns"),
            "after": tensor_of(X, "X"),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The larger of 0 and X, with X left alone."""
        x = asked["X"].double()
        tried = f"numbers of both signs, of shape {tuple(x.shape)}"
        think = "What comes out for -2, and what for 3?"
        expect_close(
            got=answer_named(answered, "output"),
            want=x.clamp_min(0),
            tolerance=rounding(2, x.abs()),
            what="the output",
            tried=tried,
            hint=think,
            mistakes=[
                Mistake("the absolute value", x.abs(), think),
                Mistake("the positive ones are cut off", x.clamp_max(0), think),
                Mistake("nothing is cut off", x, think),
            ],
        )
        expect_untouched(answered, x, "X", tried)


@check("q8.relu_gradients", points=2)
class RectifierGradient(Check):
    """relu.backward passes the gradient on where X was positive, and 0 elsewhere."""

    def ask(self, draw: Draw) -> Tensors:
        """Inputs and gradients of both signs; some inputs exactly 0."""
        shape = draw.sizes(N=3, D=3)
        grad = draw.normal(*shape)
        grad.view(-1)[:3] = torch.tensor([1.2, 0.7, -0.9])  # each of another sign than X
        return {"X": _with_zeros(draw, *shape), "grad": grad}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradient for X, and what was given as it is afterwards."""
        X, grad = array_of(asked["X"]), array_of(asked["grad"])  # noqa: N806
        layer = student.neural_networks.relu()
        layer.forward(X.copy())  # some layers remember their input
        back = tensor_of(layer.backward(X, grad), "what relu.backward returns")
        return {"back": back, "X after": tensor_of(X, "X"), "grad after": tensor_of(grad, "grad")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The gradient times 1 or 0."""
        x, grad = asked["X"].double(), asked["grad"].double()
        tried = f"X and grad of both signs, of shape {tuple(x.shape)}, with zeros in X"
        think = "On what does it depend whether a unit lets a gradient through?"
        at_zero = "X is exactly 0 here: is that positive?"
        expect_close(
            got=answer_named(answered, "back"),
            want=grad * (x > 0),
            tolerance=rounding(2, grad.abs()),
            what="the gradient for X",
            tried=tried,
            hint=think,
            mistakes=[
                Mistake("the mask is taken of the gradient", grad.clamp_min(0), think),
                Mistake("negative inputs pass a gradient", grad, think),
                Mistake("an input of 0 passes a gradient", grad * (x >= 0), at_zero),
                Mistake("half a gradient at 0", grad * ((x > 0) + 0.5 * (x == 0)), at_zero),
                Mistake("the incoming gradient is left out", (x > 0).double(), "What is `grad`?"),
            ],
        )
        for name, value in (("X", x), ("grad", grad)):
            expect_untouched(answered, value, name, tried)


def _with_zeros(draw: Draw, *shape: int) -> Tensor:
    """Normal numbers, about a fifth of them exactly 0, at least one of each kind."""
    numbers = draw.normal(*shape) * (draw.uniform(*shape) > 0.2)
    numbers.view(-1)[:3] = torch.tensor([0.0, -1.5, 2.5])
    return numbers
