"""Draw test accuracy and training time against the batch size, from the results of neural_networks.

Examples:
  python -m courses.mlp_from_scratch.plot_batch
  python -m courses.mlp_from_scratch.plot_batch --results runs/mine --learning_rate 0.05
  python -m courses.mlp_from_scratch.plot_batch --show

Usage:
  plot_batch.py [--results FOLDER] [--learning_rate X] [--out FOLDER] [--show]
  plot_batch.py (-h | --help)

Options:
  --results FOLDER   Holds MLP_lr0.01_b1.json and those of 5, 50, 500 and 5000 [default: .].
  --learning_rate X  Of those results [default: 0.01].
  --out FOLDER       Where batch_accuracy.png and batch_time.png go [default: .].
  --show             Open them in windows as well.
  -h, --help         Show this.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from courses.commands import number, run_command
from courses.mlp_from_scratch.neural_networks import result_name

SIZES = [1, 5, 50, 500, 5000]


def main(argv: Sequence[str] | None = None) -> int:
    """Draw as the command line says; returns the exit code."""
    return run_command("plot_batch", __doc__, argv, _draw, "nothing was drawn")


def _draw(arguments: Mapping[str, Any]) -> None:
    from courses.mlp_from_scratch.mlp_results import read_results
    from courses.mlp_from_scratch.pictures import against_batch_size
    from courses.mlp_from_scratch.windows import show
    from data.files import write_atomically

    rate = number(arguments, "--learning_rate", float)
    folder, target = Path(arguments["--results"]), Path(arguments["--out"])
    results = read_results([folder / result_name(rate, size) for size in SIZES])
    tests, times = ([result[key] for result in results] for key in ("test", "time"))
    figures = {
        "accuracy": against_batch_size("Test accuracy", "test accuracy", SIZES, tests),
        "time": against_batch_size("Training time", "seconds", SIZES, times, from_zero=True),
    }
    paths = []
    for name, figure in figures.items():
        paths.append(target / f"batch_{name}.png")
        write_atomically(paths[-1], partial(figure.savefig, dpi=120, format="png"))
        print(f"picture: {paths[-1]}")
    if arguments["--show"]:
        show(paths)


if __name__ == "__main__":
    sys.exit(main())
