"""The check of q8 that trains: the student's layers and steps on real Fashion-MNIST.

The loop stands here, so that every submission is trained alike: the sizes, batch and learning rate
of the homework's first run, on fewer images and with a quieter end. Labels of the held-out images
stay in the examiner.

Shapes: `N` images.
"""

from __future__ import annotations

from typing import Any

import torch

import data
from data import Examples, Splits
from grading.checks._accuracy import accuracy, expect_accuracy, percent
from grading.claims import Check, check
from grading.compare import answer_named
from grading.draw import Draw
from grading.frames import Tensors
from grading.pass_marks import pass_mark
from grading.worker.kit import array_of, np, tensor_of

EACH, BATCH = 300, 5
# One rate an epoch. At a constant rate the last few steps move the accuracy by several points (it
# fell to 71 % for one seed in fifty); a quiet last epoch makes the outcome tell the code, not luck.
RATES = (0.01, 0.01, 0.001)


@check("q8.learns", points=4, after=("q8.gradients", "q8.step"), trains=True)
class RecognisesClothes(Check):
    """A short training in mini-batches makes the network recognise clothes it has never seen."""

    splits: Splits[Examples]

    def ask(self, draw: Draw) -> Tensors:
        """As many training images of every class, in a random order."""
        self.splits = data.load("fashion")
        x = torch.from_numpy(self.splits.train.x)
        one_hot = torch.from_numpy(self.splits.train.y)
        chosen = torch.cat([column.nonzero()[:EACH, 0] for column in one_hot.T])
        chosen = chosen[draw.shuffled(len(chosen))]
        return {
            "x": x[chosen],
            "y": one_hot[chosen].argmax(1),
            "batch": torch.tensor(BATCH),
            "rates": torch.tensor(RATES, dtype=torch.float64),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Train, then score the held-out images."""
        model = {
            "L1": student.neural_networks.linear_layer(asked["x"].shape[1], 128),
            "nonlinear1": student.neural_networks.relu(),
            "L2": student.neural_networks.linear_layer(128, 10),
            "loss": student.neural_networks.softmax_cross_entropy(),
        }
        forward = student.neural_networks.forward_pass
        backward = student.neural_networks.backward_pass
        step = student.neural_networks.miniBatchGradientDescent
        examples = student.neural_networks.DataSplit(array_of(asked["x"]), array_of(asked["y"]))
        batches = np.split(np.arange(len(asked["x"])), len(asked["x"]) // int(asked["batch"]))
        for rate in asked["rates"].tolist():
            for places in batches:
                x, y = examples.get_example(places)
                a1, h1, a2, _ = forward(model, x, y)
                backward(model, x, a1, h1, a2, y)
                model = step(model, rate)
        held = array_of((yield {})["x"])
        unknown = student.neural_networks.DataSplit(held, np.zeros(len(held), dtype=np.int64))
        scores = forward(model, *unknown.get_example(np.arange(len(held))))[2]
        return {"scores": tensor_of(scores, "the network's scores")}

    def exam(self, draw: Draw) -> Tensors:
        """Held-out images in a random order; their labels stay here."""
        held = self.splits.test
        assert held is not None  # noqa: S101 - the edition has a test split
        order = draw.shuffled(len(held))
        self.labels = torch.from_numpy(held.y)[order]
        return {"x": torch.from_numpy(held.x)[order]}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The accuracy reaches the mark."""
        scores = answer_named(answered, "scores")
        edition = self.splits.edition.name
        mark = pass_mark("q8.learns", edition).mark
        expect_accuracy(scores, self.labels, mark=mark, what="held-out pictures of clothes")
        self.note = (
            f"{percent(accuracy(scores, self.labels))} of {len(self.labels):,} held-out pictures "
            f"(pass mark {percent(mark)}, edition {edition})"
        )
