"""Checks of q9, the mini CNN and its hand-written gradients (LeCun et al., 1989).

Shapes: `n` cases, each with an input of 3, a label 1 or -1, and weights w and v of 2 each.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._mini_cnn_yardstick import MiniYardstick, drawn_cases
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import number_of, returned

DEPTH = 12  # operations from an input to a gradient
RATE = 0.5
LEARNING_RATE, PASSES = 0.1, 40


@check("q9.forward", points=0)
class ForwardPass(Check):
    """The filter, the ReLU and the weighted sum compute what the homework's equations say."""

    def ask(self, draw: Draw) -> Tensors:
        """Cases in which the units are on in every combination."""
        return drawn_cases(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Everything on the way, for each case."""
        found = []
        for x, w, v in zip(asked["inputs"], asked["w"], asked["v"], strict=True):
            found.append(student.models.MiniCNN(w, v).forward(x))
        return {
            "a": torch.stack([returned(each.a, "a") for each in found]),
            "o": torch.stack([returned(each.o, "o") for each in found]),
            "prediction": torch.stack([number_of(each.prediction, "prediction") for each in found]),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """One after the other, so that the first difference is named."""
        cases = MiniYardstick(asked)
        flipped = torch.stack(
            [
                (cases.inputs[:, :2] * cases.w.flip(1)).sum(1),
                (cases.inputs[:, 1:] * cases.w.flip(1)).sum(1),
            ],
            dim=1,
        )
        sizes = cases.sizes()
        for name, want, size, mistakes in (
            (
                "a",
                cases.a,
                sizes.a,
                [
                    Mistake(
                        "the filter is turned around",
                        flipped,
                        "Which filter weight meets the first of its two inputs?",
                    )
                ],
            ),
            ("o", cases.o, sizes.a, []),
            ("prediction", cases.prediction, sizes.prediction, []),
        ):
            expect_close(
                got=answer_named(answered, name),
                want=want,
                tolerance=rounding(DEPTH, size),
                what=name,
                tried="cases with both units on, one of them, none",
                hint="Write the five equations of the network below each other: which is this one?",
                mistakes=mistakes,
            )


@check("q9.v_gradient", points=4, after="q9.forward")
class LastLayersGradient(Check):
    """The gradient of the loss with respect to v1 and v2 is right."""

    def ask(self, draw: Draw) -> Tensors:
        """Cases in which the units are on in every combination."""
        return drawn_cases(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradient in each case."""
        gradients = []
        for x, label, w, v in zip(
            asked["inputs"], asked["labels"].tolist(), asked["w"], asked["v"], strict=True
        ):
            gradients.append(
                returned(student.models.MiniCNN(w, v).v_gradient(x, label), "v_gradient")
            )
        return {"gradients": torch.stack(gradients)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As automatic differentiation has it."""
        cases = MiniYardstick(asked)
        expect_close(
            got=answer_named(answered, "gradients"),
            want=cases.gradients()[1],
            tolerance=rounding(DEPTH, cases.sizes().v_gradient),
            what="the gradient with respect to v",
            tried="cases with both units on, one of them, none; labels 1 and -1",
            hint="What does the prediction become if v1 grows a little?",
            mistakes=[
                *(Mistake(name, slope[:, None] * cases.o, q) for name, slope, q in cases.slopes()),
                Mistake(
                    "a stands where o should",
                    cases.slope[:, None] * cases.a,
                    "What is v1 multiplied by in the prediction?",
                ),
            ],
        )


@check("q9.w_gradient", points=6, after="q9.forward")
class FiltersGradient(Check):
    """The gradient of the loss with respect to the filter is right, whichever units are on."""

    def ask(self, draw: Draw) -> Tensors:
        """Cases in which the units are on in every combination."""
        return drawn_cases(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradient in each case."""
        gradients = []
        for x, label, w, v in zip(
            asked["inputs"], asked["labels"].tolist(), asked["w"], asked["v"], strict=True
        ):
            gradients.append(
                returned(student.models.MiniCNN(w, v).w_gradient(x, label), "w_gradient")
            )
        return {"gradients": torch.stack(gradients)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As automatic differentiation has it."""
        cases = MiniYardstick(asked)
        relu = "Which number decides whether a unit was on, and is it the one that you test?"
        at_output = (cases.slope[:, None] * cases.v > 0).double()
        expect_close(
            got=answer_named(answered, "gradients"),
            want=cases.gradients()[0],
            tolerance=rounding(DEPTH, cases.sizes().w_gradient),
            what="the gradient with respect to w",
            tried="cases with both units on, one of them, none; labels 1 and -1",
            hint="On how many paths does w1 reach the loss, and which of them are open?",
            mistakes=[
                *(Mistake(n, cases.w_gradient(slope=s), q) for n, s, q in cases.slopes()),
                Mistake(
                    "the sum over both paths is forgotten",
                    cases.one_path(),
                    "On how many paths does w1 reach the loss?",
                ),
                Mistake(
                    "the ReLU is on at zero",
                    cases.w_gradient(on=(cases.a >= 0).double()),
                    "What slope do you give the ReLU where its input is exactly 0?",
                ),
                Mistake("the ReLU's derivative is left out", cases.w_gradient(on=cases.a**0), relu),
                Mistake(
                    "the ReLU's derivative at the wrong argument",
                    cases.w_gradient(on=at_output),
                    relu,
                ),
            ],
        )


@check("q9.step", points=5, after=("q9.v_gradient", "q9.w_gradient"))
class OneStep(Check):
    """A step moves w and v against their gradients, both taken before either is changed."""

    def ask(self, draw: Draw) -> Tensors:
        """Cases in which the units are on in every combination."""
        return drawn_cases(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The weights after one step in each case."""
        after: dict[str, list[Tensor]] = {"w": [], "v": []}
        for x, label, w, v in zip(
            asked["inputs"], asked["labels"].tolist(), asked["w"], asked["v"], strict=True
        ):
            network = student.models.MiniCNN(w.clone(), v.clone())
            network.step(x, label, 0.5)
            after["w"].append(returned(network.w, "w").clone())
            after["v"].append(returned(network.v, "v").clone())
        return {name: torch.stack(values) for name, values in after.items()}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As one step of gradient descent with learning rate 0.5."""
        cases = MiniYardstick(asked)
        w_gradient, v_gradient = cases.gradients()
        new_v = cases.v - RATE * v_gradient
        late = cases.w - RATE * MiniYardstick({**asked, "v": new_v}).w_gradient()
        sign = "Should the loss grow or fall along the step?"
        sizes = cases.sizes()
        for name, want, size, mistakes in (
            (
                "v",
                new_v,
                cases.v.abs() + RATE * sizes.v_gradient,
                [Mistake("the step has the wrong sign", cases.v + RATE * v_gradient, sign)],
            ),
            (
                "w",
                cases.w - RATE * w_gradient,
                cases.w.abs() + RATE * sizes.w_gradient,
                [
                    Mistake("the step has the wrong sign", cases.w + RATE * w_gradient, sign),
                    Mistake("only v is changed", cases.w, "Which weights does a step change?"),
                    Mistake(
                        "the filter's gradient is taken with the new v",
                        late,
                        "Which v made the prediction whose loss you differentiate?",
                    ),
                ],
            ),
        ):
            expect_close(
                got=answer_named(answered, name),
                want=want,
                tolerance=rounding(DEPTH + 2, size),
                what=f"{name} after one step of learning rate {RATE}",
                tried="cases with both units on, one of them, none; labels 1 and -1",
                hint="In what order do you compute the gradients and change the weights?",
                mistakes=mistakes,
            )


@check("q9.learns", points=3, after="q9.step")
class LearnsByHand(Check):
    """Many steps, each on one example, bring the loss down as far as gradient descent can."""

    def ask(self, draw: Draw) -> Tensors:
        """Examples that a network of this kind labels, and other weights to start from."""
        inputs = draw.normal(20, 3).double()
        filter_, last = torch.tensor([1.0, -1.0]).double(), torch.tensor([2.0, -1.0]).double()
        hidden = torch.stack([inputs[:, :2] @ filter_, inputs[:, 1:] @ filter_], 1).clamp(min=0)
        labels = torch.where(hidden @ last >= 0.5, 1, -1)
        labels[0], labels[1] = 1, -1
        w = torch.tensor([0.5, -0.5]) + 0.1 * draw.normal(2)
        v = torch.tensor([0.5, -0.5]) + 0.1 * draw.normal(2)
        return {"inputs": inputs, "labels": labels, "w": w.double(), "v": v.double()}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The weights after 40 passes over the examples."""
        network = student.models.MiniCNN(asked["w"].clone(), asked["v"].clone())
        for _ in range(40):
            for x, label in zip(asked["inputs"], asked["labels"].tolist(), strict=True):
                network.step(x, label, 0.1)
        return {"w": returned(network.w, "w").clone(), "v": returned(network.v, "v").clone()}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The loss reached is that of the examiner's own descent, or lower."""
        own_w, own_v = asked["w"].clone(), asked["v"].clone()
        for _ in range(PASSES):
            for x, label in zip(asked["inputs"], asked["labels"], strict=True):
                case = MiniYardstick(
                    {"inputs": x[None], "labels": label[None], "w": own_w[None], "v": own_v[None]}
                )
                v_gradient = case.slope[:, None] * case.o
                own_w = own_w - LEARNING_RATE * case.w_gradient()[0]
                own_v = own_v - LEARNING_RATE * v_gradient[0]
        first, own, got = (
            _mean_loss(asked, w, v)
            for w, v in (
                (asked["w"], asked["v"]),
                (own_w, own_v),
                (answer_named(answered, "w"), answer_named(answered, "v")),
            )
        )
        self.note = f"mean loss {first:.3f} before, {got:.3f} after"
        expect(
            got <= own + 0.01,
            tried=f"{PASSES} passes over 20 examples with learning rate {LEARNING_RATE}",
            expected=f"a mean loss of at most {own + 0.01:.4f}, from {first:.4f} at the start",
            got=f"a mean loss of {got:.4f}",
            hint="Is every step taken at the weights that the step before left behind?",
        )


def _mean_loss(asked: Tensors, w: Tensor, v: Tensor) -> float:
    if w.shape != (2,) or v.shape != (2,):
        return float("nan")  # no number is at most the mark then
    count = len(asked["inputs"])
    cases = MiniYardstick(
        {**asked, "w": w.double().repeat(count, 1), "v": v.double().repeat(count, 1)}
    )
    return float(torch.nn.functional.softplus(-cases.labels * cases.prediction).mean())
