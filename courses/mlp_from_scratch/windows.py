"""Shows pictures that were written in windows of their own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def show(pictures: Iterable[Path]) -> None:
    """Open a window for every picture, and wait until all are closed.

    Raises:
        ValueError: if no window can be opened here.
    """
    from matplotlib import pyplot

    if pyplot.get_backend().lower() == "agg":  # what matplotlib falls back on without a display
        raise ValueError(
            "no window can be opened: there is no display, or no window toolkit (python3-tk on "
            "Debian and Ubuntu, or pip install PySide6); the pictures are written all the same"
        )
    for path in pictures:
        figure = pyplot.figure(path.name, figsize=(7, 4.5))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.imshow(pyplot.imread(path))
        axes.set_axis_off()
    pyplot.show()
