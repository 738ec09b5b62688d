"""Training: one loop for every homework, and one function per question.

`fit` repeats what every gradient method does: predict, measure the loss, follow its gradient. The
functions below it choose the optimizer, the batches and when to stop.

Shapes: `B` batch, `L` letters.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn, optim
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler
from torch.utils.data import DataLoader, Dataset

from losses import digitclassifier_loss, digitconvolution_loss, languageid_loss, regression_loss


@dataclass(frozen=True)
class FitOptions:
    """How long `fit` trains, and which weights it leaves in the model.

    Attributes:
        epochs: the most passes over the batches.
        target: stop once the validation score is at least this.
        patience: stop after this many epochs in a row without a better validation score.
        keep_best: end with the weights of the best validation score, not with the last ones.
        clip_norm: scale a gradient down to this Euclidean norm when it is longer.
    """

    epochs: int
    target: float | None = None
    patience: int | None = None
    keep_best: bool = True
    clip_norm: float | None = None

    def __post_init__(self) -> None:
        if self.epochs < 1:
            raise ValueError(f"epochs must be at least 1, got {self.epochs}")
        if self.patience is not None and self.patience < 1:
            raise ValueError(f"patience must be at least 1 epoch, got {self.patience}")
        if self.clip_norm is not None and self.clip_norm <= 0:
            raise ValueError(f"clip_norm must be above 0, got {self.clip_norm}")


@dataclass(frozen=True)
class Epoch:
    """What one pass over the batches achieved.

    Attributes:
        number: counted from 1.
        loss: the mean of the batch losses.
        score: the validation score, larger is better; None without validation.
    """

    number: int
    loss: float
    score: float | None


def fit(
    model: nn.Module,
    batches: Iterable[Any],
    batch_loss: Callable[[Any], Tensor],
    optimizer: optim.Optimizer,
    options: FitOptions,
    *,
    validate: Callable[[], float] | None = None,
    scheduler: LRScheduler | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> list[Epoch]:
    """Train a model until the epochs are over, a target is reached or patience is lost.

    Args:
        model: the network; it stays on its device, and every batch is brought there.
        batches: iterated once an epoch: tensors, or tuples, lists and dicts of tensors.
        batch_loss: takes a batch to its loss, a tensor ``()``.
        optimizer: updates the model's parameters.
        options: when to stop and what to keep.
        validate: measures the model, larger is better (so an error comes with a minus sign).
            It runs after every epoch, without gradients and with dropout off.
        scheduler: changes the learning rate; stepped after every epoch.
        on_epoch: is told about every epoch, for instance to show progress.

    Returns:
        One `Epoch` per pass, in order.

    Raises:
        ValueError: when the options need a validation score and there is none.
        FloatingPointError: when the loss is no longer a number.
    """
    if validate is None and (options.target is not None or options.patience is not None):
        raise ValueError("target and patience compare validation scores: pass validate as well")
    history: list[Epoch] = []
    best: Epoch | None = None
    best_weights: dict[str, Tensor] = {}
    for number in range(1, options.epochs + 1):
        loss = _run_epoch(model, batches, batch_loss, optimizer, options.clip_norm)
        epoch = Epoch(number, loss, _score(model, validate))
        history.append(epoch)
        if scheduler is not None:
            scheduler.step()
        if epoch.score is not None and (best is None or epoch.score > best.score):
            best = epoch
            if options.keep_best:
                best_weights = copy.deepcopy(model.state_dict())
        if on_epoch is not None:
            on_epoch(epoch)
        if best is not None and _should_stop(epoch, best, options):
            break
    if best_weights and best is not history[-1]:
        model.load_state_dict(best_weights)
    return history


def _run_epoch(
    model: nn.Module,
    batches: Iterable[Any],
    batch_loss: Callable[[Any], Tensor],
    optimizer: optim.Optimizer,
    clip_norm: float | None,
) -> float:
    """Update the model once per batch and return the mean of the batch losses."""
    device = device_of(model)
    total, count = torch.zeros((), device=device), 0
    model.train()
    for batch in batches:
        optimizer.zero_grad()
        loss = batch_loss(to_device(batch, device))
        loss.backward()
        if clip_norm is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        # Added up on the device: asking a GPU for the number here would make it wait every time.
        total += loss.detach()
        count += 1
    if count == 0:
        raise ValueError("batches is empty: expected at least one batch an epoch")
    mean = total.item() / count
    if not math.isfinite(mean):
        raise FloatingPointError(f"the loss became {mean}: try a smaller learning rate")
    return mean


def _score(model: nn.Module, validate: Callable[[], float] | None) -> float | None:
    if validate is None:
        return None
    model.eval()
    with torch.no_grad():
        return validate()


def _should_stop(epoch: Epoch, best: Epoch, options: FitOptions) -> bool:
    if options.target is not None and best.score is not None and best.score >= options.target:
        return True
    return options.patience is not None and epoch.number - best.number >= options.patience


def device_of(model: nn.Module) -> torch.device:
    """Return the device that the model's parameters are on."""
    return next(model.parameters()).device


def to_device(batch: Any, device: torch.device) -> Any:
    """Bring every tensor of a batch (a tensor, or tuples, lists, dicts of them) to a device."""
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, (tuple, list)):
        return type(batch)(to_device(value, device) for value in batch)
    return batch


