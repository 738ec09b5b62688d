"""What a multiclass perceptron does with a sequence of examples, and what usual slips make of it.

Everything is in whole numbers, so nothing is rounded and a tie is a tie.

Shapes: `C` classes, `D` features, `n` examples, `S` steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from grading.draw import Draw
from grading.frames import Tensors

STEPS = 24


@dataclass(frozen=True)
class Rule:
    """How one example changes the coefficients.

    Attributes:
        toward: what a mistake adds to the right class.
        away: what it adds to the class that was predicted.
        tie: which of the best classes wins a tie: the "lowest", the "highest", or the lowest that
            is "wrong".
    """

    toward: int = 1
    away: int = -1
    tie: str = "lowest"


@dataclass(frozen=True)
class Course:
    """What happened at each step.

    Attributes:
        predicted: before the step, (S,) int64.
        coefficients: after it, (S, C, n) float64.
    """

    predicted: Tensor
    coefficients: Tensor


def drawn_examples(draw: Draw) -> Tensors:
    """Examples in small whole numbers, their labels, and the order in which they are looked at.

    The first is of class 0, where the lowest of equal scores is right; the second of the last.
    """
    classes, features, count = draw.sizes(C=3, D=2, n=4, high=7)
    inputs = draw.integers(count, features, low=-3, high=4)
    inputs[:, 0] += (inputs == 0).all(1).long()  # no example without a direction
    labels = draw.integers(count, low=0, high=classes)
    labels[0], labels[1] = 0, classes - 1
    again = draw.integers(STEPS - count, low=0, high=count)
    return {
        "inputs": inputs.double(),
        "labels": labels,
        "order": torch.cat([torch.arange(count), again]),
        "classes": torch.tensor(classes),
    }


def run(asked: Tensors, products: Tensor, rule: Rule | None = None) -> Course:
    """Go through the examples in their order.

    Args:
        asked: as drawn.
        products: the inner product, or kernel value, of every two examples, (n, n) float64.
        rule: how an example changes the coefficients; the right one without it.
    """
    rule = rule or Rule()
    coefficients = torch.zeros(int(asked["classes"]), len(asked["inputs"]), dtype=torch.float64)
    predicted, after = [], []
    for index in asked["order"].tolist():
        label = int(asked["labels"][index])
        winner = _winner(coefficients @ products[:, index], label, rule.tie)
        if winner != label:
            coefficients[label, index] += rule.toward
            coefficients[winner, index] += rule.away
        predicted.append(winner)
        after.append(coefficients.clone())
    return Course(torch.tensor(predicted), torch.stack(after))


def _winner(scores: Tensor, label: int, tie: str) -> int:
    best: list[int] = (scores == scores.max()).nonzero().flatten().tolist()
    if tie == "wrong":
        best = [one for one in best if one != label] or best
    return best[-1] if tie == "highest" else best[0]


SLIPS: tuple[tuple[str, Rule, str], ...] = (
    (
        "the update has the wrong sign",
        Rule(-1, 1),
        "After the update, should the right class score higher or lower on this example?",
    ),
    (
        "only the right class is changed",
        Rule(1, 0),
        "The loss is a difference of two scores: how many weight vectors does it depend on?",
    ),
    (
        "only the predicted class is changed",
        Rule(0, -1),
        "The loss is a difference of two scores: how many weight vectors does it depend on?",
    ),
    (
        "the highest class wins a tie",
        Rule(tie="highest"),
        "All scores are 0 before the first update: which class do you predict then?",
    ),
    (
        "a tie counts as a mistake",
        Rule(tie="wrong"),
        "Is a loss of 0 a mistake, and which class is predicted at a tie?",
    ),
    (
        "the learning rate is not 1",
        Rule(2, -2),
        "By how much of the example do the weights move at a mistake?",
    ),
)


def slips(
    asked: Tensors, products: Tensor, show: Callable[[Course], Tensor]
) -> list[tuple[str, Tensor, str]]:
    """Each usual slip's name, what it makes of the examples, and a question that leads to it."""
    return [(name, show(run(asked, products, rule)), question) for name, rule, question in SLIPS]
