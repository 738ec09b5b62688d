"""The check of q1 that trains: 500 points that a line separates.

Shapes: `N` points, `D` features.
"""

from __future__ import annotations

from typing import Any

import torch

from grading.claims import Check, check
from grading.compare import expect, expect_shape, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import device, returned, training_set

POINTS = 500
MARGIN = 0.01  # some ten passes until no point is wrong, very rarely a hundred


@check("q1.learns", points=2, after="q1.weights", limit=60.0, trains=True)
class LearnsTheLine(Check):
    """Training ends with every one of 500 points on the right side of the line."""

    def ask(self, draw: Draw) -> Tensors:
        """Fresh points on both sides of a fresh line, with a gap between the sides."""
        angle = draw.uniform(1, high=6.28)
        line = torch.cat([angle.cos(), angle.sin(), draw.uniform(1, low=-0.6, high=0.6)])
        x = torch.cat([draw.normal(4 * POINTS, 2), torch.ones(4 * POINTS, 1)], dim=1)
        x = x[(x @ line).abs() > MARGIN][:POINTS]
        self.points = {"x": x, "label": torch.where(x @ line > 0, 1.0, -1.0)[:, None]}
        return {"x": x, "y": self.points["label"]}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The weights before and after training."""
        model = student.models.PerceptronModel(asked["x"].shape[1]).to(device)
        before = returned(model.w, "w").detach().clone()
        student.train.train_perceptron(model, training_set(asked, model))
        return {"before": before, "after": returned(model.w, "w")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """No point is on the wrong side by more than rounding can explain."""
        x, y = asked["x"].double(), asked["y"][:, 0]
        weights = answered["after"].double()
        expect_shape(
            weights,
            (1, x.shape[1]),
            what="w",
            tried="to read w after training",
            hint="Does the update keep the shape of w?",
        )
        slack = rounding(x.shape[1], (x * weights).abs().sum(1))
        right = ((x * weights).sum(1) * y >= -slack) & weights.any()  # NaN is not right either
        wrong = int((~right).sum())
        untouched = torch.equal(answered["before"], answered["after"])
        self.note = f"{len(x) - wrong} of {len(x)} points on the right side (all must be)"
        expect(
            wrong == 0,
            tried=f"to train on {len(x)} points that a line separates",
            expected=f"all {len(x)} points on the right side",
            got="the weights from before training" if untouched else f"{wrong} on the wrong side",
            hint="Does training go on until a whole pass over the points has no mistake?",
            name="the model was not trained" if untouched else "",
        )

    def show(self) -> Tensors:
        """The points and, as answers to unit vectors, the weights."""
        return {**self.points, "watch": torch.eye(3)}
