"""Trains the two-layer NumPy network of q8, epoch by epoch, so that it can stop and go on.

All random numbers are drawn in one order, and none afterwards: the seed, the permutation of the
training set, then the layers, W before b. Batches run through the permuted set in order.

Shapes: `N` examples, `D` pixels.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.fashion import CLASSES, FashionArrays
from models.numpy_mlp import (
    DataSplit,
    Model,
    backward_pass,
    forward_pass,
    linear_layer,
    miniBatchGradientDescent,
    predict_label,
    relu,
    softmax_cross_entropy,
)

HIDDEN = 128
LAYERS = ("L1", "L2")
State: TypeAlias = dict[str, NDArray[Any]]
Update: TypeAlias = Callable[[Model, float], Any]


@dataclass(frozen=True)
class Settings:
    """How the network is trained.

    Attributes:
        minibatch_size: examples a gradient step.
        learning_rate: the length of a step.
        num_epoch: the most passes over the training set.
        early_stopping_patience: stop after this many epochs in a row without a better validation
            accuracy; None never stops early.
        random_seed: of the permutation and the first weights.
    """

    minibatch_size: int = 1
    learning_rate: float = 0.01
    num_epoch: int = 200
    early_stopping_patience: int | None = 3
    random_seed: int = 42

    def __post_init__(self) -> None:
        """Refuse values that cannot mean anything."""
        for name in ("minibatch_size", "learning_rate", "num_epoch", "early_stopping_patience"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:  # nan is refused, too
                raise ValueError(f"{name} is {value}; give a number above 0")
        if not 0 <= self.random_seed < 1 << 32:
            raise ValueError(f"random_seed is {self.random_seed}; give a whole number in 0..2³²-1")


@dataclass
class History:
    """What each epoch achieved, first epoch first.

    Attributes:
        loss: the mean loss of the batches, each before its step.
        train: accuracy in 0..1 on the training set, after the epoch.
        val: the same on the validation set.
        test: the same on the test set, where it was asked for.
    """

    loss: list[float] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    val: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)


class Training:
    """One training of the network.

    Args:
        arrays: the homework's images.
        settings: see `Settings`.
        update: takes the model and the learning rate, and makes one step; plain gradient descent
            without it. Its own memory, if any, is in `update.memory`, a dict of arrays.
        test_every_epoch: measure the test accuracy after every epoch, too.

    Raises:
        ValueError: if a batch would be larger than the training set.
    """

    def __init__(
        self,
        arrays: FashionArrays,
        settings: Settings,
        update: Update = miniBatchGradientDescent,
        *,
        test_every_epoch: bool = False,
    ) -> None:
        count = len(arrays.train_x)
        if settings.minibatch_size > count:
            raise ValueError(
                f"minibatch_size is {settings.minibatch_size}, but there are {count} training "
                "images; give at most as many"
            )
        self.settings = settings
        self.update = update
        self.test_every_epoch = test_every_epoch
        np.random.seed(settings.random_seed)
        order = np.random.permutation(count)
        self.train = DataSplit(arrays.train_x[order], arrays.train_y[order])
        self.validation = DataSplit(arrays.validation_x, arrays.validation_y)
        self.test = DataSplit(arrays.test_x, arrays.test_y)
        self.model: Model = {
            "L1": linear_layer(arrays.train_x.shape[1], HIDDEN),
            "nonlinear1": relu(),
            "L2": linear_layer(HIDDEN, CLASSES),
            "loss": softmax_cross_entropy(),
        }
        self.history = History()
        self.seconds = 0.0
        self.best_parameters = self._parameters()

    @property
    def epochs(self) -> int:
        """How many epochs are over."""
        return len(self.history.val)

    @property
    def best_epoch(self) -> int:
        """The first epoch, from 1, with the best validation accuracy so far; 0 before any."""
        return best_epoch(self.history.val)

    @property
    def steps(self) -> int:
        """Gradient steps an epoch; the last batch may be smaller."""
        return math.ceil(self.train.N / self.settings.minibatch_size)

    @property
    def updates_to_best(self) -> int:
        """How many gradient steps lead to the best epoch's end."""
        return self.best_epoch * self.steps

    @property
    def over(self) -> bool:
        """Whether the epochs or the patience are used up."""
        patience = self.settings.early_stopping_patience
        lost = patience is not None and self.epochs - self.best_epoch >= patience
        return self.epochs >= self.settings.num_epoch or (self.epochs > 0 and lost)

    def run(self, on_epoch: Callable[[Training], None] = lambda training: None) -> None:
        """Train to the end; ``on_epoch`` hears of every epoch."""
        while not self.over:
            self.run_epoch()
            on_epoch(self)

    def run_epoch(self, on_batch: Callable[[], object] = lambda: None) -> None:
        """Go through the training set once, then measure."""
        begun, losses = time.perf_counter(), []
        for start in range(0, self.train.N, self.settings.minibatch_size):
            x, y = self.train.get_example(slice(start, start + self.settings.minibatch_size))
            a1, h1, a2, loss = forward_pass(self.model, x, y)
            backward_pass(self.model, x, a1, h1, a2, y)
            self.update(self.model, self.settings.learning_rate)
            losses.append(loss)
            on_batch()
        self.history.loss.append(float(np.mean(losses)))
        self.history.train.append(self.accuracy(self.train))
        self.history.val.append(self.accuracy(self.validation))
        if self.best_epoch == self.epochs:
            self.best_parameters = self._parameters()
        self.seconds += time.perf_counter() - begun
        if self.test_every_epoch:  # not part of the training's time
            self.history.test.append(self.accuracy(self.test))

    def accuracy(self, split: DataSplit) -> float:
        """The share of a split that the network classifies rightly."""
        right = 0
        for start in range(0, split.N, 1000):  # a part at a time, to keep memory small
            x, y = split.get_example(slice(start, start + 1000))
            scores = forward_pass(self.model, x, y)[2]
            right += int((predict_label(scores) == y.reshape(-1)).sum())
        return right / split.N

    def test_accuracy(self) -> float:
        """The test accuracy of the best epoch's parameters, which the model has afterwards."""
        self._set_parameters(self.best_parameters)
        return self.accuracy(self.test)

    def state(self) -> State:
        """All that `restore` needs to go on with the same bits."""
        state = {f"now.{name}": values for name, values in self._parameters().items()}
        state |= {f"best.{name}": values for name, values in self.best_parameters.items()}
        memory: Mapping[str, NDArray[Any]] = getattr(self.update, "memory", {})
        state |= {f"memory.{name}": values.copy() for name, values in memory.items()}
        state |= {f"history.{name}": np.array(v) for name, v in vars(self.history).items()}
        state["seconds"] = np.array(self.seconds)
        return state

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on where `state` was taken, with the same settings."""
        parts: dict[str, State] = {"now": {}, "best": {}, "memory": {}, "history": {}}
        for key, values in state.items():
            part, _, name = key.partition(".")
            if name:
                parts[part][name] = values
        self._set_parameters(parts["now"])
        self.best_parameters = parts["best"]
        if parts["memory"]:
            self.update.memory.update(parts["memory"])  # type: ignore[attr-defined]
        self.history = History(**{name: v.tolist() for name, v in parts["history"].items()})
        self.seconds = float(state["seconds"])

    def _parameters(self) -> State:
        """Copies of all parameters by name, ``L1.W``."""
        return {
            f"{layer}.{name}": values.copy()
            for layer in LAYERS
            for name, values in self.model[layer].params.items()
        }

    def _set_parameters(self, parameters: State) -> None:
        for key, values in parameters.items():
            layer, _, name = key.partition(".")
            self.model[layer].params[name][...] = values


def best_epoch(accuracies: list[float]) -> int:
    """The first of the best, counted from 1; 0 if there are none."""
    return accuracies.index(max(accuracies)) + 1 if accuracies else 0


def stopping_epoch(accuracies: list[float], patience: int) -> int | None:
    """The epoch, from 1, after which early stopping would have stopped; None if it would not."""
    for epoch in range(1, len(accuracies) + 1):
        if epoch - best_epoch(accuracies[:epoch]) >= patience:
            return epoch
    return None
