"""Checks of q9, back-propagation through time (Werbos, 1990): for practice.

Shapes: `T` steps, `I` inputs, `H` hidden units, `O` outputs.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import returned

TRIED = "a random sequence, weights of random sizes"


def _drawn(draw: Draw) -> Tensors:
    """A sequence with its labels, and weights under which states neither vanish nor explode."""
    steps, inputs, hidden, outputs = draw.sizes(T=2, I=2, H=2, O=2, low=2, high=11)
    labels = draw.integers(steps, low=0, high=outputs)
    return {
        "x": draw.normal(steps, inputs).double(),
        "y": torch.eye(outputs, dtype=torch.float64)[labels],
        "input_weights": draw.normal(hidden, inputs, scale=inputs**-0.5).double(),
        "hidden_weights": draw.normal(hidden, hidden, scale=hidden**-0.5).double(),
        "output_weights": draw.normal(outputs, hidden, scale=hidden**-0.5).double(),
    }


class _Yardstick:
    """All gradients by automatic differentiation, in float64."""

    def __init__(self, asked: Tensors) -> None:
        self.w_hx, self.w_hh, self.w_hy = (
            asked[f"{name}_weights"] for name in ("input", "hidden", "output")
        )
        recurrent = self.w_hh.clone().requires_grad_()
        passed = [torch.zeros(len(self.w_hh), dtype=torch.float64)]
        for x in asked["x"]:
            passed.append(recurrent @ passed[-1] + self.w_hx @ x)
        states = passed[1:]
        outputs = [self.w_hy @ each for each in states]
        logs = torch.stack(outputs).log_softmax(1)
        loss = -(asked["y"] * logs).sum()
        found = torch.autograd.grad(loss, (*states, *outputs, recurrent))
        steps = len(states)
        self.states, self.predictions = torch.stack(states).detach(), logs.exp().detach()
        self.g_h, self.g_o = torch.stack(found[:steps]), torch.stack(found[steps:-1])
        self.g_w = found[-1]
        self.y = asked["y"]
        self.before = torch.cat([torch.zeros_like(self.states[:1]), self.states[:-1]])

    def through(self, back: Tensor) -> Tensor:
        """The states' gradients with another matrix on the way back."""
        gradient, found = torch.zeros_like(self.states[0]), []
        for own in (self.g_o @ self.w_hy).flip(0):
            gradient = own + back @ gradient
            found.append(gradient)
        return torch.stack(found[::-1])

    def tolerance(self) -> Tensor:
        """Generous for float32, far below any slip."""
        largest = 1 + self.states.abs().max() + self.g_h.abs().max()
        return rounding(sum(self.w_hh.shape) + len(self.states), largest**2)


@check("q9.rnn_states", points=0)
class StatesAndPredictions(Check):
    """The states follow from one another, and every step's softmax is its prediction."""

    def ask(self, draw: Draw) -> Tensors:
        """A sequence and weights."""
        return _drawn(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """States and predictions."""
        names = ("input_weights", "hidden_weights", "output_weights")
        network = student.models.ThreeStepRNN(*(asked[name] for name in names))
        return {
            "states": returned(network.states(asked["x"]), "states"),
            "predictions": returned(network.forward(asked["x"]), "forward"),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """By the equations."""
        right = _Yardstick(asked)
        for name, want in (("states", right.states), ("predictions", right.predictions)):
            expect_close(
                got=answer_named(answered, name),
                want=want,
                tolerance=right.tolerance(),
                what=f"the {name}",
                tried=TRIED,
                hint="What does step t take over from step t - 1?",
            )


@check("q9.rnn_gradients", points=0, after="q9.rnn_states")
class GradientsThroughTime(Check):
    """The gradients of outputs, states and W_hh include everything that comes later."""

    def ask(self, draw: Draw) -> Tensors:
        """A sequence, its labels and weights."""
        return _drawn(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The three gradients."""
        names = ("input_weights", "hidden_weights", "output_weights")
        network = student.models.ThreeStepRNN(*(asked[name] for name in names))
        x, y = asked["x"], asked["y"]
        return {
            "outputs": returned(network.output_gradients(x, y), "output_gradients"),
            "states": returned(network.hidden_gradients(x, y), "hidden_gradients"),
            "recurrent": returned(network.recurrent_gradient(x, y), "recurrent_gradient"),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As automatic differentiation has them."""
        right = _Yardstick(asked)
        later = "Through which states does h_1 reach the last loss?"
        for name, want, mistakes in (
            (
                "outputs",
                right.g_o,
                [
                    Mistake(
                        "the label is not subtracted",
                        right.predictions,
                        "What should the gradient be where the prediction is perfect?",
                    )
                ],
            ),
            (
                "states",
                right.g_h,
                [
                    Mistake("later steps are forgotten", right.g_o @ right.w_hy, later),
                    Mistake(
                        "W_hh is not transposed on the way back",
                        right.through(right.w_hh),
                        "Entry [i, j] of W_hh leads from j to i: which way does a gradient go?",
                    ),
                ],
            ),
            (
                "recurrent",
                right.g_w,
                [
                    Mistake(
                        "h_t stands where h_(t-1) should",
                        right.g_h.T @ right.states,
                        "Which state does W_hh multiply at step t?",
                    ),
                    Mistake(
                        "the product is transposed",
                        right.g_w.T,
                        "Is entry [i, j] the gradient at i or at j?",
                    ),
                ],
            ),
        ):
            expect_close(
                got=answer_named(answered, name),
                want=want,
                tolerance=right.tolerance() * (1 + right.before.abs().max()) / 16,
                what=f"the gradient: {name}",
                tried=TRIED,
                hint=later,
                mistakes=mistakes,
            )
