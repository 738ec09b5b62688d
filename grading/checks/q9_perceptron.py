"""Checks of q9, the multiclass perceptron (Crammer and Singer, 2003).

Shapes: `C` classes, `D` features, `n` examples, `S` steps.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._perceptron_runs import drawn_examples, run, slips
from grading.claims import Check, check
from grading.compare import (
    Mistake,
    answer_named,
    expect,
    expect_close,
    expect_shape,
    rounding,
)
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import number_of, returned

EXAMPLES = 12


@check("q9.scores", points=0)
class OneScoreAClass(Check):
    """A new perceptron's weights are zeros, a row a class; its scores are inner products."""

    def ask(self, draw: Draw) -> Tensors:
        """Weights and one example."""
        self.classes, self.features = draw.sizes(C=3, D=2)
        return {
            "weights": draw.normal(self.classes, self.features).double(),
            "x": draw.normal(self.features).double(),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The first weights, and scores with given ones."""
        classes, features = asked["weights"].shape
        perceptron = student.models.MulticlassPerceptron(classes, features)
        first = returned(perceptron.weights, "weights").clone()
        perceptron.weights = asked["weights"]
        scores = returned(perceptron.scores(asked["x"]), "MulticlassPerceptron.scores")
        return {"first": first, "scores": scores}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Zeros first, then one inner product a class."""
        weights, x = asked["weights"], asked["x"]
        tried = f"MulticlassPerceptron({self.classes}, {self.features})"
        first = answer_named(answered, "first")
        expect_shape(
            first,
            (self.classes, self.features),
            what="weights",
            tried=tried,
            hint="How many weight vectors are there, and how long is each?",
        )
        expect(
            not bool(first.any()),
            tried=tried,
            expected="weights of zero before the first example",
            got="others",
            hint="What does the algorithm's first line say about the weights?",
        )
        expect_close(
            got=answer_named(answered, "scores"),
            want=weights @ x,
            tolerance=rounding(self.features, weights.abs() @ x.abs()),
            what="the scores",
            tried=f"random weights and an example of {self.features} features",
            hint="Which axis of the weights has to meet the features?",
        )


def _drawn_cases(draw: Draw) -> Tensors:
    """Weights for every example: a third predicted rightly, a third wrongly, the rest as drawn."""
    classes, features = draw.sizes(C=3, D=2)
    weights = draw.normal(EXAMPLES, classes, features).double()
    inputs = draw.normal(EXAMPLES, features).double()
    labels = draw.integers(EXAMPLES, low=0, high=classes)
    best = (weights @ inputs[:, :, None])[:, :, 0].argmax(1)
    third = EXAMPLES // 3
    labels[:third] = best[:third]
    other = draw.integers(third, low=1, high=classes)
    labels[third : 2 * third] = (best[third : 2 * third] + other) % classes
    return {"weights": weights, "inputs": inputs, "labels": labels}


def _losses(weights: Tensor, inputs: Tensor, labels: Tensor) -> Tensor:
    """The multiclass perceptron loss of every example, (n,), by its formula."""
    scores = (weights @ inputs[:, :, None])[:, :, 0]  # (n, C)
    right = scores.gather(1, labels[:, None])
    others = scores.scatter(1, labels[:, None], -torch.inf)
    return (others.max(1).values - right[:, 0]).clamp(min=0)


@check("q9.loss", points=2, after="q9.scores")
class LossIsTheLead(Check):
    """The loss is by how much the best wrong class is ahead of the right one, and never below 0."""

    def ask(self, draw: Draw) -> Tensors:
        """Weights, examples and labels, some of them predicted rightly."""
        return _drawn_cases(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The loss of each example."""
        losses = []
        for weights, x, label in zip(
            asked["weights"], asked["inputs"], asked["labels"].tolist(), strict=True
        ):
            perceptron = student.models.MulticlassPerceptron(*weights.shape)
            perceptron.weights = weights
            losses.append(number_of(perceptron.loss(x, label), "MulticlassPerceptron.loss"))
        return {"losses": torch.stack(losses)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """By the formula."""
        weights, inputs, labels = asked["weights"], asked["inputs"], asked["labels"]
        scores = (weights @ inputs[:, :, None])[:, :, 0]
        right = scores.gather(1, labels[:, None])[:, 0]
        others = scores.scatter(1, labels[:, None], -torch.inf).max(1).values
        question = "What is the loss of an example whose right class is far ahead?"
        expect_close(
            got=answer_named(answered, "losses"),
            want=_losses(weights, inputs, labels),
            tolerance=rounding(weights.shape[2] + 2, 2 * _largest(asked)),
            what="the loss",
            tried=f"{EXAMPLES} random examples, some of them predicted rightly",
            hint="Over which classes is the inner maximum, and what does the outer one compare?",
            mistakes=[
                Mistake("the loss is not cut off at 0", others - right, question),
                Mistake("the loss is turned around", (right - others).clamp(min=0), question),
            ],
        )


@check("q9.gradient", points=6, after="q9.scores")
class GradientOfTwoClasses(Check):
    """The gradient of the loss is right for every class, whether the prediction is right or not."""

    def ask(self, draw: Draw) -> Tensors:
        """Weights, examples and labels, some of them predicted rightly."""
        return _drawn_cases(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradient at each example."""
        gradients = []
        for weights, x, label in zip(
            asked["weights"], asked["inputs"], asked["labels"].tolist(), strict=True
        ):
            perceptron = student.models.MulticlassPerceptron(*weights.shape)
            perceptron.weights = weights
            gradients.append(
                returned(perceptron.gradient(x, label), "MulticlassPerceptron.gradient")
            )
        return {"gradients": torch.stack(gradients)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As automatic differentiation has it."""
        weights = asked["weights"].clone().requires_grad_()
        _losses(weights, asked["inputs"], asked["labels"]).sum().backward()  # type: ignore[no-untyped-call]
        want = weights.grad
        if want is None:
            raise RuntimeError("the loss does not depend on the weights")
        rows = torch.arange(EXAMPLES)
        label_only, winner_only = torch.zeros_like(want), want.clone()
        label_only[rows, asked["labels"]] = want[rows, asked["labels"]]
        winner_only[rows, asked["labels"]] = 0
        question = "The loss is a difference of two scores: on which weight vectors does it depend?"
        expect_close(
            got=answer_named(answered, "gradients"),
            want=want,
            tolerance=rounding(1, asked["inputs"].abs().max()),
            what="the gradient",
            tried=f"{EXAMPLES} random examples, some of them predicted rightly",
            hint="For which classes does a small change of the weights change the loss?",
            mistakes=[
                Mistake(
                    "the gradient has the wrong sign",
                    -want,
                    "If the right class's score grows, does the loss grow or fall?",
                ),
                Mistake("only the right class has a gradient", label_only, question),
                Mistake("only the predicted class has a gradient", winner_only, question),
            ],
        )


@check("q9.update", points=4, after="q9.scores")
class UpdateAtAMistake(Check):
    """After every example of a sequence, ties included, the weights are those of the algorithm."""

    def ask(self, draw: Draw) -> Tensors:
        """Examples in whole numbers, and the order in which they are looked at."""
        return drawn_examples(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The weights after each step."""
        inputs, labels = asked["inputs"], asked["labels"].tolist()
        perceptron = student.models.MulticlassPerceptron(int(asked["classes"]), inputs.shape[1])
        weights = []
        for index in asked["order"].tolist():
            perceptron.update(inputs[index].clone(), labels[index])
            weights.append(returned(perceptron.weights, "weights").clone())
        return {"weights": torch.stack(weights)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every step agrees exactly: whole numbers are not rounded."""
        inputs = asked["inputs"]
        products = inputs @ inputs.T
        course = run(asked, products)
        every = inputs[asked["order"]]  # (S, D)
        always = torch.zeros_like(course.coefficients @ inputs)
        for step, index in enumerate(asked["order"].tolist()):
            always[step:, int(asked["labels"][index])] += every[step]
        expect_close(
            got=answer_named(answered, "weights"),
            want=course.coefficients @ inputs,  # (S, C, n) @ (n, D) -> (S, C, D)
            tolerance=0.0,
            what="the weights, by step, class and feature",
            tried="a sequence of examples in whole numbers, from weights of zero",
            hint="Which example is the first at which the weights differ, and was it a mistake?",
            mistakes=[
                *(
                    Mistake(name, value, question)
                    for name, value, question in slips(
                        asked, products, lambda course: course.coefficients @ inputs
                    )
                ),
                Mistake(
                    "every example is added, mistake or not",
                    always,
                    "What does the loss look like around an example that is predicted rightly?",
                ),
            ],
        )


def _largest(asked: Tensors) -> Tensor:
    """The largest score computed from absolute values, ()."""
    return (asked["weights"].abs() @ asked["inputs"].abs()[:, :, None]).max()
