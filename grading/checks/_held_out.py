"""What the checks that train a classifier share: examples to learn from, others held out."""

from __future__ import annotations

from typing import ClassVar

import torch

import data
from data import Examples, Splits
from grading.claims import Check
from grading.draw import Draw
from grading.frames import Tensors

GREY_NOISE = 1 / 1024  # of pixels in [0, 1] with 256 grey levels


class LearnsFromExamples(Check):
    """Sends training and validation examples, and after training the held-out inputs.

    The held-out labels stay on `labels`, in the examiner.

    Attributes:
        dataset: the name that `data.load` knows.
        shown: how many examples a window draws.
        noise: how far a held-out number may be moved; 0 where numbers are no measurements.
    """

    dataset: ClassVar[str]
    shown: ClassVar[int] = 25
    noise: ClassVar[float] = 0.0
    splits: Splits[Examples]

    def ask(self, draw: Draw) -> Tensors:
        """Training and validation examples."""
        self.splits = data.load(self.dataset)
        train, validation = self.splits.train, self.splits.validation
        assert validation is not None  # noqa: S101 - every edition has a validation split
        return {
            "x": torch.from_numpy(train.x),
            "y": torch.from_numpy(train.y),
            "validation_x": torch.from_numpy(validation.x),
            "validation_y": torch.from_numpy(validation.y),
        }

    def exam(self, draw: Draw) -> Tensors:
        """Held-out examples in a random order; their labels stay here.

        A little noise, far less than a grey level, makes no two runs' pictures the same to the bit.
        """
        held = self.splits.test
        assert held is not None  # noqa: S101 - every edition has a test split
        order = draw.shuffled(len(held))
        self.labels = torch.from_numpy(held.y)[order]
        x = torch.from_numpy(held.x)[order]
        if self.noise:
            x = (x + draw.uniform(*x.shape, low=-self.noise, high=self.noise)).clamp(0, 1)
        return {"x": x}

    def show(self) -> Tensors:
        """The first few validation examples."""
        held = self.splits.validation or self.splits.train
        x, label = held.x[: self.shown], held.y[: self.shown]
        return {"x": torch.from_numpy(x), "label": torch.from_numpy(label)}
