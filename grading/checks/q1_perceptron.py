"""Checks of q1, the binary perceptron (Rosenblatt, 1958).

Where a score of exactly 0 matters, weights and points are small whole numbers, free of rounding.

Shapes: `N` points, `D` features.
"""

from __future__ import annotations

from typing import Any

import torch

from grading.checks._perceptron_cases import Case, drawn_cases, drawn_weights, on_the_line, row
from grading.claims import Check, check
from grading.compare import (
    Mistake,
    answer_shaped,
    expect,
    expect_close,
    expect_shape,
    rounding,
    shape_answered,
)
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import device, number_of, returned, shape_of, training_set


@check("q1.weights", points=0)
class WeightsAreAParameter(Check):
    """The model keeps its weights in w, a parameter of shape (1, dimensions)."""

    def ask(self, draw: Draw) -> Tensors:
        """A number of features."""
        (self.features,) = draw.sizes(dimensions=2, low=3)
        return {"features": torch.tensor(self.features)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shape of w, if it is a parameter."""
        model = student.models.PerceptronModel(int(asked["features"]))
        parameters = dict(model.named_parameters())
        if "w" not in parameters:
            return {"plain": hasattr(model, "w")}
        return {"shape": shape_of(parameters["w"], "w")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """It is a parameter, and a row."""
        tried = f"PerceptronModel({self.features})"
        plain = bool(answered.get("plain", torch.tensor(False)))
        expect(
            "shape" in answered,
            tried=tried,
            expected=f"a parameter w of shape (1, {self.features})",
            got="an attribute w that is no parameter" if plain else "no parameter called w",
            hint="How does PyTorch tell a tensor that is to be learnt from any other tensor?",
            name="the weights are not a Parameter" if plain else "",
        )
        expect_shape(
            shape_answered(answered, "shape"),
            (1, self.features),
            what="w",
            tried=tried,
            hint="Which axis of w has to match the features of a point of shape (1, dimensions)?",
        )


@check("q1.parameter", points=1, after="q1.weights")
class OneParameter(Check):
    """The model has no parameter but w, and get_weights returns w itself."""

    def ask(self, draw: Draw) -> Tensors:
        """New values for w."""
        (features,) = draw.sizes(dimensions=2, low=3)
        return {"weights": draw.normal(1, features)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """What get_weights returned before w was given its new values."""
        model = student.models.PerceptronModel(asked["weights"].shape[1]).to(device)
        weights = returned(model.get_weights(), "PerceptronModel.get_weights")
        with torch.no_grad():
            model.w.copy_(asked["weights"])
        return {"weights": weights, "count": len(list(model.parameters()))}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """One parameter, whose change is seen through get_weights."""
        count = float(answer_shaped(answered, "count", ()))
        expect(
            count == 1,
            tried="to list the model's parameters",
            expected="w alone",
            got=f"{count:g} parameters",
            hint="The last feature of every point is 1. What does its weight already do?",
            name="a parameter beside w",
        )
        weights = answered["weights"]
        expect(
            weights.shape == asked["weights"].shape and bool((weights == asked["weights"]).all()),
            tried="get_weights(), and then new values for w",
            expected="the tensor that get_weights returned to have the new values",
            got=f"a tensor of shape {tuple(weights.shape)} that does not follow w",
            hint="Does get_weights return w itself, or something made from it?",
            name="get_weights returns a copy or another tensor",
        )


@check("q1.score", points=0, after="q1.weights")
class ScoreIsTheDotProduct(Check):
    """The score of a point is the dot product of the weights and the point."""

    def ask(self, draw: Draw) -> Tensors:
        """A case to work by hand, and random points."""
        features, count = draw.sizes(dimensions=2, points=1, low=3, high=11)
        weights = drawn_weights(draw, features)
        by_hand = draw.integers(1, features, low=-5, high=6).float()
        return {"weights": weights, "x": torch.cat([by_hand, draw.normal(count, features)])}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The scores of the points, one at a time."""
        model = student.models.PerceptronModel(asked["x"].shape[1]).to(device)
        with torch.no_grad():
            model.w.copy_(asked["weights"])
        what = "PerceptronModel.forward"
        scores = [returned(model(point), what) for point in torch.split(asked["x"], 1)]
        flat = torch.stack([score.flatten() for score in scores])
        return {"shape": shape_of(scores[0], what), "scores": flat}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """One number a point, equal to the float64 sum of products."""
        features = asked["x"].shape[1]
        shape = tuple(shape_answered(answered, "shape").shape)
        single = answered["scores"].shape[1:] == (1,)
        unsummed = "A dot product is one number. What happens to the products after multiplying?"
        expect_shape(
            torch.empty(shape, device="meta"),
            shape if single else (1, 1),
            what="the score",
            tried=f"the score of one point of {features} features",
            hint="Is the result one number for one point?",
            mistakes=[
                ((1, features), "the products are not summed", unsummed),
                ((features,), "the products are not summed", unsummed),
                ((features, features), "the outer product", "Which axis should be summed over?"),
            ],
        )
        x, weights = asked["x"].double(), asked["weights"].double()
        want = (x * weights).sum(1)  # (N,)
        tolerance = rounding(features, (x * weights).abs().sum(1))
        got = answer_shaped(answered, "scores", (len(x), 1))[:, 0]
        slips = [
            ("the mean of the products", want / features, "Is anything divided by here?"),
            ("the score has the wrong sign", -want, "On which side is the score positive?"),
            ("the class instead of the score", want.sign(), "Which method returns the class?"),
            ("a sum of weights and point", (x + weights).sum(1), "What joins each pair?"),
        ]
        # The case by hand alone may agree with a slip by chance.
        slips = [slip for slip in slips if bool(((got - slip[1]).abs() <= tolerance).all())]
        for part, tried in (
            (slice(0, 1), f"w = {row(weights)}, x = {row(x[:1])}"),
            (slice(1, None), f"whole-number weights and {len(x) - 1} random points"),
        ):
            expect_close(
                got=got[part],
                want=want[part],
                tolerance=tolerance[part],
                what="the score",
                tried=tried,
                hint="Multiply w and x feature by feature and add the products by hand.",
                mistakes=[Mistake(name, value[part], think) for name, value, think in slips],
            )


@check("q1.prediction", points=1, after="q1.score")
class OneOrMinusOne(Check):
    """The prediction is 1 where the score is zero or more, and -1 otherwise."""

    def ask(self, draw: Draw) -> Tensors:
        """Points on both sides, and exactly on the line."""
        (features,) = draw.sizes(dimensions=2, low=3, high=11)
        weights = drawn_weights(draw, features)
        x = draw.integers(20, features, low=-9, high=10).float()
        on_line = [on_the_line(draw, weights), torch.zeros(1, features)]
        return {"weights": weights, "x": torch.cat([weights, -weights, *on_line, x])}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The predictions, one at a time."""
        model = student.models.PerceptronModel(asked["x"].shape[1]).to(device)
        with torch.no_grad():
            model.w.copy_(asked["weights"])
        what = "PerceptronModel.get_prediction"
        points = torch.split(asked["x"], 1)
        return {
            "predictions": torch.stack([number_of(model.get_prediction(x), what) for x in points])
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Exactly the right classes."""
        scores = (asked["x"].double() * asked["weights"]).sum(1)  # (N,)
        one = torch.ones_like(scores)
        at_zero = "The score is exactly 0 on the line itself. Which class does the task give it?"
        slips = [
            ("prediction 0 at a zero score", scores.sign(), at_zero),
            ("prediction -1 at a zero score", torch.where(scores > 0, one, -one), at_zero),
            ("0 for the negative class", 1.0 * (scores >= 0), "Which numbers are the labels?"),
            ("the score instead of the class", scores, "What turns a score into one of two?"),
        ]
        expect_close(
            got=answered["predictions"],
            want=torch.where(scores >= 0, one, -one),
            tolerance=0.0,
            what="the prediction",
            tried="points with scores above 0, below 0 and exactly 0",
            hint="Compare the score with 0: which of the two classes goes with which side?",
            mistakes=[Mistake(name, value, think) for name, value, think in slips],
        )


@check("q1.update", points=1, after="q1.weights", limit=30.0)
class ExactUpdates(Check):
    """Training adds y times x to the weights at each mistake, and changes them at no other time."""

    cases: list[Case]

    def ask(self, draw: Draw) -> Tensors:
        """Small data sets whose weights after training do not depend on the order of points."""
        self.cases = drawn_cases(draw)
        return {
            f"{name}{number}": tensor
            for number, case in enumerate(self.cases)
            for name, tensor in (("w", case.weights), ("x", case.x), ("y", case.y))
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The weights after training on each, and what the model says before about a zero score."""
        after = {}
        for number in range(len(asked) // 3):
            start, x = asked[f"w{number}"], asked[f"x{number}"]
            model = student.models.PerceptronModel(start.shape[1]).to(device)
            with torch.no_grad():
                model.w.copy_(start)
            first = model.get_prediction(x[:1].to(device))
            after[f"first{number}"] = number_of(first, "PerceptronModel.get_prediction")
            examples = training_set({"x": x, "y": asked[f"y{number}"]}, model)
            student.train.train_perceptron(model, examples)
            after[f"w{number}"] = returned(model.w, "w")
        return after

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The weights are those that the rule gives, case by case."""
        for number, case in enumerate(self.cases):
            got = answered[f"w{number}"]
            first = float(answer_shaped(answered, f"first{number}", ()))
            # Where the prediction itself is wrong at a zero score, q1.prediction says so; a loop
            # that follows the model's own prediction is no less right for it.
            rules = {1.0, first} if case.begins_at_zero else {1.0}
            if not any(case.agrees(got, case.trained(at_zero)) for at_zero in rules):
                raise case.wrong(got)
