"""Train 30 epochs without stopping, and mark where patience would have ended (3.3).

Examples:
  python -m courses.mlp_from_scratch.early_stopping
  python -m courses.mlp_from_scratch.early_stopping --quick
  python -m courses.mlp_from_scratch.early_stopping --patience 1 --out runs/impatient

Usage:
  early_stopping.py [options]

Options:
  --seed N           Of the permutation and the first weights [default: 42].
  --minibatch N      Examples a step [default: 5].
  --learning_rate X  The length of a step [default: 0.01].
  --num_epoch N      How many epochs [default: 30].
  --patience N       The patience whose end is marked [default: 3].
  --data_dir FOLDER  Holds the four .gz files of Fashion-MNIST; fetched if not given.
  --out FOLDER       Where results go; runs/early_stopping if not given.
  --resume           Go on after an interruption.
  --restart          Throw earlier results in the folder away.
  --quick            A tenth of the images and three epochs: seconds instead of a minute.
  -h, --help         Show this.

Writes table.csv and table.md, and early_stopping.png with early_stopping.csv.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from courses.commands import number, run_command
from courses.pictures import one_plot, whole_numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from courses.mlp_from_scratch.training import Settings

SPLITS = {"train": "training", "val": "validation", "test": "test"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; returns the exit code."""
    return run_command("early_stopping", __doc__, argv, run)


def run(arguments: Mapping[str, Any]) -> None:
    """Train, then write the epochs of interest, and the plot with every epoch's accuracies."""
    from courses.mlp_from_scratch.numpy_trainings import images_of, open_experiment, train
    from courses.mlp_from_scratch.training import Training, stopping_epoch

    settings = choose_settings(arguments)
    patience = number(arguments, "--patience")
    if patience < 1:
        raise ValueError(f"--patience is {patience}; give a whole number from 1")
    training = Training(images_of(arguments), settings, test_every_epoch=True)
    experiment = open_experiment(arguments, "early_stopping", **vars(settings))
    record = train(experiment, "all-epochs", training)
    epochs = range(1, len(record["val"]) + 1)
    rows = [
        {"epoch": epoch, **{label: record[name][epoch - 1] for name, label in SPLITS.items()}}
        for epoch in epochs
    ]
    stop = stopping_epoch(record["val"], patience)
    chosen = [{"": what, **rows[epoch - 1]} for what, epoch in _of_interest(record, stop, patience)]
    experiment.table(chosen, dict.fromkeys(SPLITS.values(), ".4f"))
    experiment.picture("early_stopping", _plot(record, stop, patience), rows)


def choose_settings(arguments: Mapping[str, Any]) -> Settings:
    """Read the settings from the options; nothing stops this training early."""
    from courses.mlp_from_scratch.numpy_trainings import shortened
    from courses.mlp_from_scratch.training import Settings

    settings = Settings(
        minibatch_size=number(arguments, "--minibatch"),
        learning_rate=number(arguments, "--learning_rate", float),
        num_epoch=number(arguments, "--num_epoch"),
        early_stopping_patience=None,
        random_seed=number(arguments, "--seed"),
    )
    return shortened(settings, arguments)


def _of_interest(
    record: Mapping[str, Any], stop: int | None, patience: int
) -> list[tuple[str, int]]:
    """The epochs that the table shows: what patience keeps, where it stops, and the end."""
    from courses.mlp_from_scratch.training import best_epoch

    last = len(record["val"])
    if stop is None:
        return [(f"patience {patience} would not have stopped", last)]
    return [
        (f"kept by patience {patience}", best_epoch(record["val"][:stop])),
        (f"stopped by patience {patience}", stop),
        ("best validation accuracy of all", best_epoch(record["val"])),
        ("last", last),
    ]


def _plot(record: Mapping[str, Any], stop: int | None, patience: int) -> Figure:
    from courses.mlp_from_scratch.training import best_epoch

    figure, axes = one_plot("Accuracy without early stopping", "epoch", "accuracy")
    whole_numbers(axes.xaxis)
    epochs = range(1, len(record["val"]) + 1)
    for name, label in SPLITS.items():
        axes.plot(epochs, record[name], marker=".", label=label)
    if stop is not None:
        kept = best_epoch(record["val"][:stop])
        for epoch, style, what in ((stop, "X", "stops after"), (kept, "*", "keeps")):
            label = f"patience {patience} {what} epoch {epoch}"
            accuracy = record["test"][epoch - 1]
            axes.plot([epoch], [accuracy], style, color="black", ms=11, zorder=3, label=label)
    axes.legend()
    return figure


if __name__ == "__main__":
    sys.exit(main())
