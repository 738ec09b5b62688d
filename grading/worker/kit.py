"""The names that the `answer` step of a check may use, besides `student` and `asked`.

Everything here may be known to a student: it feeds inputs to their code and collects outputs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the field's own abbreviation
from torch.utils.data import DataLoader

from data.examples import TrainingExamples
from data.words import TrainingWords
from grading.frames import Tensors
from grading.worker.language_kit import BigramModel, batches_of, numbers_of, several
from grading.worker.looking import mixing_weights, watching
from grading.worker.numpy_kit import Spy, array_of, entry_of, numbers_in, printed, tensor_of
from grading.worker.standing_in import with_attention
from grading.worker.translation_kit import (
    FakeStep,
    OlderTorch,
    TwoVocabularies,
    handed_in,
    hypotheses_of,
    numbers_of_lists,
    pair_of,
    results_of,
    translator,
)
from grading.worker.trouble import WrongType
from grading.worker.watched import Watched, WatchedWords

__all__ = [
    "BigramModel",
    "DataLoader",
    "F",
    "FakeStep",
    "OlderTorch",
    "Spy",
    "Tensor",
    "TwoVocabularies",
    "WrongType",
    "array_of",
    "batches_of",
    "device",
    "entry_of",
    "gradients_of",
    "handed_in",
    "hypotheses_of",
    "mixing_weights",
    "needs_gradient",
    "nn",
    "np",
    "number_of",
    "numbers_in",
    "numbers_of",
    "numbers_of_lists",
    "pair_of",
    "predictor",
    "printed",
    "results_of",
    "returned",
    "run_through",
    "score_words",
    "several",
    "shape_of",
    "tensor_of",
    "torch",
    "training_set",
    "translator",
    "validation_reads",
    "watching",
    "with_attention",
]

SECONDS_BETWEEN_PICTURES = 0.25

# Set by the child before it runs an answer; a worker process runs one check at a time.
device = torch.device("cpu")
_report: Callable[[float, float | None, Tensors], None] | None = None
_last_picture: Callable[[], None] | None = None


def prepare(on: str, report: Callable[[float, float | None, Tensors], None]) -> None:
    """Choose the device of this check and where its training progress goes."""
    global device, _report, _last_picture
    device, _report, _last_picture = torch.device(on), report, None


def ready() -> None:
    """Touch each dataset class once, so that a fork finds everything imported."""
    letters = torch.zeros(1, 1, 47)
    letters[0, 0, 0] = 1.0
    TrainingWords(letters, torch.eye(5)[:1])
    next(iter(DataLoader(TrainingExamples(torch.zeros(2, 1), torch.zeros(2, 1)), batch_size=2)))


def predictor(model: nn.Module) -> Callable[[Tensor], Tensor]:
    """A function from inputs to the model's scores, which leaves the model as it was.

    The model is in evaluation mode for the call, no gradient is recorded, and the random numbers
    that training draws are the same with or without the call.
    """

    def predict(inputs: Tensor) -> Tensor:
        training = model.training
        state = torch.get_rng_state()
        model.eval()
        try:
            with torch.no_grad():
                return returned(model(inputs.to(device)), "the model")
        finally:
            model.train(training)
            torch.set_rng_state(state)

    return predict


def run_through(model: nn.Module, inputs: Tensor, batch_size: int = 500) -> Tensor:
    """The model's scores for all inputs, (N, ...), computed batch by batch."""
    predict = predictor(model)
    return torch.cat([predict(batch) for batch in torch.split(inputs, batch_size)])


def score_words(model: nn.Module, words: Tensor, *, padded: bool = False) -> Tensor:
    """The scores of words, (N, 5), batched by equal length without padding, as homework does.

    Args:
        model: takes (L, B, 47).
        words: (N, 10, 47) one-hot letters, with rows of zeros after the word.
        padded: leave the rows of zeros where they are instead.
    """
    lengths = words.any(2).sum(1) if not padded else torch.full((len(words),), words.shape[1])
    predict, scores = predictor(model), dict[int, Tensor]()
    for length in sorted(set(lengths.tolist())):
        places = (lengths == length).nonzero()[:, 0]
        answered = predict(words[places, :length].movedim(0, 1))  # (L, B, 47) -> (B, 5)
        scores.update(zip(places.tolist(), answered, strict=True))
    return torch.stack([scores[place] for place in range(len(words))])


