"""Token lists: the data files of q10, a JSON list of equally long lists of token numbers.

Shapes: `N` number of lists, `T` tokens of a list, `B` batch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from data.files import write_whole

SHORTEST = 2  # a token to read and the one that follows
EXPECTED = "expected a JSON list of equally long lists of token numbers, [[5, 17, 2], [8, 1, 9]]"
TO_MAKE = "to make such files: python -m data stories"


def read_token_lists(path: Path | str, vocab_size: int | None = None) -> Tensor:
    """The token lists of a file.

    Args:
        path: a JSON file.
        vocab_size: how many tokens there are; left out, numbers are only checked not to be
            negative.

    Returns:
        (N, T) int64, N at least 1 and T at least 2.

    Raises:
        OSError: if there is no such file or it cannot be read.
        ValueError: if it holds anything but equally long lists of numbers in the vocabulary.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: there is no such file; {TO_MAKE}") from error
    except IsADirectoryError as error:
        raise IsADirectoryError(f"{path} is a folder; name one of the JSON files in it") from error
    except OSError as error:
        raise OSError(f"{path} cannot be read ({error.strerror})") from error
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON ({error}); {EXPECTED}; {TO_MAKE}") from error
    return _checked(rows, str(path), vocab_size)


def write_token_lists(path: Path | str, rows: Tensor | Sequence[Sequence[int]]) -> None:
    """Write token lists in one step, one list a line.

    Args:
        path: the JSON file; what was there is replaced.
        rows: (N, T) numbers, none negative, N at least 1 and T at least 2.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if these rows could not be read again.
    """
    listed = rows.tolist() if isinstance(rows, Tensor) else rows
    _checked(listed, "rows", None)
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in listed)
    write_whole(Path(path), f"[{lines}]\n".encode())


class TokenBatches:
    """Batches of token lists in their order; it can be gone through again and again.

    Args:
        tokens: (N, T) int64.
        batch_size: B, lists in a batch.
        count: how many batches there are, all of them full: after the last full one the first
            follows again, and a shorter rest is never served. Left out, one pass, in which the
            last batch may be shorter.

    Raises:
        ValueError: if ``batch_size`` or ``count`` is too small, or there is no full batch to serve.
    """

    def __init__(self, tokens: Tensor, batch_size: int, count: int | None = None) -> None:
        if tokens.ndim != 2:
            raise ValueError(f"tokens must have the shape (N, T); got {tuple(tokens.shape)}")
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; expected at least 1")
        if count is not None and count < 0:
            raise ValueError(f"count is {count}; expected at least 0")
        if count and len(tokens) < batch_size:
            raise ValueError(
                f"{len(tokens)} lists make no full batch of {batch_size}; take a smaller batch_size"
            )
        self._tokens, self._batch_size, self._count = tokens, batch_size, count

    def __len__(self) -> int:
        if self._count is not None:
            return self._count
        return -(-len(self._tokens) // self._batch_size)  # rounded up

    def __iter__(self) -> Iterator[Tensor]:
        """Yields: (B, T) int64."""
        in_a_pass = len(self)
        if self._count is not None:
            in_a_pass = len(self._tokens) // self._batch_size
        for batch in range(len(self)):
            start = batch % in_a_pass * self._batch_size
            yield self._tokens[start : start + self._batch_size]


def token_batches(tokens: Tensor, batch_size: int, count: int | None = None) -> TokenBatches:
    """Batches in order, as a ``DataLoader`` without shuffling serves them; see `TokenBatches`."""
    return TokenBatches(tokens, batch_size, count)


def _checked(rows: Any, name: str, vocab_size: int | None) -> Tensor:
    """(N, T) int64, if that is what the rows are."""
    if not isinstance(rows, list | tuple):
        raise ValueError(f"{name} holds {_kind(rows)}; {EXPECTED}")
    if not rows:
        raise ValueError(f"{name} holds no list at all; {EXPECTED}")
    for number, row in enumerate(rows, 1):
        _check_row(row, f"row {number} of {name}", rows[0])
    try:
        tokens = np.array(rows, dtype=np.int64)
    except OverflowError:
        tokens = np.array(rows, dtype=object)
    wrong = tokens < 0 if vocab_size is None else (tokens < 0) | (tokens >= vocab_size)
    if tokens.dtype == object:
        wrong |= tokens > np.iinfo(np.int64).max
    if wrong.any():
        number, place = (int(position) for position in np.argwhere(wrong)[0])
        wanted = (
            "no negative numbers" if vocab_size is None else f"numbers from 0 to {vocab_size - 1}"
        )
        hint = "" if vocab_size is None else "; were these lists made with another tokenizer?"
        raise ValueError(
            f"row {number + 1} of {name} has {tokens[number, place]} at place {place + 1}; "
            f"expected {wanted}{hint}"
        )
    return torch.from_numpy(tokens)


def _check_row(row: Any, name: str, first: Any) -> None:
    if not isinstance(row, list | tuple):
        raise ValueError(f"{name} is {_kind(row)}; {EXPECTED}")
    if set(map(type, row)) - {int}:
        place, entry = next(
            (at, entry) for at, entry in enumerate(row, 1) if type(entry) is not int
        )
        shown = json.dumps(entry)
        shown = shown if len(shown) <= 40 else shown[:37] + "..."
        raise ValueError(f"{name} has {shown} at place {place}; expected whole numbers only")
    if len(row) < SHORTEST:
        raise ValueError(f"{name} has {len(row)} tokens; expected at least {SHORTEST}")
    if len(row) != len(first):
        raise ValueError(
            f"{name} has {len(row)} tokens and row 1 has {len(first)}; expected equally long rows"
        )


def _kind(value: Any) -> str:
    """What JSON calls it."""
    kinds = {dict: "an object", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
