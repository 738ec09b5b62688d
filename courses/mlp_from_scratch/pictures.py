"""The pictures that two commands of this homework draw alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from courses.pictures import against_sizes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def against_batch_size(
    title: str, up: str, sizes: list[int], values: list[float], *, from_zero: bool = False
) -> Figure:
    """A curve over batch sizes, one mark for each size."""
    across = "batch size (examples a step)"
    return against_sizes(title, across, up, sizes, values, from_zero=from_zero)
