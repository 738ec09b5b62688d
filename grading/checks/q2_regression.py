"""Checks of q2, a curve learnt from points on it.

Shapes: `B` examples of a batch, `N` points of the curve.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

import data
from grading.claims import Check, check
from grading.compare import Mistake, expect, expect_close, expect_shape, rounding, shape_answered
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


@check("q2.shape", points=0)
class OneNumberEach(Check):
    """The model maps (B, 1) to (B, 1): one number for each number."""

    def ask(self, draw: Draw) -> Tensors:
        """A batch, and one number alone."""
        (batch,) = draw.sizes(B=2, low=5)
        return {"batch": draw.normal(batch, 1), "alone": draw.normal(1, 1)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of both outputs."""
        model, what = student.models.RegressionModel().to(device).eval(), "RegressionModel.forward"
        return {name: shape_of(model(x), what) for name, x in asked.items()}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Both shapes are those of the inputs."""
        for name, inputs in asked.items():
            expect_shape(
                shape_answered(answered, name),
                tuple(inputs.shape),
                what="the predictions",
                tried=f"an input of shape {tuple(inputs.shape)}",
                hint="How many outputs does the last layer have?",
                mistakes=[
                    (
                        (len(inputs),),
                        "the last axis is dropped",
                        "The targets have the shape (B, 1). What is (B,) minus (B, 1)?",
                    )
                ],
            )


@check("q2.loss", points=1)
class MeanSquaredError(Check):
    """regression_loss is the plain mean of the squared differences."""

    def ask(self, draw: Draw) -> Tensors:
        """A case to work by hand, and a random one."""
        (batch,) = draw.sizes(1, low=7)
        guess, off = draw.integers(2, low=1, high=6), 1 + draw.shuffled(4)[:2]
        return {
            "prediction": draw.normal(batch, 1),
            "target": draw.normal(batch, 1),
            "guess": guess[:, None].float(),
            "truth": (guess + off * torch.tensor([1, -1]))[:, None].float(),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Both losses."""
        loss, what = student.losses.regression_loss, "regression_loss"
        return {
            "by_hand": returned(loss(asked["guess"], asked["truth"]), what),
            "random": returned(loss(asked["prediction"], asked["target"]), what),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Both agree with float64."""
        guess, truth, batch = asked["guess"], asked["truth"], len(asked["target"])
        by_hand = f"predictions {guess[:, 0].tolist()} for the targets {truth[:, 0].tolist()}"
        at_random = f"random predictions and targets of shape ({batch}, 1)"
        slips = _slips(asked["prediction"], asked["target"])
        # Small whole numbers may agree with a slip by chance, random ones do not.
        names = {slip.name for slip in slips if _equals(answered["random"], slip.value)}
        for name, tried, prediction, target in (
            ("by_hand", by_hand, guess.double(), truth.double()),
            ("random", at_random, asked["prediction"].double(), asked["target"].double()),
        ):
            loss = answered[name]
            magnitude = (prediction.abs() + target.abs()).square().mean()
            expect_close(
                got=loss.reshape(()) if loss.numel() == 1 else loss,
                want=(prediction - target).square().mean(),
                tolerance=rounding(len(target) + 3, magnitude),
                what="the loss",
                tried=tried,
                hint="Subtract, square, average: which of the three goes another way here?",
                mistakes=[slip for slip in _slips(prediction, target) if slip.name in names],
            )


def _equals(got: Tensor, value: Tensor) -> bool:
    """Whether a loss is what a slip gives, as a number or in full."""
    same = got.shape == value.shape or got.numel() == value.numel() == 1
    return same and torch.allclose(got.double().flatten(), value.double().flatten(), 1e-4, 1e-6)


def _slips(prediction: Tensor, target: Tensor) -> list[Mistake]:
    """What the usual slips compute instead, for (B, 1) float64."""
    off = prediction - target  # (B, 1)
    square = off.square()
    half = "Which factor stands before the sum of squares, and which does the homework want?"
    size = "What happens to this number when the batch is twice as large?"
    power = "What is done with each difference before the mean is taken?"
    pairs = "What is the shape of prediction minus target inside the loss, (B, 1) or (B, B)?"
    return [
        Mistake("a factor of one half", square.mean() / 2, half),
        Mistake("a factor of one half, and a sum", square.sum() / 2, half),
        Mistake("the loss is summed instead of averaged", square.sum(), size),
        Mistake("the loss is not averaged", square, "A loss is one number. What joins these?"),
        Mistake("an absolute error", off.abs().mean(), power),
        Mistake("the differences are not squared", off.mean(), power),
        Mistake("the square root of the error", square.mean().sqrt(), power),
        Mistake(
            "every prediction meets every target", (prediction - target.T).square().mean(), pairs
        ),
    ]


@check("q2.gradient", points=1)
class PullsTogether(Check):
    """The loss has gradients for both arguments that pull predictions and targets together."""

    def ask(self, draw: Draw) -> Tensors:
        """Predictions on both sides of their targets."""
        (batch,) = draw.sizes(B=1, low=7)
        side = torch.ones(batch, 1)
        side[::2] = -1.0
        target = draw.normal(batch, 1)
        return {"prediction": target + side * draw.uniform(batch, 1, low=0.1), "target": target}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradients of the loss."""
        prediction, target = asked["prediction"], asked["target"]
        with needs_gradient(prediction, target):
            loss = returned(student.losses.regression_loss(prediction, target), "regression_loss")
            to_prediction, to_target = gradients_of(loss, prediction, target)
        return {"prediction": to_prediction, "target": to_target}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every entry points the right way; q2.loss looks at the size."""
        above = (asked["prediction"] - asked["target"]).sign()  # (B, 1)
        for name, way in (("prediction", above), ("target", -above)):
            gradient = answered[name]
            tried = f"the gradient of the loss with respect to the {name}"
            expect(
                gradient.shape == way.shape and bool((gradient != 0).any()),
                tried=tried,
                expected="numbers other than zero",
                got="none",
                hint="Is the loss computed from both arguments as they come, without .item(), "
                ".detach(), .data or torch.tensor(...) on the way?",
                name=f"no gradient reaches the {name}",
            )
            wrong = int((gradient * way <= 0).sum()) + int(gradient.isnan().sum())
            expect(
                wrong == 0,
                tried=tried,
                expected="the sign that brings each prediction and its own target together",
                got=f"the wrong sign, or zero, at {wrong} of {len(way)} entries",
                hint="Is each prediction compared with its own target, and with no other?",
            )


@check("q2.learns", points=3, after="q2.shape", limit=300.0, trains=True)
class LearnsTheSine(Check):
    """After training, the mean squared error over all points of the sine is within the mark."""

    def ask(self, draw: Draw) -> Tensors:
        """The points in a random order."""
        splits = data.load("sine")
        self.edition, order = splits.edition.name, draw.shuffled(len(splits.train))
        self.x, self.y = (
            torch.from_numpy(part)[order] for part in (splits.train.x, splits.train.y)
        )
        return {"x": self.x, "y": self.y}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The predictions before and after training."""
        model = student.models.RegressionModel().to(device)
        before = run_through(model, asked["x"])
        student.train.train_regression(model, training_set(asked, model))
        return {"before": before, "after": run_through(model, asked["x"])}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The error is small enough, and was not so before training."""
        limit = pass_mark("q2.learns", self.edition).mark
        after, before = answered["after"], answered["before"]
        tried = f"the trained model on all {len(self.y)} points"
        hint = "Does the model keep the shape (B, 1) after training too?"
        for part in (after, before):
            expect_shape(part, tuple(self.y.shape), what="the predictions", tried=tried, hint=hint)
        loss, untrained = (_error(part, self.y) for part in (after, before))
        self.note = (
            f"mean squared error {loss:.4f} over {len(self.y)} points "
            f"(pass mark {limit:g}, edition {self.edition})"
        )
        mistake, think = _symptom(before, after)
        expect(
            loss <= limit,
            tried=tried,
            expected=f"a mean squared error of at most {limit:g}",
            got=f"{loss:.4f}",
            hint=think,
            name=mistake,
        )
        expect(
            untrained > limit,
            tried="the model before training",
            expected="a curve that is still to be learnt",
            got=f"a mean squared error of {untrained:.4f} without any training",
            hint="Where does a model that was never trained know the sine from?",
            name="the curve was known before training",
        )

    def show(self) -> Tensors:
        """The points from left to right."""
        order = self.x[:, 0].argsort()
        return {"x": self.x[order], "label": self.y[order]}


def _error(predictions: Tensor, targets: Tensor) -> float:
    return float((predictions.double() - targets.double()).square().mean())


def _symptom(before: Tensor, after: Tensor) -> tuple[str, str]:
    """The (name, question) of what a poor fit looks like."""
    if not bool(after.isfinite().all()):
        return "the predictions are not numbers", "Is the learning rate far too large?"
    if torch.equal(before, after):
        return (
            "the model was not trained",
            "Does the loop call backward and step, with the optimizer on model.parameters()?",
        )
    if bool((after >= 0).all()):
        return "a ReLU on the last layer", "The sine is negative half the time. Can the model be?"
    if float(after.std()) < 0.1:
        return (
            "nearly the same answer everywhere",
            "Do prediction and target have the same shape where the loss subtracts them?",
        )
    return (
        "",
        "Does the loss still fall at the end? More epochs, another learning rate, more width?",
    )
