"""What the checks of the classification losses share: the mean cross-entropy and its usual slips.

Shapes: `B` examples, `K` classes.
"""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from grading.claims import Check
from grading.compare import Mistake, answer_named, expect, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors


class MeanCrossEntropy(Check):
    """The loss is the mean cross-entropy of the scores; a check of one loss adds `answer`."""

    classes = 10

    def ask(self, draw: Draw) -> Tensors:
        """Scores of a few examples, and their true classes."""
        (batch,) = draw.sizes(B=1, low=7)
        true = draw.integers(batch, low=0, high=self.classes)
        # Scores of moderate size: whoever adds 1e-8 before a logarithm is not wrong.
        scores = draw.normal(batch, self.classes, scale=1.5)
        return {"scores": scores, "one_hot": torch.eye(self.classes)[true]}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The value agrees with float64, and a gradient reaches every score."""
        loss, gradient = answer_named(answered, "loss"), answer_named(answered, "gradient")
        scores, one_hot = asked["scores"].double(), asked["one_hot"].double()
        batch, classes = scores.shape
        largest = float(scores.abs().max()) + math.log(classes)
        tried = f"the loss of random scores of shape ({batch}, {classes}) and one-hot labels"
        expect_close(
            got=loss.reshape(()) if loss.numel() == 1 else loss,
            want=functional.cross_entropy(scores, one_hot),
            tolerance=rounding(batch + classes + 10, largest),
            what="the loss",
            tried=tried,
            hint="Which PyTorch function takes scores before any softmax, and averages the batch?",
            mistakes=_slips(scores, one_hot),
        )
        reached = gradient.shape == scores.shape and bool((gradient != 0).all())
        expect(
            reached and bool(torch.isfinite(gradient).all()),
            tried=tried,
            expected="a gradient with respect to every score",
            got="none, or zeros in it",
            hint="Is the loss computed with tensors from beginning to end, with no .item() or "
            ".detach() on the way?",
            name="no gradient reaches the scores",
        )


def _slips(scores: torch.Tensor, one_hot: torch.Tensor) -> list[Mistake]:
    """What the usual slips compute instead."""
    classes = scores.shape[1]
    each = functional.cross_entropy(scores, one_hot, reduction="none")  # (B,)
    chances = scores.softmax(dim=1)
    average = "What happens to the size of this number when the batch is twice as large?"
    scaled = "Over how many numbers is the mean taken, and how many predictions were made?"
    twice = "Cross-entropy expects scores; does something turn them into probabilities before?"
    axis = "For one example, over what do the probabilities sum to 1?"
    other = "Is this the loss for choosing one of several classes?"
    sign = "Should the loss be small or large when the true class is likely?"
    order = "Which argument comes first, the prediction or the target?"
    return [
        Mistake("the loss is summed instead of averaged", each.sum(), average),
        Mistake("the loss is not averaged", each, average),
        Mistake("the mean is taken over the classes too", each.mean() / classes, scaled),
        Mistake("softmax is applied twice", functional.cross_entropy(chances, one_hot), twice),
        Mistake(
            "softmax over the wrong axis", -(one_hot * scores.log_softmax(0)).sum(1).mean(), axis
        ),
        Mistake("the sign is wrong", -each.mean(), sign),
        Mistake("a mean squared error", functional.mse_loss(scores, one_hot), other),
        Mistake("a mean squared error", functional.mse_loss(chances, one_hot), other),
        Mistake("the logarithm is missing", -(one_hot * chances).sum(1).mean(), other),
        Mistake(
            "the model's own choice is the target",
            functional.cross_entropy(scores, scores.argmax(1)),
            "Whose classes does the loss compare the scores with?",
        ),
        Mistake(
            "prediction and target are swapped", functional.cross_entropy(one_hot, scores), order
        ),
    ]
