"""IDX, the file format of MNIST and of everything that takes its place.

A magic number that names the kind, the sizes, all big-endian, then one byte a value.
Yann LeCun, Corinna Cortes and Christopher Burges, http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

PIXELS = 28 * 28
IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049


def images(content: bytes) -> NDArray[np.uint8]:
    """Grey values, (N, 784) uint8, out of an unpacked IDX file.

    Raises:
        ValueError: if it is none of 28x28 images.
    """
    _require_head(content, 16)
    magic, count, rows, columns = struct.unpack_from(">IIII", content)
    if (magic, rows, columns, len(content)) != (IMAGES_MAGIC, 28, 28, 16 + count * PIXELS):
        raise ValueError(
            f"expected an IDX file of 28x28 images (magic {IMAGES_MAGIC}); got magic {magic}, "
            f"{count} images of {rows}x{columns} in {len(content)} bytes"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=16).reshape(count, PIXELS)


def labels(content: bytes) -> NDArray[np.uint8]:
    """Class numbers, (N,) uint8, out of an unpacked IDX file.

    Raises:
        ValueError: if it is none of labels.
    """
    _require_head(content, 8)
    magic, count = struct.unpack_from(">II", content)
    if (magic, len(content)) != (LABELS_MAGIC, 8 + count):
        raise ValueError(
            f"expected an IDX file of labels (magic {LABELS_MAGIC}); got magic {magic} and "
            f"{count} labels in {len(content)} bytes"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=8)


def _require_head(content: bytes, size: int) -> None:
    if len(content) < size:
        raise ValueError(f"expected an IDX file, got {len(content)} bytes: it is cut off or empty")
