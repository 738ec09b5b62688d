"""Checks of q5, second part: the digit classifier that begins with a convolution by hand.

Shapes: `B` images of 28 x 28 pixels, as (B, 784); 10 digits.
"""

from __future__ import annotations

from typing import Any

import torch

from grading.checks._accuracy import accuracy, expect_accuracy, expect_scores, percent
from grading.checks._classifier_loss import MeanCrossEntropy
from grading.checks._held_out import GREY_NOISE, LearnsFromExamples
from grading.claims import Check, check
from grading.compare import answer_named, expect, expect_shape, rounding, shape_answered
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
)


@check("q5.model", points=0)
class ModelSizes(Check):
    """The model has a 3 by 3 parameter convolution_weights and maps (B, 784) to (B, 10) scores."""

    def ask(self, draw: Draw) -> Tensors:
        """A few images, and one alone."""
        (batch,) = draw.sizes(B=2, low=5, high=13)
        return {"images": draw.uniform(batch, 784), "alone": draw.uniform(1, 784)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The parameter's shape and those of the scores."""
        model, what = student.models.DigitConvolutionalModel().to(device).eval(), "the model"
        parameter = dict(model.named_parameters()).get("convolution_weights")
        return {
            "weights": shape_of(torch.zeros(0) if parameter is None else parameter, what),
            "images": shape_of(model(asked["images"]), what),
            "alone": shape_of(model(asked["alone"]), what),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """All three are as the homework says."""
        weights = tuple(shape_answered(answered, "weights").shape)
        expect(
            weights == (3, 3),
            tried="to find the parameter convolution_weights",
            expected="a parameter of shape (3, 3)",
            got="none" if weights == (0,) else f"shape {weights}",
            hint="Is it an nn.Parameter that the constructor puts on self?",
        )
        for name in ("images", "alone"):
            batch = len(asked[name])
            expect_shape(
                shape_answered(answered, name),
                (batch, 10),
                what="the scores",
                tried=f"a batch of images of shape ({batch}, 784)",
                hint="Which axis counts images, and how many digits are there to score?",
                mistakes=[((10,), "the batch axis is lost", "What if the batch holds one image?")],
            )


@check("q5.through", points=0, after="q5.model")
class SeesThroughTheKernel(Check):
    """The model sees an image only through the convolution with convolution_weights."""

    def ask(self, draw: Draw) -> Tensors:
        """Different images, and a kernel that shows something of each."""
        (batch,) = draw.sizes(B=2, low=5, high=13)
        return {"images": draw.uniform(batch, 784), "kernel": draw.uniform(3, 3, low=0.1)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The scores with a kernel of zeros, and with the drawn one."""
        model = student.models.DigitConvolutionalModel().to(device).eval()
        scores = {}
        for name, kernel in (("blind", torch.zeros(3, 3)), ("seeing", asked["kernel"])):
            with torch.no_grad():
                model.convolution_weights.copy_(kernel)
                scores[name] = returned(model(asked["images"]), "the model")
        return scores

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """A kernel of zeros shows all images alike, another one does not."""
        blind, seeing = (answer_named(answered, name).double() for name in ("blind", "seeing"))
        for scores in (blind, seeing):
            expect_shape(
                scores,
                (len(asked["images"]), 10),
                what="the scores",
                tried=f"a batch of {len(asked['images'])} images",
                hint="Which axis counts images, and how many digits are there to score?",
            )
        expect(
            _spread(blind) <= _noise(blind),
            tried="several images through a model whose convolution_weights are all zero",
            expected="the same scores for all of them, since such a kernel shows nothing",
            got=f"scores that differ by {_spread(blind):.3g} from image to image",
            hint="Do the linear layers get the output of Convolve, or something else?",
            name="the model ignores convolution_weights",
        )
        expect(
            _spread(seeing) > _noise(seeing),
            tried="several images through a model with random convolution_weights",
            expected="other scores for other images",
            got="the same scores for all of them",
            hint="Do the linear layers get the output of Convolve, or something else?",
            name="the scores do not depend on the image",
        )


def _spread(scores: torch.Tensor) -> float:
    """By how much the scores (B, 10) differ between images; infinite if one is not a number."""
    spread = (scores.amax(0) - scores.amin(0)).max().item()
    return spread if torch.isfinite(scores).all() else float("inf")


def _noise(scores: torch.Tensor) -> float:
    """How much of a difference rounding may make in a network a thousand units wide."""
    return rounding(1000, scores.abs().max()).item()


@check("q5.loss", points=0)
class ConvolutionLoss(MeanCrossEntropy):
    """digitconvolution_loss is the mean cross-entropy of the scores."""

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The loss and its gradient."""
        scores = asked["scores"]
        with needs_gradient(scores):
            loss = student.losses.digitconvolution_loss(scores, asked["one_hot"])
            loss = returned(loss, "digitconvolution_loss")
            (gradient,) = gradients_of(loss, scores)
        return {"loss": loss, "gradient": gradient}


# A loop over all pixels, which the homework accepts, takes minutes.
@check("q5.learns", points=2, after="q5.through", limit=900.0, trains=True)
class RecognisesDigits(LearnsFromExamples):
    """After training on a few digits, the model recognises digits that it has never seen."""

    dataset = "small_digits"
    noise = GREY_NOISE

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Train, then score the held-out digits."""
        model = student.models.DigitConvolutionalModel().to(device)
        student.train.train_digitconvolution(model, training_set(asked, model))
        held = yield {}
        return {"scores": run_through(model, held["x"])}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The accuracy reaches the mark of this edition."""
        edition = self.splits.edition.name
        mark, scores = pass_mark("q5.learns", edition).mark, answered["scores"]
        what = "held-out digits"
        expect_scores(scores, self.labels, what)
        self.note = (
            f"{percent(accuracy(scores, self.labels))} of {len(self.labels):,} {what} "
            f"(pass mark {percent(mark)}, edition {edition})"
        )
        expect_accuracy(scores, self.labels, mark=mark, what=what)
