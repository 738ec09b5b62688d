"""Batch sizes 1, 5, 50, 500 and 5000: what they do to accuracy, time and gradient updates (3.2).

Examples:
  python -m courses.mlp_from_scratch.batch_size
  python -m courses.mlp_from_scratch.batch_size --quick
  python -m courses.mlp_from_scratch.batch_size --resume

Usage:
  batch_size.py [options]

Options:
  --seed N           Of the permutation and the first weights [default: 42].
  --learning_rate X  The length of a step [default: 0.01].
  --num_epoch N      The most epochs [default: 200].
  --patience N       Stop after so many epochs without a better validation accuracy [default: 3].
  --data_dir FOLDER  Holds the four .gz files of Fashion-MNIST; fetched if not given.
  --out FOLDER       Where results go; runs/batch_size if not given.
  --resume           Go on after an interruption.
  --restart          Throw earlier results in the folder away.
  --quick            A tenth of the images and three epochs: seconds instead of minutes.
  -h, --help         Show this.

Writes table.csv and table.md, accuracy and time as .png and .csv, and MLP_lr0.01_b5.json and the
like for plot_batch.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from courses.commands import number, run_command
from courses.mlp_from_scratch.pictures import against_batch_size

if TYPE_CHECKING:
    from courses.experiment import Results
    from courses.mlp_from_scratch.training import Settings

SIZES = [1, 5, 50, 500, 5000]
FORMATS = {"test accuracy": ".4f", "training time (s)": ".1f", "updates to best": ","}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; returns the exit code."""
    return run_command("batch_size", __doc__, argv, run)


def run(arguments: Mapping[str, Any]) -> None:
    """Train once for each batch size, then write the table and the two plots."""
    from courses.mlp_from_scratch.numpy_trainings import images_of, open_experiment, train
    from courses.mlp_from_scratch.training import Training

    settings = choose_settings(arguments)
    images = images_of(arguments)
    experiment = open_experiment(arguments, "batch_size", **vars(settings))
    records: dict[int, dict[str, Any]] = {}
    for size in SIZES:
        fitting = min(size, len(images.train_x))  # a quick run has fewer images than 5,000
        one = replace(settings, minibatch_size=fitting)
        records[size] = train(experiment, f"batch-{size}", Training(images, one))
        _keep_result(experiment, settings.learning_rate, size, records[size])
    rows = [_row(size, record) for size, record in records.items()]
    experiment.table(rows, FORMATS)
    for name, title, column in (
        ("accuracy", "Test accuracy of the best epoch", "test accuracy"),
        ("time", "Training time until patience ran out", "training time (s)"),
    ):
        values = [row[column] for row in rows]
        figure = against_batch_size(title, column, SIZES, values, from_zero=name == "time")
        shown = [{"batch size": row["batch size"], column: row[column]} for row in rows]
        experiment.picture(name, figure, shown)


def choose_settings(arguments: Mapping[str, Any]) -> Settings:
    """Read the settings from the options; the batch size changes from training to training."""
    from courses.mlp_from_scratch.numpy_trainings import shortened
    from courses.mlp_from_scratch.training import Settings

    settings = Settings(
        learning_rate=number(arguments, "--learning_rate", float),
        num_epoch=number(arguments, "--num_epoch"),
        early_stopping_patience=number(arguments, "--patience"),
        random_seed=number(arguments, "--seed"),
    )
    return shortened(settings, arguments)


def _row(size: int, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "batch size": size,
        "test accuracy": record["test_accuracy"],
        "training time (s)": record["seconds"],
        "epochs to best": record["best_epoch"],
        "updates to best": record["updates"],
        "epochs in all": len(record["val"]),
    }


def _keep_result(experiment: Results, rate: float, size: int, record: Mapping[str, Any]) -> None:
    """The file that neural_networks would have written."""
    from courses.mlp_from_scratch.neural_networks import result_name
    from data.files import write_atomically

    result = {
        "train": record["train"],
        "val": record["val"],
        "test": record["test_accuracy"],
        "time": record["seconds"],
    }
    path = experiment.folder / result_name(rate, size)
    write_atomically(path, lambda partial: partial.write_text(json.dumps(result), encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
