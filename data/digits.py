"""Handwritten digits (q3, and a small set of them for q5): MNIST in whole or in part.

Yann LeCun, Corinna Cortes and Christopher Burges, http://yann.lecun.com/exdb/mnist/. An image is
28x28 grey values, flattened to 784 numbers in 0..1; a label is one-hot. Every edition lies in the
cache in MNIST's own IDX format. How the digits are split follows from their bytes alone, so that
every machine splits alike.

Shapes: `N` number of digits.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data import idx
from data.examples import Examples
from data.source import Contents
from data.splits import Edition, Splits

CLASSES = 10
PIXELS = 28 * 28

# Held out, a class and split, where an edition comes without a test set of its own.
HELD_OUT = {"mnist-10000": 100, "mnist-5000": 50}
SMALL_TRAIN, SMALL_VALIDATION, SMALL_TEST = 50, 50, 100  # a class, for q5


class Digits(NamedTuple):
    """Digits as they are stored.

    Attributes:
        images: (N, 784) uint8.
        labels: (N,) uint8.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def take(self, positions: Sequence[int] | NDArray[np.int64]) -> Digits:
        """The digits at these positions."""
        chosen = np.asarray(positions, dtype=np.int64)
        return Digits(self.images[chosen], self.labels[chosen])

    def examples(self) -> Examples:
        """Pixels in 0..1 and one-hot labels, both float32."""
        return Examples(
            self.images.astype(np.float32) / np.float32(255),
            np.eye(CLASSES, dtype=np.float32)[self.labels],
        )


def read(edition: Edition, contents: Contents) -> Splits[Examples]:
    """All digits of an edition: train, validation and test."""
    train, validation, test = _split(edition, contents)
    return Splits(train.examples(), validation.examples(), test.examples(), edition)


def read_small(edition: Edition, contents: Contents) -> Splits[Examples]:
    """500 digits to train on, each class 50 times, and held-out digits out of `read`'s parts."""
    train, validation, test = _split(edition, contents)
    return Splits(
        _balanced(train, SMALL_TRAIN).examples(),
        _balanced(validation, SMALL_VALIDATION).examples(),
        _balanced(test, SMALL_TEST).examples(),
        edition,
    )


def _split(edition: Edition, contents: Contents) -> tuple[Digits, Digits, Digits]:
    parts = list(contents.values())
    digits = Digits(idx.images(parts[0]), idx.labels(parts[1]))
    if len(parts) == 4:
        held_out = Digits(idx.images(parts[2]), idx.labels(parts[3]))
        every = np.arange(len(held_out.labels))
        return digits, held_out.take(every[0::2]), held_out.take(every[1::2])
    return split_by_content(digits, HELD_OUT[edition.name])


def split_by_content(digits: Digits, held_out: int) -> tuple[Digits, Digits, Digits]:
    """Train, validation and test, the last two with ``held_out`` digits of each class.

    The digits are put into the order of their images' sums first; the labels come out mixed.
    """
    order = _content_order(digits.images)
    ranks = _rank_in_class(digits.labels[order])
    return (
        digits.take(order[ranks >= 2 * held_out]),
        digits.take(order[ranks < held_out]),
        digits.take(order[(ranks >= held_out) & (ranks < 2 * held_out)]),
    )


def _balanced(digits: Digits, each: int) -> Digits:
    """The first ``each`` digits of every class, or as many as all classes have, by content."""
    order = _content_order(digits.images)
    fewest = int(np.bincount(digits.labels, minlength=CLASSES).min())
    return digits.take(order[_rank_in_class(digits.labels[order]) < min(each, fewest)])


def _content_order(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    sums = [hashlib.sha256(image.tobytes()).digest() for image in images]
    return np.array(sorted(range(len(sums)), key=sums.__getitem__), dtype=np.int64)


def _rank_in_class(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(N,) how many digits of the same class stand before each one."""
    same = labels[:, None] == np.arange(CLASSES)  # (N, 10)
    before: NDArray[np.int64] = same.cumsum(axis=0)[np.arange(len(labels)), labels] - 1
    return before


def from_csv(contents: Contents) -> tuple[bytes, bytes]:
    """IDX images and labels from gzipped lines of 784 grey values and a label."""
    (packed,) = contents.values()
    table = np.loadtxt(io.BytesIO(gzip.decompress(packed)), delimiter=",", dtype=np.uint8)
    return to_idx(Digits(table[:, :PIXELS], table[:, PIXELS]))


def from_json(contents: Contents) -> tuple[bytes, bytes]:
    """IDX images and labels from one JSON file a class, in order, of grey values k/255.

    The values are rounded to three places there, which is fine enough to tell the 256 apart.
    """
    images = [
        np.rint(np.array(json.loads(text)["data"]) * 255).astype(np.uint8).reshape(-1, PIXELS)
        for text in contents.values()
    ]
    labels = np.repeat(np.arange(len(images)), [len(part) for part in images])
    return to_idx(Digits(np.concatenate(images), labels.astype(np.uint8)))


def to_idx(digits: Digits) -> tuple[bytes, bytes]:
    """The two IDX files that hold these digits."""
    count = len(digits.labels)
    return (
        struct.pack(">IIII", idx.IMAGES_MAGIC, count, 28, 28) + digits.images.tobytes(),
        struct.pack(">II", idx.LABELS_MAGIC, count) + digits.labels.tobytes(),
    )
