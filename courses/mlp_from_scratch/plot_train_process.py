"""Draw the training accuracy of every epoch, from the results of neural_networks.

Examples:
  python -m courses.mlp_from_scratch.plot_train_process
  python -m courses.mlp_from_scratch.plot_train_process --validation --show
  python -m courses.mlp_from_scratch.plot_train_process MLP_lr0.01_b50.json --out b50.png

Usage:
  plot_train_process.py [RESULTS] [--validation] [--out PNG] [--show]
  plot_train_process.py (-h | --help)

Options:
  --validation  Draw the validation accuracy, too.
  --out PNG     Where the picture goes [default: train_process.png].
  --show        Open it in a window as well.
  -h, --help    Show this.

Without RESULTS it takes MLP_lr0.01_b5.json, which this makes:
  python -m courses.mlp_from_scratch.neural_networks --minibatch_size 5
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from courses.commands import run_command
from courses.mlp_from_scratch.neural_networks import result_name

RATE, BATCH_SIZE = 0.01, 5


def main(argv: Sequence[str] | None = None) -> int:
    """Draw as the command line says; returns the exit code."""
    return run_command("plot_train_process", __doc__, argv, _draw, "nothing was drawn")


def _draw(arguments: Mapping[str, Any]) -> None:
    from courses.mlp_from_scratch.mlp_results import read_results
    from courses.mlp_from_scratch.windows import show
    from courses.pictures import one_plot, whole_numbers
    from data.files import write_atomically

    path = Path(arguments["RESULTS"] or result_name(RATE, BATCH_SIZE))
    results = read_results([path])[0]
    figure, axes = one_plot(f"Accuracy of every epoch ({path.stem})", "epoch", "training accuracy")
    whole_numbers(axes.xaxis)
    epochs = range(1, len(results["train"]) + 1)
    axes.plot(epochs, results["train"], marker=".", label="training")
    if arguments["--validation"]:
        axes.plot(epochs, results["val"], marker=".", label="validation")
        axes.set_ylabel("accuracy")
        axes.legend()
    target = Path(arguments["--out"])
    write_atomically(target, lambda partial: figure.savefig(partial, dpi=120, format="png"))
    print(f"picture: {target}")
    if arguments["--show"]:
        show([target])


if __name__ == "__main__":
    sys.exit(main())
