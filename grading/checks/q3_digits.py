"""Checks of q3, handwritten digits.

Shapes: `B` images of a batch, `N` held-out images, `M` copies of a model.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from grading.checks._accuracy import accuracy, expect_accuracy, percent
from grading.checks._classifier_loss import MeanCrossEntropy
from grading.checks._held_out import GREY_NOISE, LearnsFromExamples
from grading.claims import Check, check
from grading.compare import (
    answer_shaped,
    expect,
    expect_close,
    expect_shape,
    rounding,
    shape_answered,
)
from grading.draw import Draw
from grading.frames import Tensors
from grading.pass_marks import pass_mark
from grading.worker.kit import (
    device,
    gradients_of,
    needs_gradient,
    returned,
    run_through,
    shape_of,
    training_set,
    validation_reads,
)

PIXELS, DIGITS = 784, 10


@check("q3.shape", points=0)
class TenScoresEach(Check):
    """The model maps (B, 784) images to (B, 10) scores."""

    def ask(self, draw: Draw) -> Tensors:
        """A batch, and one image alone."""
        (batch,) = draw.sizes(B=2, low=5)
        return {"batch": draw.uniform(batch, PIXELS), "alone": draw.uniform(1, PIXELS)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of both outputs."""
        model = student.models.DigitClassificationModel().to(device).eval()
        what = "DigitClassificationModel.forward"
        return {name: shape_of(model(images), what) for name, images in asked.items()}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Ten scores a row."""
        for name, images in asked.items():
            batch = len(images)
            chosen = "Scores for all ten digits are asked for. Which step keeps only the largest?"
            expect_shape(
                shape_answered(answered, name),
                (batch, DIGITS),
                what="the scores",
                tried=f"a batch of images of shape ({batch}, {PIXELS})",
                hint="Which axis counts images, and how many digits are there to score?",
                mistakes=[
                    ((batch,), "a class instead of scores", chosen),
                    ((batch, 1), "a class instead of scores", chosen),
                    ((DIGITS, batch), "the axes are swapped", "Which axis counts images?"),
                    ((DIGITS,), "the batch axis is lost", "What if the batch holds one image?"),
                ],
            )


@check("q3.scores", points=1, after="q3.shape")
class ScoresOfItsOwn(Check):
    """Every image gets ten scores of its own, any numbers: the softmax belongs to the loss."""

    def ask(self, draw: Draw) -> Tensors:
        """Images, and nudges that take models away from wherever they start."""
        (batch,) = draw.sizes(B=2, low=11)
        return {"images": draw.uniform(batch, PIXELS), "nudges": draw.normal(4, 997, scale=0.05)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The scores of nudged models, for all images together and for the first one alone."""
        together, alone = [], []
        what = "DigitClassificationModel.forward"
        for nudge in asked["nudges"]:
            model = student.models.DigitClassificationModel().to(device).eval()
            with torch.no_grad():
                for weights in model.parameters():
                    copies = weights.numel() // len(nudge) + 1
                    weights.add_(nudge.repeat(copies)[: weights.numel()].reshape(weights.shape))
                together.append(returned(model(asked["images"]), what))
                alone.append(returned(model(asked["images"][:1]), what))
        return {"together": torch.stack(together), "alone": torch.stack(alone)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Scores are of both signs, follow the image, and no other image."""
        batch = len(asked["images"])
        scores = answer_shaped(answered, "together", (4, batch, DIGITS))  # (M, B, 10)
        tried = f"{scores.shape[1]} random images through models with random weights"
        name, think = _squashed(scores)
        expect(
            not name,
            tried=tried,
            expected="any numbers, some of them negative",
            got=f"numbers from {float(scores.min()):.3g} to {float(scores.max()):.3g} only",
            hint=think,
            name=name,
        )
        for axis, cause in ((1, "image"), (0, "parameter")):
            expect(
                bool((scores.amax(axis) > scores.amin(axis)).any()),
                tried=tried,
                expected=f"other scores for other {cause}s",
                got="the same scores for all of them",
                hint="Does every layer's output go into the next one, from x on?",
                name=f"the scores do not depend on any {cause}",
            )
        expect_close(
            got=answer_shaped(answered, "alone", (4, 1, DIGITS))[:, 0],
            want=scores[:, 0],
            tolerance=rounding(1000, scores.abs().max()),
            what="the scores of the first image",
            tried="the first of these images alone, instead of with the others",
            hint="Which step of the model works along the axis that counts images?",
        )


def _squashed(scores: Tensor) -> tuple[str, str]:
    """The (name, question) of what a last layer does that it should not, for (M, B, 10)."""
    if not bool(scores.isfinite().all()):
        return "the scores are not numbers", "Where can the model divide by zero, or take a log?"
    if float(scores.min()) < 0:
        return "", ""
    if bool((scores.sum(-1) - 1).abs().max() < 1e-3):
        return (
            "a softmax in the model",
            "The loss takes scores and applies the softmax itself. What happens if both do?",
        )
    if float(scores.max()) <= 1:
        return "a squashed last layer", "Which numbers can come out of the last step at most?"
    return "a ReLU on the last layer", "Can the last step give a digit a negative score?"


@check("q3.example", points=0)
class LossByHand(Check):
    """digitclassifier_loss is right on cases that are small enough to work out on paper."""

    def ask(self, draw: Draw) -> Tensors:
        """Ten equal scores; and one digit that is as likely as the nine others together."""
        equal, likely = torch.zeros(1, DIGITS), torch.zeros(1, DIGITS)
        first, second = draw.integer(0, DIGITS), draw.integer(0, DIGITS)
        likely[0, second] = math.log(9)
        labels = torch.eye(DIGITS)
        return {
            "equal": equal,
            "equal_label": labels[first : first + 1],
            "likely": likely,
            "likely_label": labels[second : second + 1],
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Both losses."""
        loss, what = student.losses.digitclassifier_loss, "digitclassifier_loss"
        return {
            name: returned(loss(asked[name], asked[f"{name}_label"]), what)
            for name in ("equal", "likely")
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Minus the logarithms of 1/10 and 1/2."""
        for name, tried, want in (
            ("equal", "one image whose ten scores are all 0", math.log(10)),
            ("likely", "one image with log 9 as the true digit's score and 0 else", math.log(2)),
        ):
            loss = answered[name]
            expect_close(
                got=loss.reshape(()) if loss.numel() == 1 else loss,
                want=torch.tensor(want, dtype=torch.float64),
                tolerance=rounding(DIGITS + 10, math.log(10)),
                what="the loss",
                tried=tried,
                hint="Work out the softmax of these scores: what is minus the logarithm of the "
                "true digit's probability?",
            )


@check("q3.loss", points=1)
class DigitLoss(MeanCrossEntropy):
    """digitclassifier_loss is the mean cross-entropy of the scores."""

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The loss and its gradient."""
        scores = asked["scores"]
        with needs_gradient(scores):
            loss = student.losses.digitclassifier_loss(scores, asked["one_hot"])
            loss = returned(loss, "digitclassifier_loss")
            (gradient,) = gradients_of(loss, scores)
        return {"loss": loss, "gradient": gradient}


@check("q3.learns", points=3, after="q3.shape", limit=600.0, trains=True)
class RecognisesDigits(LearnsFromExamples):
    """After training, the model recognises digits that it has never seen."""

    dataset = "digits"
    noise = GREY_NOISE

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Train, then score the held-out digits.

        The dataset counts who reads its validation digits one by one. That is a deterrent and a
        help against a slip, no more: code in this process can read around it.
        """
        model = student.models.DigitClassificationModel().to(device)
        examples = training_set(asked, model)
        watched = asked["validation_x"][:100]
        before = run_through(model, watched)
        student.train.train_digitclassifier(model, examples)
        after, reads = run_through(model, watched), validation_reads(examples)
        held = yield {"before": before, "after": after, "reads": reads}
        return {"scores": run_through(model, held["x"])}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The accuracy reaches the mark of this edition, by training on the training digits."""
        edition = self.splits.edition.name
        mark, scores = pass_mark("q3.learns", edition).mark, answered["scores"]
        expect(
            int(answered["reads"]) == 0,
            tried="to watch which digits training reads",
            expected="the training digits, and validation through get_validation_accuracy()",
            got=f"{int(answered['reads'])} reads of validation digits themselves",
            hint="What can a validation accuracy still tell once those digits were trained on?",
            name="validation data trained on",
        )
        mistake = _symptom(answered["before"], answered["after"], scores)
        expect_accuracy(scores, self.labels, mark=mark, what="held-out digits", mistake=mistake)
        self.note = (
            f"{percent(accuracy(scores, self.labels))} of {len(self.labels):,} held-out digits "
            f"(pass mark {percent(mark)}, edition {edition})"
        )
        known = accuracy(answered["before"], asked["validation_y"][: len(answered["before"])])
        expect(
            known < mark,
            tried="the model before training",
            expected="a model that is still to learn the digits",
            got=f"{percent(known)} of the validation digits right without any training",
            hint="Where does a model that was never trained know the digits from?",
            name="the digits were known before training",
        )


def _symptom(before: Tensor, after: Tensor, scores: Tensor) -> tuple[str, str]:
    """The (name, question) of a slip that the scores themselves show, or two empty strings."""
    if torch.equal(before, after):
        return (
            "the model was not trained",
            "Does the loop call backward and step, with the optimizer on model.parameters()?",
        )
    if bool((scores >= 0).all()) and float(scores.max()) > 1:
        return "a ReLU on the last layer", "Can the last step give a digit a negative score?"
    return "", ""
