"""Checks of q9, automatic differentiation with a tape (Baydin et al., 2018): for practice.

Shapes: `B` batch, `I` inputs, `O` outputs, `K` classes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import returned

PATHS = "On how many paths does this value reach the result?"
ORDER = "Which modules must have passed their gradients on before this one may?"


@check("q9.apply_fwd", points=0)
class GoesOnTheTape(Check):
    """A module that is applied computes its output, remembers its inputs, and goes on the tape."""

    def ask(self, draw: Draw) -> Tensors:
        """Two tensors."""
        rows, columns = draw.sizes(B=2, I=2)
        return {"a": draw.normal(rows, columns), "b": draw.normal(rows, columns)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """(a + b) * a, what is kept of the product, and the tape."""
        tape: list[Any] = []
        a, b = (student.models.TapeValue(tape, asked[name]) for name in ("a", "b"))
        total = student.models.TapeAdd(tape).apply_fwd([a, b])
        product = student.models.TapeModule(tape)
        product.forward = lambda tensors: tensors[0] * tensors[1]
        product.apply_fwd([total, a])
        kept = [len(product.in_modules), len(product.in_tensors), len(tape)]
        last = len(tape) == 2 and tape[0] is total and tape[1] is product
        return {
            "out": returned(product.out_tensor, "out_tensor"),
            "kept": torch.tensor(kept),
            "order": torch.tensor(last),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The value, two inputs each, and both modules on the tape in their order."""
        want = (asked["a"] + asked["b"]) * asked["a"]
        tried = "(a + b) * a with an addition and a multiplication"
        expect_close(
            got=answer_named(answered, "out"),
            want=want,
            tolerance=rounding(3, want.abs().max() + 1),
            what="out_tensor",
            tried=tried,
            hint="What does forward get, and where does its result go?",
        )
        kept = answer_named(answered, "kept").flatten().tolist()
        expect(
            kept == [2, 2, 2] and answer_named(answered, "order").flatten().tolist() == [True],
            tried=tried,
            expected="2 modules and 2 tensors kept, and both modules on the tape as applied",
            got=f"{kept[:1]} modules and {kept[1:2]} tensors kept, a tape of length {kept[2:]}",
            hint="What will the way back need, and in which order?",
        )