def training_set(asked: Tensors, model: nn.Module) -> TrainingExamples:
    """The dataset that the student's training function gets.

    Args:
        asked: ``x`` and ``y``; ``validation_x`` and ``validation_y`` where the question has
            validation examples; ``watch`` where a window wants to see the model's answers.
            Three-dimensional ``x`` are words, and a model of words gets (L, B, 47).
        model: the model in training, so that validation accuracy can be measured.
    """
    words = asked["x"].ndim == 3
    kind, held = (TrainingWords, WatchedWords) if words else (TrainingExamples, Watched)
    validation = None
    if "validation_x" in asked:
        validation = held(asked["validation_x"], asked["validation_y"])
    predict = predictor(model)
    dataset = kind(
        asked["x"],
        asked["y"],
        validation=validation,
        predict=predict,
        observer=_observer(asked.get("watch"), predict, words),
    )
    if "watch" in asked:
        global _last_picture
        # An observer without a past shows a picture at once.
        show = _observer(asked["watch"], predict, words)
        _last_picture = lambda: show(dataset.epochs_seen, None)  # noqa: E731 - read at the end
    return dataset.to(device)  # a student's loop need not know that there is a GPU


def validation_reads(dataset: TrainingExamples) -> Tensor:
    """How often validation examples were read other than by measuring accuracy, () int64."""
    held = dataset._validation
    return torch.tensor(held.reads if isinstance(held, Watched) else 0)


def show_the_end() -> None:
    """Let a window that follows training see the model as training has left it."""
    if _last_picture is not None:
        _last_picture()


def _observer(
    watch: Tensor | None, predict: Callable[[Tensor], Tensor], words: bool
) -> Callable[[float, float | None], None]:
    """Passes progress on, with the model's answers to the watched inputs now and then."""
    next_picture = 0.0

    def observe(epochs: float, accuracy: float | None) -> None:
        nonlocal next_picture
        pictures: Tensors = {}
        if watch is not None and time.monotonic() >= next_picture:
            next_picture = time.monotonic() + SECONDS_BETWEEN_PICTURES
            # What a window cannot show must not stop the training.
            with suppress(Exception):
                pictures = {"scores": _answers(watch, predict, words)}
        if _report is not None:
            _report(epochs, accuracy, pictures)

    return observe


def _answers(watch: Tensor, predict: Callable[[Tensor], Tensor], words: bool) -> Tensor:
    """The model's answers to the watched inputs, (N, ...)."""
    if words:
        return predict(watch.movedim(0, 1))
    with suppress(RuntimeError):
        answers = predict(watch)
        if answers.ndim > 1 and len(answers) == len(watch):
            return answers
    # A perceptron's forward may be written for one point at a time.
    return torch.cat([predict(row).reshape(1, -1) for row in torch.split(watch, 1)])


def returned(value: Any, what: str) -> Tensor:
    """Pass a tensor on.

    Args:
        value: what the student's function returned.
        what: names the function in the feedback, ``AttentionBlock.forward``.

    Raises:
        WrongType: if it is not a tensor.
    """
    if isinstance(value, Tensor):
        return value
    raise WrongType(f"{what} returned {_named_type(value)}; it should return a tensor")


def number_of(value: Any, what: str) -> Tensor:
    """Pass a number on, be it Python's or a tensor of one element: () float64.

    Raises:
        WrongType: if it is anything else.
    """
    if isinstance(value, (bool, int, float)):
        return torch.tensor(float(value), dtype=torch.float64)
    if isinstance(value, Tensor) and value.numel() == 1:
        return value.detach().double().reshape(())
    shown = f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else _named_type(value)
    raise WrongType(f"{what} returned {shown}; it should return one number")


def gradients_of(value: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    """The gradients of the sum of `value` with respect to the inputs; zeros where none arrives."""
    if not value.requires_grad:
        return tuple(torch.zeros_like(tensor) for tensor in inputs)
    found = torch.autograd.grad(value.sum(), inputs, allow_unused=True)
    return tuple(
        torch.zeros_like(tensor) if gradient is None else gradient
        for tensor, gradient in zip(inputs, found, strict=True)
    )


def shape_of(value: Any, what: str) -> Tensor:
    """A tensor's shape as a tensor, (rank,) int64, so that it can travel as an answer."""
    return torch.tensor(returned(value, what).shape, dtype=torch.int64)


@contextmanager
def needs_gradient(*inputs: Tensor) -> Iterator[None]:
    """Record gradients with respect to the given inputs."""
    for tensor in inputs:
        tensor.requires_grad_(True)
    with torch.enable_grad():
        yield


def _named_type(value: Any) -> str:
    return "None" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"
