"""Trains a torch network on Fashion-MNIST with `train.fit`, so that it can stop and go on.

Shapes: `N` images.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn, optim

from courses import torch_state
from courses.experiment import Results
from train import Epoch, FitOptions, fit

EVALUATED = 500  # images at a time, to keep memory small


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Attributes:
        seed: of the first weights and of the order of the images.
        learning_rate: the step size of Adam.
        minibatch_size: images in a batch.
        num_epoch: the most passes over the images.
        patience: stop after this many epochs in a row without a better validation accuracy; the
            best epoch's weights are kept.
    """

    seed: int = 42
    learning_rate: float = 0.001
    minibatch_size: int = 50
    num_epoch: int = 50
    patience: int = 5

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name != "seed" and value <= 0:
                raise ValueError(f"--{name} must be above 0, got {value}")


@dataclass(frozen=True)
class Images:
    """Images with their classes.

    Attributes:
        x: ``(N, 784) float32`` in 0..1.
        y: ``(N,) int64``.
    """

    x: Tensor
    y: Tensor


class Training:
    """A network in training.

    Args:
        model: the network, on its device.
        images: to learn from, on the same device.
        validation: to choose the best epoch by.
        settings: how.

    Attributes:
        history: a loss (nats per image) and a validation accuracy for every epoch so far.
        seconds: how long they took.
    """

    def __init__(
        self, model: nn.Module, images: Images, validation: Images, settings: Settings
    ) -> None:
        self.model, self.images, self.validation = model, images, validation
        self.settings = settings
        self.optimizer = optim.Adam(model.parameters(), lr=settings.learning_rate)
        self.order = torch.Generator().manual_seed(settings.seed)
        self.history: list[Epoch] = []
        self.best = {name: value.clone() for name, value in model.state_dict().items()}
        self.seconds = 0.0

    @property
    def best_epoch(self) -> int:
        """The first epoch, from 1, with the best validation accuracy; 0 before any."""
        best = max(self.history, key=_score, default=None)
        return best.number if best else 0

    @property
    def over(self) -> bool:
        """Whether the epochs or the patience are used up."""
        epochs = len(self.history)
        lost = epochs - self.best_epoch >= self.settings.patience
        return epochs >= self.settings.num_epoch or (epochs > 0 and lost)

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """All images once, in a new order."""
        order = torch.randperm(len(self.images.y), generator=self.order).to(self.images.y.device)
        for places in order.split(self.settings.minibatch_size):
            yield self.images.x[places], self.images.y[places]

    def run_epoch(self) -> None:
        """Go through the images once, then measure."""
        begun = time.perf_counter()
        # One epoch a call: `fit` alone cannot go on in the middle of a training.
        (epoch,) = fit(
            self.model,
            self.batches(),
            lambda batch: nn.functional.cross_entropy(self.model(batch[0]), batch[1]),
            self.optimizer,
            FitOptions(epochs=1),
            validate=lambda: accuracy(self.model, self.validation),
        )
        self.history.append(Epoch(len(self.history) + 1, epoch.loss, epoch.score))
        if self.best_epoch == len(self.history):
            self.best = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.seconds += time.perf_counter() - begun

    def keep(self, results: Results, name: str) -> None:
        """Save everything that `restore` needs."""
        tensors = torch_state.collect(self.model, self.optimizer, {"order": self.order})
        tensors |= {f"best.{key}": value.cpu() for key, value in self.best.items()}
        about = {"history": [asdict(epoch) for epoch in self.history], "seconds": self.seconds}
        results.save(name, {key: value.numpy() for key, value in tensors.items()}, about)

    def restore(self, results: Results, name: str) -> bool:
        """Go on where `keep` was called, if it was."""
        kept = results.load(name)
        if kept is None:
            return False
        tensors = {key: torch.from_numpy(value) for key, value in kept[0].items()}
        torch_state.restore(tensors, self.model, self.optimizer, {"order": self.order})
        device = self.images.x.device
        best = torch_state.below("best.", tensors)
        self.best = {key: value.to(device) for key, value in best.items()}
        self.history = [Epoch(**epoch) for epoch in kept[1]["history"]]
        self.seconds = kept[1]["seconds"]
        return True

    def record(self) -> dict[str, Any]:
        """What is worth keeping of a finished training; the model has its best weights then."""
        self.model.load_state_dict(self.best)
        return {
            "loss": [epoch.loss for epoch in self.history],
            "val": [epoch.score for epoch in self.history],
            "best_epoch": self.best_epoch,
            "seconds": self.seconds,
        }


def accuracy(model: nn.Module, images: Images) -> float:
    """Return the share of the images that the model classifies rightly."""
    model.eval()
    with torch.no_grad():
        right = sum(
            (model(x).argmax(dim=1) == y).sum()
            for x, y in zip(images.x.split(EVALUATED), images.y.split(EVALUATED), strict=True)
        )
    return int(right) / len(images.y)


def _score(epoch: Epoch) -> float:
    return -math.inf if epoch.score is None else epoch.score