@check("q9.backward_rules", points=0, after="q9.apply_fwd")
class EachDifferentiates(Check):
    """Every kind of module turns a gradient of its output into one of each input."""

    def ask(self, draw: Draw) -> Tensors:
        """Inputs for all kinds, and a gradient that arrives."""
        batch, inputs, outputs = draw.sizes(B=2, I=2, O=2)
        return {
            "x": draw.normal(batch, inputs),
            "weight": draw.normal(outputs, inputs),
            "bias": draw.normal(outputs),
            "arrives": draw.normal(batch, outputs),
            "like_x": draw.normal(batch, inputs),
            "other": draw.normal(batch, inputs),
            "labels": draw.integers(batch, low=0, high=inputs),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradients of each kind."""
        tape: list[Any] = []
        x, other, arrives = asked["x"], asked["other"], asked["like_x"]
        loss = student.models.TapeSoftmaxCrossEntropy(tape, asked["labels"])
        loss.forward([x])
        linear = student.models.TapeLinear(tape).backward(
            [x, asked["weight"], asked["bias"]], asked["arrives"]
        )
        found = {
            "linear": list(linear),
            "relu": list(student.models.TapeReLU(tape).backward([x], arrives)),
            "add": list(student.models.TapeAdd(tape).backward([x, other], arrives)),
            "multiply": list(student.models.TapeMultiply(tape).backward([x, other], arrives)),
            "loss": list(loss.backward([x], torch.tensor(2.0))),
        }
        return {
            f"{name}.{place}": returned(gradient, f"{name}'s backward")
            for name, gradients in found.items()
            for place, gradient in enumerate(gradients)
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As torch's automatic differentiation has them."""
        relu = asked["x"].double()
        at_output = asked["like_x"].double() * (asked["like_x"] > 0)
        chances = torch.softmax(relu, dim=1)
        slips = {
            "relu.0": [
                Mistake(
                    "the ReLU's derivative at the wrong argument",
                    at_output,
                    "Which number decides whether a unit was on?",
                )
            ],
            "loss.0": [
                Mistake(
                    "one-hot is not subtracted",
                    2 * chances / len(relu),
                    "What does the gradient of the cross-entropy become where the guess is right?",
                )
            ],
        }
        for name, want in _by_autograd(asked).items():
            largest = 1 + want.abs().max() + asked["x"].abs().max() * asked["arrives"].abs().max()
            expect_close(
                got=answer_named(answered, name),
                want=want,
                tolerance=rounding(sum(asked["x"].shape) + 4, largest),
                what=f"gradient {name[-1]} of {name[:-2]}",
                tried="random inputs and a random gradient of the output",
                hint="Which inputs does one entry of the output depend on, and how strongly?",
                mistakes=slips.get(name, ()),
            )


def _by_autograd(asked: Tensors) -> Tensors:
    """The gradients of every kind of module in float64, by kind and input."""
    x, weight, bias, other = (
        asked[name].double().requires_grad_() for name in ("x", "weight", "bias", "other")
    )
    outputs = {
        "linear": (functional.linear(x, weight, bias), (x, weight, bias), asked["arrives"]),
        "relu": (x.relu(), (x,), asked["like_x"]),
        "add": (x + other, (x, other), asked["like_x"]),
        "multiply": (x * other, (x, other), asked["like_x"]),
        "loss": (functional.cross_entropy(x, asked["labels"]), (x,), torch.tensor(2.0)),
    }
    return {
        f"{name}.{place}": gradient
        for name, (output, inputs, arrives) in outputs.items()
        for place, gradient in enumerate(torch.autograd.grad(output, inputs, arrives.double()))
    }


@check("q9.apply_bwd", points=0, after="q9.apply_fwd")
class SharesAddUp(Check):
    """A module hands its inputs their shares, and a value that was used twice gets the sum."""

    def ask(self, draw: Draw) -> Tensors:
        """Two tensors and what arrives at their product's output."""
        rows, columns = draw.sizes(B=2, I=2)
        names = ("a", "b", "arrives", "before")
        return {name: draw.normal(rows, columns) for name in names}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradients after a product of a with b, and after a sum of a with itself."""
        tape: list[Any] = []
        a, b, c = (student.models.TapeValue(tape, asked[name]) for name in ("a", "b", "a"))
        b.out_gradient = asked["before"]  # what another path has brought already
        double = student.models.TapeModule(tape)
        double.forward = lambda tensors: tensors[0] + tensors[1]
        double.backward = lambda tensors, gradient: [gradient, gradient]
        for module, inputs in ((student.models.TapeMultiply(tape), [a, b]), (double, [c, c])):
            module.apply_fwd(inputs)
            module.out_gradient = asked["arrives"]
            module.apply_bwd()
        return {
            name: returned(value.out_gradient, "out_gradient").clone()
            for name, value in (("a", a), ("b", b), ("twice", c))
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Each share is added to what was there."""
        a, b, arrives = (asked[name].double() for name in ("a", "b", "arrives"))
        lost = "the sum over paths is forgotten"
        for name, want, slip in (
            ("a", b * arrives, None),
            ("b", asked["before"] + a * arrives, a * arrives),
            ("twice", 2 * arrives, arrives),
        ):
            expect_close(
                got=answer_named(answered, name),
                want=want,
                tolerance=rounding(3, want.abs().max() + 1),
                what="an input's out_gradient",
                tried="a * b, where b has a gradient already, and c + c",
                hint=PATHS,
                mistakes=[] if slip is None else [Mistake(lost, slip, PATHS)],
            )


@check("q9.tape", points=0, after=("q9.backward_rules", "q9.apply_bwd"))
class WholeNetwork(Check):
    """The tape differentiates a network in which values are used more than once."""

    def ask(self, draw: Draw) -> Tensors:
        """A network with a branch that is added back, and its labels."""
        batch, inputs, hidden = draw.sizes(B=2, I=2, H=2)
        return {
            "x": draw.normal(batch, inputs),
            "first": draw.normal(hidden, inputs),
            "first_bias": draw.normal(hidden),
            "second": draw.normal(hidden, hidden, scale=hidden**-0.5),
            "second_bias": draw.normal(hidden),
            "labels": draw.integers(batch, low=0, high=hidden),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The loss, the gradients of the parameters, and how long the tape is in the end."""
        tape: list[Any] = []
        value = {
            name: student.models.TapeValue(tape, asked[name])
            for name in ("x", "first", "first_bias", "second", "second_bias")
        }
        hidden = student.models.TapeReLU(tape).apply_fwd(
            [
                student.models.TapeLinear(tape).apply_fwd(
                    [value["x"], value["first"], value["first_bias"]]
                )
            ]
        )
        branch = student.models.TapeLinear(tape).apply_fwd(
            [hidden, value["second"], value["second_bias"]]
        )
        joined = student.models.TapeAdd(tape).apply_fwd([branch, hidden])
        squared = student.models.TapeMultiply(tape).apply_fwd([joined, joined])
        loss = student.models.TapeSoftmaxCrossEntropy(tape, asked["labels"]).apply_fwd([squared])
        student.models.tape_bwd(tape)
        gradients = {
            name: returned(one.out_gradient, "out_gradient") for name, one in value.items()
        }
        return {**gradients, "loss": loss.out_tensor, "left": torch.tensor(len(tape))}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As torch's automatic differentiation has them; the tape is empty."""
        names = ("x", "first", "first_bias", "second", "second_bias")
        leaves = {name: asked[name].double().requires_grad_() for name in names}
        hidden = functional.linear(leaves["x"], leaves["first"], leaves["first_bias"]).relu()
        joined = functional.linear(hidden, leaves["second"], leaves["second_bias"]) + hidden
        loss = functional.cross_entropy(joined.square(), asked["labels"])
        gradients = torch.autograd.grad(loss, tuple(leaves.values()))
        largest = float(joined.detach().abs().max()) ** 2 + 1
        for name, want in zip(names, gradients, strict=True):
            expect_close(
                got=answer_named(answered, name),
                want=want,
                tolerance=rounding(60, 1 + want.abs().max()) * largest * (1 + _size(asked)),
                what=f"the gradient of {name}",
                tried="a network with a branch that is added back, then squared",
                hint=ORDER,
            )
        left = answer_named(answered, "left").flatten().tolist()
        expect(
            left == [0],
            tried="tape_bwd",
            expected="an empty tape, ready for the next computation",
            got=f"{left[:1]} modules on it",
            hint="What happens to a module once it has passed its gradients on?",
        )


def _size(asked: Tensors) -> Tensor:
    """The largest entry of the network's input and weights, ()."""
    return torch.stack([asked[name].abs().max() for name in ("x", "first", "second")]).max()
