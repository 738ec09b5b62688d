"""Training: one loop for every homework, and one function per question.

`fit` repeats what every gradient method does: predict, measure the loss, follow its gradient. The
functions below it choose the optimizer, the batches and when to stop. A dataset's items and the
batches of its `DataLoader` are dicts ``{'x': float32, 'label': float32}``.

Shapes: `B` batch, `L` letters, `D` features.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler
from torch.utils.data import DataLoader, Dataset

from losses import digitclassifier_loss, digitconvolution_loss, languageid_loss, regression_loss

Batches: TypeAlias = Iterable[Any]
BatchLoss: TypeAlias = Callable[[Any], Tensor]


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
        for name in ("epochs", "patience", "clip_norm"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} must be above 0, got {value}")


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
    batches: Batches,
    batch_loss: BatchLoss,
    optimizer: Optimizer,
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
            It runs after every epoch, without gradients and with the model in eval mode.
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
    best, best_score = 0, -math.inf  # the number of the best epoch so far, and its score
    best_weights: dict[str, Tensor] = {}
    for number in range(1, options.epochs + 1):
        loss = _run_epoch(model, batches, batch_loss, optimizer, options.clip_norm)
        model.eval()
        with torch.no_grad():
            score = None if validate is None else validate()
        history.append(Epoch(number, loss, score))
        if scheduler is not None:
            scheduler.step()
        if score is not None and score > best_score:
            best, best_score = number, score
            if options.keep_best:
                best_weights = copy.deepcopy(model.state_dict())
        if on_epoch is not None:
            on_epoch(history[-1])
        reached = options.target is not None and best_score >= options.target
        if reached or (options.patience is not None and number - best >= options.patience):
            break
    if best_weights and best != number:
        model.load_state_dict(best_weights)
    return history


def _run_epoch(
    model: nn.Module,
    batches: Batches,
    batch_loss: BatchLoss,
    optimizer: Optimizer,
    clip: float | None,
) -> float:
    """Update the model once per batch and return the mean of the batch losses."""
    device = next(model.parameters()).device
    total, count = torch.zeros((), device=device), 0
    model.train()
    for batch in batches:
        optimizer.zero_grad()
        loss = batch_loss(to_device(batch, device))
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        # Added up on the device: asking a GPU for the number here would make it wait every time.
        total += loss.detach()
        count += 1
    if count == 0:
        raise ValueError(
            "batches is empty: expected one or more; an iterator serves one epoch only"
        )
    mean = total.item() / count
    if not math.isfinite(mean):
        raise FloatingPointError(f"the loss became {mean}: try a smaller learning rate")
    return mean


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
    """Correct mistakes until a pass has none (question 1); ``x`` (D,), ``label`` (1,) 1 or -1."""
    # BEGIN SOLUTION q1.training: update on every mistake until a pass has none
    device = next(model.parameters()).device
    mistakes = True
    while mistakes:  # for ever, if no line separates the points
        mistakes = False
        for batch in DataLoader(dataset, batch_size=1, shuffle=True):
            x, label = batch["x"].to(device), batch["label"].to(device)
            if model.get_prediction(x) != label.item():
                mistakes = True
                # The rule is the whole update, so no gradient is recorded for it.
                with torch.no_grad():
                    model.w += label * x
    # END SOLUTION q1.training


def minimise(
    model: nn.Module,
    batches: Batches,
    loss: Callable[[Tensor, Tensor], Tensor],
    *,
    epochs: int,
    lr: float,
    prepare: Callable[[Tensor], Tensor] = lambda x: x,
    validate: Callable[[], float] | None = None,
) -> None:
    """Run `fit` as questions 2 to 5 do, on inputs that ``prepare`` may change first."""

    def batch_loss(batch: dict[str, Tensor]) -> Tensor:
        return loss(model(prepare(batch["x"])), batch["label"])

    optimizer = Adam(model.parameters(), lr=lr)
    # Large steps find the right region, small ones its lowest point: the step size falls along
    # half a cosine from the full learning rate to zero.
    scheduler = CosineAnnealingLR(optimizer, epochs)
    options = FitOptions(epochs=epochs)
    fit(model, batches, batch_loss, optimizer, options, validate=validate, scheduler=scheduler)


def train_regression(model: nn.Module, dataset: Dataset) -> None:
    """Fit the curve (question 2); ``x`` (1,), ``label`` (1,), and no validation part."""
    # BEGIN SOLUTION q2.training: minimise the regression loss
    batches = DataLoader(dataset, batch_size=50, shuffle=True)
    minimise(model, batches, regression_loss, epochs=300, lr=0.005)
    # END SOLUTION q2.training


def shifted(images: Tensor) -> Tensor:
    """Move a batch of images, ``(B, 784)``, by up to one pixel: the digits stay the same."""
    # What leaves on one side comes back on the other, where the images are blank.
    down, right = torch.randint(-1, 2, (2,)).tolist()
    return images.reshape(-1, 28, 28).roll((down, right), dims=(1, 2)).flatten(start_dim=1)


def train_digitclassifier(model: nn.Module, dataset: Dataset) -> None:
    """Learn the digits (question 3); ``x`` (784,) pixels in 0..1, ``label`` (10,) one-hot."""
    # BEGIN SOLUTION q3.training: minimise the loss, watch the validation accuracy
    minimise(
        model,
        DataLoader(dataset, batch_size=100, shuffle=True),
        digitclassifier_loss,
        # Few digits need more passes for the same number of updates.
        epochs=max(8, min(60, 240_000 // len(dataset))),
        lr=0.002,
        # Every pass shows the digits at other places, which is worth many more examples: with
        # 8,000 digits to learn from it more than halves the errors.
        prepare=shifted,
        validate=getattr(dataset, "get_validation_accuracy", None),
    )
    # END SOLUTION q3.training


class WordsByLength:
    """Batches of words of about the same length, cut to the longest of them.

    A recurrent network spends one step a letter: in mixed batches a third of them is padding.
    """

    def __init__(self, dataset: Dataset, batch_size: int) -> None:
        # Sorting a part of the words at a time keeps the batches different in every epoch.
        self.parts = DataLoader(dataset, batch_size=32 * batch_size, shuffle=True)
        self.batch_size = batch_size

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        for part in self.parts:
            lengths = part["x"].any(dim=2).sum(dim=1)  # (B, L, 47) -> (B,)
            batches = lengths.argsort().split(self.batch_size)
            # In random order, or every part would be read from its short words to its long ones.
            for place in torch.randperm(len(batches)):
                words = batches[place]
                longest = int(lengths[words].max())
                yield {"x": part["x"][words, :longest], "label": part["label"][words]}


def train_languageid(model: nn.Module, dataset: Dataset) -> None:
    """Learn the languages (question 4); ``x`` (L, 47), zero after a word, ``label`` (5,)."""
    # BEGIN SOLUTION q4.training: minimise the loss, watch the validation accuracy
    minimise(
        model,
        WordsByLength(dataset, batch_size=64),
        languageid_loss,
        epochs=8,
        lr=0.003,
        prepare=lambda words: words.movedim(0, 1),  # (B, L, 47) -> (L, B, 47)
        validate=getattr(dataset, "get_validation_accuracy", None),
    )
    # END SOLUTION q4.training


def train_digitconvolution(model: nn.Module, dataset: Dataset) -> None:
    """Learn the digits with a convolution (question 5), from the same items as question 3."""
    # BEGIN SOLUTION q5.training: minimise the loss
    batches = DataLoader(dataset, batch_size=50, shuffle=True)
    minimise(model, batches, digitconvolution_loss, epochs=40, lr=0.002, prepare=shifted)
    # END SOLUTION q5.training
