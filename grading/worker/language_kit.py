"""What the `answer` step of a check of the recurrent language model may use besides.

Shapes: `B` batch, `T` time, `E` embedding, `V` vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from grading.worker.trouble import WrongType


class BigramModel(nn.Module):
    """The smallest language model: the scores for the next token depend on the newest alone.

    A student's training gets it instead of the student's own model, and so is judged alone.

    Args:
        embeddings: first weights, ``(V, E)``.
        weight: of the linear layer behind them, ``(V, E)``.
        bias: of that layer, ``(V,)``.

    Attributes:
        calls: a row for each call so far: in training mode, with gradients; 1 for yes.
    """

    def __init__(self, embeddings: Tensor, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(*embeddings.shape)
        self.embeddings.load_state_dict({"weight": embeddings})
        self.lm_head = nn.Linear(weight.shape[1], weight.shape[0])
        self.lm_head.load_state_dict({"weight": weight, "bias": bias})
        self.calls: list[tuple[bool, bool]] = []

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scores ``(B, T, V)``, and twice the embeddings ``(B, T, E)`` in place of states."""
        self.calls.append((self.training, torch.is_grad_enabled()))
        embedded = self.embeddings(tokens)
        return self.lm_head(embedded), embedded, embedded


def batches_of(tokens: Tensor, size: int) -> DataLoader[Tensor]:
    """What a homework's loader gives: the rows of ``(N, T)`` tokens in order, so many each."""
    rows: Any = tokens  # it has a length and items, which is all that a loader asks of a dataset
    return DataLoader(rows, batch_size=size)


def several(value: Any, count: int, what: str) -> tuple[Any, ...]:
    """Pass on the first results of a function that returns several.

    Args:
        value: what the student's function returned.
        count: how many there must be at least.
        what: names the function in the feedback, ``RNN.step``.

    Raises:
        WrongType: if there are fewer, or only one thing came.
    """
    if isinstance(value, (tuple, list)) and len(value) >= count:
        return tuple(value[:count])
    shown = "None" if value is None else type(value).__name__
    if isinstance(value, (tuple, list)):
        shown = f"{shown} of {len(value)}"
    raise WrongType(f"{what} returned {shown}; it should return {count} values")


def numbers_of(value: Any, what: str) -> Tensor:
    """Pass a list of numbers on, be they Python's or tensors of one element: ``(N,) float64``.

    Raises:
        WrongType: if it is anything else.
    """
    try:
        return torch.tensor([float(each) for each in value], dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        shown = "None" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"
        raise WrongType(f"{what} returned {shown}; it should be a list of numbers") from None
