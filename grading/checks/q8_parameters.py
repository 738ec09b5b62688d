"""The check of q8's gradient step: every parameter of every layer, against its gradient."""

from __future__ import annotations

from typing import Any

import torch

from grading.checks._mlp_yardstick import PARAMETERS, drawn_layer
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import WrongType, array_of, entry_of


@check("q8.step", points=2)
class OneStep(Check):
    """miniBatchGradientDescent moves every parameter by the learning rate against its gradient."""

    def ask(self, draw: Draw) -> Tensors:
        """Parameters and gradients of both layers, and a learning rate."""
        inputs, hidden, classes = draw.sizes(D=2, M=2, K=2)
        asked: Tensors = {"rate": draw.uniform(1, low=0.05, high=0.5)}
        for name, sizes in (("L1", (inputs, hidden)), ("L2", (hidden, classes))):
            asked |= drawn_layer(draw, *sizes, f"{name}.")
            asked |= drawn_layer(draw, *sizes, f"gradient {name}.")
        return asked

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The parameters of the model that comes back; two of its layers have none.

        The layers are of the student's classes, since a step may ask for these, but none of their
        code has run: a layer that is wrong or not written yet leaves the step as it is.
        """
        kinds = {
            "L1": student.neural_networks.linear_layer,
            "nonlinear1": student.neural_networks.relu,
            "L2": student.neural_networks.linear_layer,
            "loss": student.neural_networks.softmax_cross_entropy,
        }
        model = {name: object.__new__(kind) for name, kind in kinds.items()}
        for name in ("L1", "L2"):
            model[name].params = {part: array_of(asked[f"{name}.{part}"]) for part in ("W", "b")}
            model[name].gradient = {
                part: array_of(asked[f"gradient {name}.{part}"]) for part in ("W", "b")
            }
        back = student.neural_networks.miniBatchGradientDescent(model, float(asked["rate"]))
        if not isinstance(back, dict) or not {"L1", "L2"} <= set(back):
            shown = "None" if back is None else type(back).__name__
            raise WrongType(
                f"miniBatchGradientDescent returned {shown}; it should return the model"
            )
        return {
            f"{name}.{part}": entry_of(back[name].params, part, f"{name}.params")
            for name in ("L1", "L2")
            for part in ("W", "b")
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The old value less rate times gradient."""
        rate = float(asked["rate"])
        for name in PARAMETERS:
            value, gradient = asked[name].double(), asked[f"gradient {name}"].double()
            expect_close(
                got=answer_named(answered, name),
                want=value - rate * gradient,
                tolerance=rounding(4, value.abs() + rate * gradient.abs()),
                what=name,
                tried=f"one step with learning rate {rate:.3g} from known parameters and gradients",
                hint="By how much, and in which direction, does each parameter move?",
                mistakes=[
                    Mistake(
                        "the step goes uphill",
                        value + rate * gradient,
                        "Does the loss grow or fall in the direction of the gradient?",
                    ),
                    Mistake(
                        "a parameter does not move",
                        value,
                        f"{name} is as it was. Does the step reach it, and is the new value stored "
                        "in the model?",
                    ),
                    Mistake(
                        "the learning rate is left out",
                        value - gradient,
                        "What does the second argument say?",
                    ),
                    Mistake(
                        "the gradient takes the parameter's place",
                        -rate * gradient,
                        "From where does the step start?",
                    ),
                    Mistake("the parameter is lost", torch.zeros_like(value), "What is stored?"),
                ],
            )
