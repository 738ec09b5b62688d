"""A picture of a training: the perplexity at every validation, and its numbers."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from data.files import write_atomically


def draw_curve(png: Path, validations: Sequence[Mapping[str, Any]]) -> None:
    """Draw both perplexities, and mark the best model and the restarts from it.

    Args:
        png: the file to write.
        validations: rows with iteration, both perplexities and the learning rate.
    """
    figure = _draw(validations)
    write_atomically(png, lambda path: figure.savefig(path, dpi=150, format="png"))


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the numbers of the picture as CSV."""
    write_atomically(path, lambda partial: _write_csv(partial, rows))


def _draw(validations: Sequence[Mapping[str, Any]]) -> Any:
    from matplotlib.figure import Figure  # takes a while, which --help need not wait for
    from matplotlib.ticker import LogLocator

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    iterations = [row["iteration"] for row in validations]
    for name, label in (
        ("train perplexity", "training, since the validation before, with dropout"),
        ("dev perplexity", "dev"),
    ):
        axes.plot(iterations, [row[name] for row in validations], marker=".", label=label)
    best = min(validations, key=lambda row: row["dev perplexity"])
    axes.plot(
        best["iteration"], best["dev perplexity"], "o", mfc="none", ms=12, color="tab:green",
        label=f"best: {best['dev perplexity']:.2f}",
    )  # fmt: skip
    slower = [
        before["iteration"]
        for before, after in pairwise(validations)
        if after["learning rate"] < before["learning rate"]
    ]
    for number, iteration in enumerate(slower):
        label = "back to the best, smaller learning rate" if number == 0 else None
        axes.axvline(iteration, color="gray", linestyle=":", label=label)
    axes.set_yscale("log")
    axes.set(xlabel="iteration", ylabel="perplexity", title="Translation: perplexity in training")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
