"""Figures in the look that all pictures of this homework share."""

from __future__ import annotations

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


def against_batch_size(
    title: str, up: str, sizes: list[int], values: list[float], *, from_zero: bool = False
) -> Figure:
    """A curve over batch sizes, one mark for each size."""
    figure, axes = one_plot(title, "batch size (examples a step)", up)
    axes.plot(sizes, values, marker="o")
    axes.set_xscale("log")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    for size, value in zip(sizes, values, strict=True):
        text = f"{value:.1f}" if from_zero else f"{value:.4f}"
        axes.annotate(text, (size, value), (0, 7), textcoords="offset points", ha="center")
    axes.margins(0.1, 0.15)
    if from_zero:
        axes.set_ylim(0, 1.15 * max(values))
    return figure
