"""Figures in the look that all pictures of the courses share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure


def one_plot(title: str, across: str, up: str) -> tuple[Figure, Axes]:
    """A figure with a single plot, its title and what its axes count."""
    from matplotlib.figure import Figure  # takes half a second, which --help need not wait for

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.set(title=title, xlabel=across, ylabel=up)
    axes.grid(alpha=0.3)
    return figure, axes


def whole_numbers(axis: Axis) -> None:
    """Put ticks at whole numbers only: there is no epoch 2.5."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True))


def against_sizes(
    title: str,
    across: str,
    up: str,
    sizes: Sequence[int],
    values: Sequence[float],
    *,
    from_zero: bool = False,
) -> Figure:
    """A curve over sizes that grow by factors, with a mark and its value for each size."""
    figure, axes = one_plot(title, across, up)
    axes.plot(sizes, values, marker="o")
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    behind = {"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 1}  # keeps the curve away
    for size, value in zip(sizes, values, strict=True):
        text, above = f"{value:.1f}" if from_zero else f"{value:.4f}", (0, 8)
        axes.annotate(
            text, (size, value), above, textcoords="offset points", ha="center", bbox=behind
        )
    axes.margins(0.1, 0.15)
    if from_zero:
        axes.set_ylim(0, 1.15 * max(values))
    return figure
