"""Clothes in 28x28 grey values (q8): the homework's part of Fashion-MNIST.

Han Xiao, Kashif Rasul and Roland Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking
machine learning algorithms" (2017), https://arxiv.org/abs/1708.07747. Of the 60,000 training
images, the first 1,000 of every class train and the last 200 validate; all 10,000 test images
test. Nothing here is drawn at random.

Shapes: `N` number of images.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data import idx

if TYPE_CHECKING:  # the NumPy homework runs without torch
    from data.examples import Examples
    from data.source import Contents
    from data.splits import Edition, Splits

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
CLASSES = len(CLASS_NAMES)
TRAIN_EACH, VALIDATION_EACH = 1_000, 200

FOLDER = "fashion"
NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
SHOWN = 6  # names of a wrong folder's files that an error lists


class Clothes(NamedTuple):
    """Images with their classes.

    Attributes:
        images: (N, 784) uint8.
        labels: (N,) uint8.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


class FashionArrays(NamedTuple):
    """The homework's arrays; `x` are (N, 784) float64 in 0..1, `y` are (N,) int64 class numbers."""

    train_x: NDArray[np.float64]
    train_y: NDArray[np.int64]
    validation_x: NDArray[np.float64]
    validation_y: NDArray[np.int64]
    test_x: NDArray[np.float64]
    test_y: NDArray[np.int64]


def homework_arrays(folder: Path | None = None) -> FashionArrays:
    """The training, validation and test images of the homework.

    Args:
        folder: holds the four .gz files; None takes them from the cache, and fetches them first
            if they are not there.

    Raises:
        ValueError: if the folder lacks a file, or one of them is not what its name says.
        FetchError: if no folder is named, the cache lacks the files and no source answers.
    """
    contents = _from_cache() if folder is None else _from_folder(folder)
    arrays: list[NDArray[np.float64] | NDArray[np.int64]] = []
    for part in homework_parts(contents):
        arrays += [part.images / 255.0, part.labels.astype(np.int64)]
    return FashionArrays(*arrays)  # type: ignore[arg-type] # they alternate


def homework_parts(contents: Sequence[bytes]) -> tuple[Clothes, Clothes, Clothes]:
    """The training, validation and test images out of the four unpacked files.

    Raises:
        ValueError: if there are too few images, or not as many labels as images.
    """
    everything, test = _clothes(contents, 0), _clothes(contents, 2)
    chosen = [np.flatnonzero(everything.labels == each) for each in range(CLASSES)]
    fewest = min(len(places) for places in chosen)
    if fewest < TRAIN_EACH + VALIDATION_EACH:
        raise ValueError(
            f"the training images hold {fewest} of one class; the homework needs "
            f"{TRAIN_EACH + VALIDATION_EACH} of each: the first {TRAIN_EACH} train and the last "
            f"{VALIDATION_EACH} validate"
        )
    # Class after class: whoever shuffles draws from a known order.
    train = np.concatenate([places[:TRAIN_EACH] for places in chosen])
    validation = np.concatenate([places[-VALIDATION_EACH:] for places in chosen])
    return (
        Clothes(everything.images[train], everything.labels[train]),
        Clothes(everything.images[validation], everything.labels[validation]),
        test,
    )


def read(edition: Edition, contents: Contents) -> Splits[Examples]:
    """The homework's images as examples: float32 pixels in 0..1 and one-hot labels."""
    from data.examples import Examples
    from data.splits import Splits

    train, validation, test = (
        Examples(
            part.images.astype(np.float32) / np.float32(255),
            np.eye(CLASSES, dtype=np.float32)[part.labels],
        )
        for part in homework_parts(list(contents.values()))
    )
    return Splits(train, validation, test, edition)


def unpacked(contents: Contents) -> list[bytes]:
    """What a package's four files hold, in the order of `NAMES`."""
    return [gzip.decompress(content) for content in contents.values()]


def _clothes(contents: Sequence[bytes], first: int) -> Clothes:
    """What the images' file ``NAMES[first]`` and the labels' file after it hold."""
    clothes = Clothes(
        _decode(idx.images, contents[first], NAMES[first]),
        _decode(idx.labels, contents[first + 1], NAMES[first + 1]),
    )
    images, labels = len(clothes.images), len(clothes.labels)
    if images != labels or not labels:
        raise ValueError(
            f"{NAMES[first]} holds {images} images and {NAMES[first + 1]} {labels} labels; "
            "expected one label for each image, and at least one image"
        )
    if clothes.labels.max() >= CLASSES:
        raise ValueError(
            f"{NAMES[first + 1]} has the label {clothes.labels.max()}; "
            f"expected 0 to {CLASSES - 1}: are these the files of another dataset?"
        )
    return clothes


def _decode(
    decode: Callable[[bytes], NDArray[np.uint8]], content: bytes, name: str
) -> NDArray[np.uint8]:
    try:
        return decode(content)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _from_cache() -> list[bytes]:
    from data.fetching import fetch, present
    from data.loading import find

    dataset = find("fashion")
    _, contents = present(dataset) or fetch(dataset)
    return list(contents.values())


def _from_folder(folder: Path) -> list[bytes]:
    missing = [name for name in NAMES if not (folder / name).is_file()]
    if missing:
        raise ValueError(
            f"{folder} lacks {', '.join(missing)}; expected the four files of Fashion-MNIST, "
            f"{', '.join(NAMES)}; got {_inside(folder)}"
        )
    contents = []
    for name in NAMES:
        try:
            contents.append(gzip.decompress((folder / name).read_bytes()))
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{folder / name} cannot be unpacked: {error}") from error
    return contents


def _inside(folder: Path) -> str:
    """What lies in a folder, in few words."""
    if not folder.is_dir():
        return "a file" if folder.exists() else "no such folder"
    names = sorted(path.name for path in folder.iterdir())
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) or "an empty folder") + more
