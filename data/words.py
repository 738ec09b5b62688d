"""Words in five languages, letter by letter (q4).

A word is a matrix with one row for each letter, a single 1 standing where that letter has its
place in `LETTERS`. Training items have `LONGEST` rows, all zero after the word, so that words of
any length go into one batch; for evaluation, words of one length go together without padding.

Shapes: `N` number of words, `B` batch, `L` letters of a word, 47 letters of the alphabet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from data.examples import EVALUATION_BATCH, Array, Examples, TrainingExamples

LETTERS = "abcdefghijklmnopqrstuvwxyzáäèéêëíïñóöúüąćęłńśźż"
LANGUAGES = ("English", "Spanish", "Finnish", "Dutch", "Polish")
LONGEST = 10


def encode(words: Sequence[str], length: int = LONGEST) -> NDArray[np.float32]:
    """One-hot letters of each word, padded with zeros.

    Args:
        words: N words, each of 1 to ``length`` of `LETTERS`.
        length: rows for each word.

    Returns:
        (N, length, 47) float32.

    Raises:
        ValueError: if a word is empty, too long, or has a character that is not in `LETTERS`.
    """
    encoded = np.zeros((len(words), length, len(LETTERS)), dtype=np.float32)
    place = {letter: column for column, letter in enumerate(LETTERS)}
    for row, word in enumerate(words):
        if not 1 <= len(word) <= length or not place.keys() >= set(word):
            raise ValueError(
                f"cannot encode {word!r}: expected 1 to {length} letters out of {LETTERS}"
            )
        columns = [place[letter] for letter in word]
        encoded[row, range(len(word)), columns] = 1.0
    return encoded


def decode(x: Array) -> list[str]:
    """The words that (N, L, 47) one-hot letters spell; the zero rows after a word are dropped."""
    letters = np.asarray(x)
    lengths = letters.any(axis=2).sum(axis=1)
    return [
        "".join(LETTERS[place] for place in row[:length])
        for row, length in zip(letters.argmax(axis=2), lengths, strict=True)
    ]


def one_hot_languages(languages: Sequence[int]) -> NDArray[np.float32]:
    """(N, 5) float32 labels from positions in `LANGUAGES`."""
    return np.eye(len(LANGUAGES), dtype=np.float32)[np.asarray(languages, dtype=np.int64)]


class Words(Examples):
    """Words with their languages.

    Args:
        x: (N, 10, 47) one-hot letters, zero rows after the word (see `encode`).
        y: (N, 5) one-hot languages, in the order of `LANGUAGES`.

    Raises:
        ValueError: if ``x`` is not three-dimensional or holds a word without letters.
    """

    def __init__(self, x: Array, y: Array) -> None:
        super().__init__(x, y)
        if self._inputs.ndim != 3:
            raise ValueError(
                f"words must have the shape (N, letters, {len(LETTERS)}); got {self.x.shape}"
            )
        if not self._inputs[:, 0].any(dim=1).all():
            raise ValueError("a word has no first letter; every word needs at least one")

    def batches(self, batch_size: int = EVALUATION_BATCH) -> Iterator[tuple[Tensor, Tensor]]:
        """Every word once, grouped by length and without padding.

        Yields:
            letters: (L, B, 47) float32, all B words having L letters.
            labels: (B, 5) float32.
        """
        lengths = self._inputs.any(dim=2).sum(dim=1)  # (N,)
        for length in sorted(set(lengths.tolist())):
            for group in torch.split((lengths == length).nonzero()[:, 0], batch_size):
                letters = self._inputs[group, :length].movedim(0, 1)  # (L, B, 47)
                yield letters.contiguous(), self._labels[group]


class TrainingWords(TrainingExamples, Words):
    """Words to train on; ``predict`` gets (L, B, 47) when the accuracy is measured."""


def as_examples(words: Sequence[Sequence[str]]) -> Words:
    """`Words` from one equally long list of words for each language, the languages in turns."""
    together = [word for turn in zip(*words, strict=True) for word in turn]
    languages = list(range(len(words))) * len(words[0])
    return Words(encode(together), one_hot_languages(languages))