def train_perceptron(model: nn.Module, dataset: Dataset) -> None:
    """Add or subtract wrongly classified points until a whole pass has none (question 1).

    Args:
        model: a `PerceptronModel`.
        dataset: points, ``x (D,)``, with labels 1 or -1, ``(1,)``; they must be separable.
    """
    # BEGIN SOLUTION q1.training: update on every mistake until a pass has none
    device = device_of(model)
    mistakes = True
    while mistakes:
        mistakes = False
        for batch in DataLoader(dataset, batch_size=1, shuffle=True):
            x, label = batch["x"].to(device), batch["label"].to(device)
            if model.get_prediction(x) != label.item():
                mistakes = True
                # The rule is the whole update, so no gradient is recorded for it.
                with torch.no_grad():
                    model.w += label * x
    # END SOLUTION q1.training


def train_regression(model: nn.Module, dataset: Dataset) -> None:
    """Fit the curve (question 2).

    Args:
        model: a `RegressionModel`.
        dataset: ``x (1,)`` with values ``(1,)``; there is no validation part.
    """
    # BEGIN SOLUTION q2.training: minimise the regression loss
    epochs = 300
    optimizer = optim.Adam(model.parameters(), lr=0.005)

    def batch_loss(batch: dict[str, Tensor]) -> Tensor:
        return regression_loss(model(batch["x"]), batch["label"])

    fit(
        model,
        DataLoader(dataset, batch_size=50, shuffle=True),
        batch_loss,
        optimizer,
        FitOptions(epochs=epochs),
        scheduler=CosineAnnealingLR(optimizer, epochs),
    )
    # END SOLUTION q2.training


def train_digitclassifier(model: nn.Module, dataset: Dataset) -> None:
    """Learn the digits (question 3).

    Args:
        model: a `DigitClassificationModel`.
        dataset: images ``(784,)`` with one-hot labels ``(10,)`` and ``get_validation_accuracy``.
    """
    # BEGIN SOLUTION q3.training: minimise the loss, watch the validation accuracy
    epochs = 10
    optimizer = optim.Adam(model.parameters(), lr=0.001)

    def batch_loss(batch: dict[str, Tensor]) -> Tensor:
        return digitclassifier_loss(model(batch["x"]), batch["label"])

    fit(
        model,
        DataLoader(dataset, batch_size=128, shuffle=True),
        batch_loss,
        optimizer,
        FitOptions(epochs=epochs),
        validate=dataset.get_validation_accuracy,
        scheduler=CosineAnnealingLR(optimizer, epochs),
    )
    # END SOLUTION q3.training


class WordsByLength:
    """Batches of words of about the same length, cut to the longest of them.

    A recurrent network spends one step a letter. Between words of all lengths nearly half of the
    steps would read padding.

    Args:
        dataset: words ``(L, 47)``, padded with zero rows, with one-hot labels ``(5,)``.
        batch_size: words in a batch.
    """

    def __init__(self, dataset: Dataset, batch_size: int) -> None:
        # Sorting a part of the words at a time keeps the batches different in every epoch.
        self.parts = DataLoader(dataset, batch_size=32 * batch_size, shuffle=True)
        self.batch_size = batch_size

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        # BEGIN SOLUTION q4.batches: sort by length, split, cut
        for part in self.parts:
            lengths = part["x"].any(dim=2).sum(dim=1)  # (B, L, 47) -> (B,)
            batches = lengths.argsort().split(self.batch_size)
            # In random order, or every part would be read from its short words to its long ones.
            for place in torch.randperm(len(batches)):
                words = batches[place]
                longest = int(lengths[words].max())
                yield {"x": part["x"][words, :longest], "label": part["label"][words]}
        # END SOLUTION q4.batches


def train_languageid(model: nn.Module, dataset: Dataset) -> None:
    """Learn the languages (question 4).

    Args:
        model: a `LanguageIDModel`.
        dataset: words ``(L, 47)``, padded with zero rows, with one-hot labels ``(5,)`` and
            ``get_validation_accuracy``.
    """
    # BEGIN SOLUTION q4.training: minimise the loss, watch the validation accuracy
    epochs = 12
    optimizer = optim.Adam(model.parameters(), lr=0.002)

    def batch_loss(batch: dict[str, Tensor]) -> Tensor:
        letters = batch["x"].movedim(0, 1)  # (B, L, 47) -> (L, B, 47), as the model reads
        return languageid_loss(model(letters), batch["label"])

    fit(
        model,
        WordsByLength(dataset, batch_size=64),
        batch_loss,
        optimizer,
        FitOptions(epochs=epochs),
        validate=dataset.get_validation_accuracy,
        scheduler=CosineAnnealingLR(optimizer, epochs),
    )
    # END SOLUTION q4.training


def train_digitconvolution(model: nn.Module, dataset: Dataset) -> None:
    """Learn the digits with a convolution (question 5).

    Args:
        model: a `DigitConvolutionalModel`.
        dataset: images ``(784,)`` with one-hot labels ``(10,)``.
    """
    # BEGIN SOLUTION q5.training: minimise the loss
    epochs = 30
    optimizer = optim.Adam(model.parameters(), lr=0.002)

    def batch_loss(batch: dict[str, Tensor]) -> Tensor:
        return digitconvolution_loss(model(batch["x"]), batch["label"])

    fit(
        model,
        DataLoader(dataset, batch_size=50, shuffle=True),
        batch_loss,
        optimizer,
        FitOptions(epochs=epochs),
        scheduler=CosineAnnealingLR(optimizer, epochs),
    )
    # END SOLUTION q5.training
