"""Test images at other places: easy for a human eye, not drawn like the training images (3.5).

Shapes: `N` images.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

SIDE = 28
ROWS = 4


def moved_up(images: Tensor, rows: int) -> Tensor:
    """Move images up; what leaves at the top is lost, what enters at the bottom is blank.

    Args:
        images: ``(N, 784)``, 0 where they are blank.
        rows: how far, in pixels.
    """
    moved = torch.zeros_like(images)
    moved[:, : (SIDE - rows) * SIDE] = images[:, rows * SIDE :]  # a row is 28 pixels of the 784
    return moved


def rotated(images: Tensor, degrees: int) -> Tensor:
    """Turn images counter-clockwise.

    Args:
        images: ``(N, 784)``.
        degrees: a multiple of 90.
    """
    squares = images.reshape(-1, SIDE, SIDE)
    return squares.rot90(degrees // 90, dims=(1, 2)).reshape(len(images), -1)


# The homework's test sets by name, in its order.
TEST_SETS: dict[str, Callable[[Tensor], Tensor]] = {
    "original": lambda images: images,
    "moved up by 4": lambda images: moved_up(images, ROWS),
    "rotated by 90": lambda images: rotated(images, 90),
    "rotated by 180": lambda images: rotated(images, 180),
    "rotated by 270": lambda images: rotated(images, 270),
}
