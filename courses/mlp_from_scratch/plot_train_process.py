"""Draw the training accuracy of every epoch, from the results of neural_networks.

Examples:
  python -m courses.mlp_from_scratch.plot_train_process
  python -m courses.mlp_from_scratch.plot_train_process MLP_lr0.01_b50.json --out b50.png

Usage:
  plot_train_process.py [RESULTS] [--out PNG]
  plot_train_process.py (-h | --help)

Options:
  --out PNG   Where the picture goes [default: train_process.png].
  -h, --help  Show this.

Without RESULTS it takes MLP_lr0.01_b5.json, which this makes:
  python -m courses.mlp_from_scratch.neural_networks --minibatch_size 5
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from courses.commands import run_command
from courses.experiment import write_atomically
from courses.mlp_from_scratch.pictures import one_plot

KEYS = ("train", "val", "test", "time")


def main(argv: Sequence[str] | None = None) -> int:
    """Draw as the command line says; returns the exit code."""
    return run_command("plot_train_process", __doc__, argv, _draw, "nothing was drawn")


def read_results(path: Path) -> dict[str, Any]:
    """The results of one training.

    Raises:
        ValueError: if there are none, or they are not such results.
    """
    if not path.is_file():
        size = path.stem.rpartition("_b")[2]
        raise ValueError(
            f"there is no {path}; make it with: python -m courses.mlp_from_scratch.neural_networks "
            f"--minibatch_size {size if size.isdigit() else 5}"
        )
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        missing = [key for key in KEYS if key not in results]
    except (ValueError, TypeError):
        missing = list(KEYS)
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}; it is no result of neural_networks")
    return dict(results)


def _draw(arguments: Mapping[str, Any]) -> None:
    path = Path(arguments["RESULTS"] or "MLP_lr0.01_b5.json")
    accuracies = read_results(path)["train"]
    figure, axes = one_plot(f"Training accuracy ({path.stem})", "epoch", "training accuracy")
    axes.plot(range(1, len(accuracies) + 1), accuracies, marker=".")
    target = Path(arguments["--out"])
    write_atomically(target, lambda partial: figure.savefig(partial, dpi=120, format="png"))
    print(f"picture: {target}")


if __name__ == "__main__":
    sys.exit(main())
