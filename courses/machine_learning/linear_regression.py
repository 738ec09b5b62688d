"""The homework's worked example: find the plane through four points by gradient descent.

The points lie on y = 7 x0 + 8 x1 + 3; a single linear layer finds the three numbers.

Usage:
  linear_regression [--plot FILE] [--seed N]
  linear_regression (-h | --help)

Examples:
  python -m courses.machine_learning.linear_regression
  python -m courses.machine_learning.linear_regression --plot plane.png

Options:
  --plot FILE  Save a picture of the loss against the epochs.
  --seed N     Where the weights start [default: 0].
  -h --help    Show this.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from docopt import docopt

if TYPE_CHECKING:
    from torch import nn

    from train import Epoch

EPOCHS = 300
REPORT_EVERY = 50


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = docopt(__doc__, argv=argv)
    if not arguments["--seed"].isdecimal():
        print(f"--seed must be a number, got {arguments['--seed']!r}", file=sys.stderr)
        return 2
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch is imported
    layer, history = learn(int(arguments["--seed"]))
    (m0, m1), b = layer.weight[0].tolist(), layer.bias.item()
    print(f"m0 = {m0:.3f}, m1 = {m1:.3f}, b = {b:.3f}")
    if arguments["--plot"]:
        plot(history, Path(arguments["--plot"]))
        print(f"loss curve saved as {arguments['--plot']}")
    return 0


def learn(seed: int) -> tuple[nn.Linear, list[Epoch]]:
    """Fit the plane.

    Returns:
        The linear layer, weight ``(1, 2)`` and bias ``(1,)``, and the epochs.
    """
    import torch
    from torch import nn, optim
    from torch.nn import functional

    from train import FitOptions, fit

    torch.manual_seed(seed)
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = x @ torch.tensor([[7.0], [8.0]]) + 3  # (4, 2) -> (4, 1)
    layer = nn.Linear(2, 1)
    optimizer = optim.Adam(layer.parameters(), lr=0.5)
    # The loss is a parabola and Adam overshoots it; smaller and smaller steps settle it.
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    history = fit(
        layer,
        [(x, y)],
        # PyTorch's own loss, so that the example runs before losses.py is written.
        lambda batch: functional.mse_loss(layer(batch[0]), batch[1]),
        optimizer,
        FitOptions(epochs=EPOCHS),
        scheduler=scheduler,
        on_epoch=report,
    )
    return layer, history


def report(epoch: Epoch) -> None:
    """Print the loss now and then."""
    if epoch.number == 1 or epoch.number % REPORT_EVERY == 0:
        print(f"epoch {epoch.number:3d}: loss {epoch.loss:.6f}")


def plot(history: list[Epoch], path: Path) -> None:
    """Draw the loss against the epochs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.semilogy([epoch.number for epoch in history], [epoch.loss for epoch in history])
    axes.set(xlabel="epoch", ylabel="mean squared error", title="y = 7 x0 + 8 x1 + 3")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    sys.exit(main())
