"""What the checks that train a classifier share: accuracy on held-out examples and the pass mark.

Shapes: `N` held-out examples, `K` classes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from grading.claims import Wrong
from grading.compare import expect_shape


def accuracy(scores: Tensor, labels: Tensor) -> float:
    """The share of examples whose largest score is at the label's 1; a row with a NaN is wrong.

    Args:
        scores: (N, K) float.
        labels: (N, K) one-hot.
    """
    scores = scores.double()
    hit = (scores.argmax(1) == labels.argmax(1)) & ~scores.isnan().any(1)
    return hit.double().mean().item()


def percent(share: float) -> str:
    """A share of 1 as it is printed, ``97.9 %``."""
    return f"{100 * share:.1f} %"


def expect_scores(scores: Tensor, labels: Tensor, what: str) -> None:
    """Require one row of scores an example.

    Raises:
        Wrong: if the shape differs from the labels', (N, K).
    """
    expect_shape(
        scores,
        tuple(labels.shape),
        what="the scores",
        tried=_tried(labels, what),
        hint="Does the model give one row of scores for each example?",
    )


def expect_accuracy(
    scores: Tensor, labels: Tensor, *, mark: float, what: str, mistake: tuple[str, str] = ("", "")
) -> None:
    """Require that a trained model reaches the mark on held-out examples.

    Args:
        scores: (N, K) the model's answers.
        labels: (N, K) one-hot, known to the examiner alone.
        mark: the share that passes.
        what: names the examples, ``held-out digits``.
        mistake: (name, question) of a slip that the caller has recognised.

    Raises:
        Wrong: saying how far off it is, and whether nothing was learned at all.
    """
    reached = accuracy(scores, labels)
    if reached >= mark:
        return
    name, think = mistake if mistake[0] else _symptom(scores, reached)
    raise Wrong(
        tried=_tried(labels, what),
        expected=f"at least {percent(mark)} right",
        got=f"{percent(reached)} right",
        think=think,
        mistake=name,
    )


def _tried(labels: Tensor, what: str) -> str:
    return f"the trained model on {len(labels):,} {what}"


def _symptom(scores: Tensor, reached: float) -> tuple[str, str]:
    """The (name, question) of what poor scores look like."""
    scores = scores.double()
    if scores.isnan().any():
        return "the scores are not numbers", "At which step does the loss become NaN, and why?"
    if len(torch.unique(scores.argmax(1))) == 1:
        return (
            "every answer is the same",
            "Do the weights change while training? Is the learning rate far too large or small?",
        )
    if reached < 2 / scores.shape[1]:
        return (
            "hardly better than chance",
            "Does the training function make any steps, and is the gradient reset before each?",
        )
    return (
        "",
        "Does the loss still fall at the end? More epochs, another learning rate, more width?",
    )
