"""A picture of a training run: the loss of every iteration, and its moving average."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

WINDOW = 100  # at most; a short run is averaged over a fifth of it


def plot_losses(losses: Sequence[float], guessing: float, path: Path) -> None:
    """Draw the losses against the iterations.

    Args:
        losses: one for each iteration, in nats per character.
        guessing: the loss of a model that finds every character equally likely.
        path: the PNG file to write.
    """
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    iterations = np.arange(1, len(losses) + 1)
    axes.plot(iterations, losses, color="tab:blue", alpha=0.3, label="each batch")
    window = max(1, min(WINDOW, len(losses) // 5))
    average = np.convolve(losses, np.ones(window) / window, mode="valid")
    middles = iterations[window // 2 :][: len(average)]
    axes.plot(middles, average, color="tab:blue", label=f"mean of {window} batches")
    axes.axhline(guessing, color="gray", linestyle="--", label="guessing")
    axes.set(xlabel="iteration", ylabel="loss (nats per character)", title="Character GPT")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150, format="png")
