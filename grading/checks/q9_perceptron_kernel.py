"""Checks of q9, the perceptron with kernels (Aizerman, Braverman and Rozonoer, 1964).

Shapes: `C` classes, `D` features, `n` and `m` examples, `S` steps.
"""

from __future__ import annotations

from typing import Any

import torch

from grading.checks._perceptron_runs import drawn_examples, run, slips
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import returned


@check("q9.kernels", points=1)
class ThreeKernels(Check):
    """The linear, the polynomial and the RBF kernel compare every two examples."""

    def ask(self, draw: Draw) -> Tensors:
        """Two sets of examples, a degree, an offset and a width."""
        features, a, b = draw.sizes(D=2, n=2, m=2, high=11)
        return {
            "a": draw.normal(a, features).double(),
            "b": draw.normal(b, features).double(),
            "degree": torch.tensor(draw.integer(2, 5)),
            "offset": draw.uniform(1, low=0.5, high=2.0).double(),
            "gamma": draw.uniform(1, low=0.1, high=0.5).double(),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """All three, between the two sets."""
        a, b = asked["a"], asked["b"]
        degree, offset = int(asked["degree"]), float(asked["offset"])
        return {
            "linear": returned(student.models.linear_kernel(a, b), "linear_kernel"),
            "polynomial": returned(
                student.models.polynomial_kernel(a, b, degree=degree, offset=offset),
                "polynomial_kernel",
            ),
            "rbf": returned(
                student.models.rbf_kernel(a, b, gamma=float(asked["gamma"])), "rbf_kernel"
            ),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """By their formulas."""
        a, b, degree, offset = asked["a"], asked["b"], int(asked["degree"]), asked["offset"]
        products = a @ b.T
        sizes = a.abs() @ b.abs().T
        distances = torch.cdist(a, b)
        question = "Which of the kernel's numbers does your formula leave out?"
        for name, want, largest, mistakes in (
            ("linear", products, sizes, []),
            (
                "polynomial",
                (products + offset) ** degree,
                (sizes + offset) ** degree,
                [
                    Mistake("the offset is forgotten", products**degree, question),
                    Mistake("the degree is forgotten", products + offset, question),
                ],
            ),
            (
                "rbf",
                torch.exp(-asked["gamma"] * distances**2),
                1 + sizes,
                [
                    Mistake(
                        "the distance is not squared",
                        torch.exp(-asked["gamma"] * distances),
                        "Is it the distance or its square that the exponent holds?",
                    ),
                    Mistake(
                        "the exponent has the wrong sign",
                        torch.exp(asked["gamma"] * distances**2),
                        "Are near or far examples alike?",
                    ),
                ],
            ),
        ):
            expect_close(
                got=answer_named(answered, name),
                want=want,
                tolerance=rounding(a.shape[1] + degree + 3, largest),
                what=f"the {name} kernel",
                tried=f"{len(a)} and {len(b)} random examples",
                hint="Entry [i, j] compares example i of the first set with j of the second.",
                mistakes=mistakes,
            )


@check("q9.kernel_scores", points=1)
class ScoresByCoefficients(Check):
    """The scores are the kernel's values, weighed by the coefficients of the training examples."""

    def ask(self, draw: Draw) -> Tensors:
        """Training examples, coefficients, and one more example."""
        classes, features, count = draw.sizes(C=2, D=2, n=2, high=11)
        return {
            "inputs": draw.normal(count, features).double(),
            "coefficients": draw.normal(classes, count).double(),
            "x": draw.normal(features).double(),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The scores under a kernel that is given."""
        perceptron = student.models.KernelPerceptron(
            lambda a, b: (a @ b.T + 1) ** 2, asked["inputs"], len(asked["coefficients"])
        )
        perceptron.coefficients = asked["coefficients"]
        return {"scores": returned(perceptron.scores(asked["x"]), "KernelPerceptron.scores")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As the weighted sum."""
        inputs, x, coefficients = asked["inputs"], asked["x"], asked["coefficients"]
        plain, largest = inputs @ x, inputs.abs() @ x.abs()
        expect_close(
            got=answer_named(answered, "scores"),
            want=coefficients @ (plain + 1) ** 2,
            tolerance=rounding(sum(inputs.shape) + 4, coefficients.abs() @ (largest + 1) ** 2),
            what="the scores",
            tried="a polynomial kernel of degree 2 and random coefficients",
            hint="Where does the kernel stand in place of an inner product of features?",
            mistakes=[
                Mistake(
                    "inner products instead of the kernel",
                    coefficients @ plain,
                    "Is the kernel that was handed over used?",
                )
            ],
        )


@check("q9.kernel_update", points=2, after="q9.kernel_scores")
class SameAsThePrimal(Check):
    """At every step the kernel form predicts what the primal form predicts on the feature map."""

    def ask(self, draw: Draw) -> Tensors:
        """Examples in whole numbers, and the order in which they are looked at."""
        return drawn_examples(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The predictions before and the coefficients after each step."""
        inputs, labels = asked["inputs"], asked["labels"].tolist()
        perceptron = student.models.KernelPerceptron(
            lambda a, b: (a @ b.T + 1) ** 2, inputs, int(asked["classes"])
        )
        predicted, coefficients = [], []
        for index in asked["order"].tolist():
            predicted.append(int(perceptron.predict(inputs[index])))
            perceptron.update(index, labels[index])
            coefficients.append(returned(perceptron.coefficients, "coefficients").clone())
        return {
            "predicted": torch.tensor(predicted),
            "coefficients": torch.stack(coefficients),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every step agrees exactly: whole numbers are not rounded."""
        inputs = asked["inputs"]
        products = (inputs @ inputs.T + 1) ** 2
        course = run(asked, products)
        tried = "a sequence of examples in whole numbers, with a polynomial kernel of degree 2"
        coefficients = answer_named(answered, "coefficients")
        expect_close(
            got=coefficients,
            want=course.coefficients,
            tolerance=0.0,
            what="the coefficients, by step, class and example",
            tried=tried,
            hint="The weights change by one example's features: which coefficients say the same?",
            mistakes=[
                Mistake(name, value, question)
                for name, value, question in slips(
                    asked, products, lambda course: course.coefficients
                )
            ],
        )
        predicted = answer_named(answered, "predicted")
        same = predicted.shape == course.predicted.shape and bool(
            (predicted == course.predicted).all()
        )
        expect(
            same,
            tried=tried,
            expected="the primal form's prediction before every step",
            got="another one somewhere",
            hint="Do both forms decide a tie alike?",
        )
