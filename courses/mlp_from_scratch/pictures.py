"""Figures in the look that all pictures of this homework share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def one_plot(title: str, across: str, up: str) -> tuple[Figure, Axes]:
    """A figure with a single plot, its title and what its axes count."""
    from matplotlib.figure import Figure  # takes half a second, which --help need not wait for

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.set(title=title, xlabel=across, ylabel=up)
    axes.grid(alpha=0.3)
    return figure, axes


def against_batch_size(
    title: str, up: str, sizes: list[int], values: list[float], *, from_zero: bool = False
) -> Figure:
    """A curve over batch sizes, one mark for each size."""
    figure, axes = one_plot(title, "batch size (examples a step)", up)
    axes.plot(sizes, values, marker="o")
    axes.set_xscale("log")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    if from_zero:
        axes.set_ylim(bottom=0)
    for size, value in zip(sizes, values, strict=True):
        axes.annotate(
            f"{value:.3g}", (size, value), (0, 7), textcoords="offset points", ha="center"
        )
    axes.margins(0.1, 0.15)
    return figure
