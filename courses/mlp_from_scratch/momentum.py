"""Momentum 0.1 to 0.9: how much of the earlier gradients to keep (3.4).

The velocity is v <- alpha v + gradient, and the step w <- w - learning rate * v.

Examples:
  python -m courses.mlp_from_scratch.momentum
  python -m courses.mlp_from_scratch.momentum --quick
  python -m courses.mlp_from_scratch.momentum --learning_rate 0.001 --out runs/small-steps

Usage:
  momentum.py [options]

Options:
  --seed N           Of the permutation and the first weights [default: 42].
  --minibatch N      Examples a step [default: 5].
  --learning_rate X  The length of a step [default: 0.01].
  --num_epoch N      How many epochs [default: 20].
  --data_dir FOLDER  Holds the four .gz files of Fashion-MNIST; fetched if not given.
  --out FOLDER       Where results go; runs/momentum if not given.
  --resume           Go on after an interruption.
  --restart          Throw earlier results in the folder away.
  --quick            A tenth of the images and three epochs: seconds instead of minutes.
  -h, --help         Show this.

Writes table.csv and table.md, and momentum.png with momentum.csv.
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
    from models.numpy_mlp import Array, Model

FACTORS = (0.1, 0.3, 0.5, 0.7, 0.9)
FORMATS = {
    "last training loss": ".4f",
    "last training accuracy": ".4f",
    "test accuracy of the best epoch": ".4f",
}


class Momentum:
    """Gradient descent that remembers where it was going.

    Source: B. Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).

    Args:
        factor: the share of the velocity that is kept, 0 (none: plain descent) to below 1.

    Attributes:
        memory: the velocity of every parameter by its name, ``L1.W``.
    """

    def __init__(self, factor: float) -> None:
        if not 0 <= factor < 1:
            raise ValueError(f"momentum is {factor}; give a number from 0 to below 1")
        self.factor = factor
        self.memory: dict[str, Array] = {}

    def __call__(self, model: Model, learning_rate: float) -> Model:
        """Take one step, in place; returns the same model."""
        for name, layer in model.items():
            for key, values in getattr(layer, "params", {}).items():
                gradient = layer.gradient[key]
                velocity = self.memory.setdefault(f"{name}.{key}", 0 * values)
                velocity *= self.factor
                velocity += gradient
                values -= learning_rate * velocity
        return model


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; returns the exit code."""
    return run_command("momentum", __doc__, argv, run)


def run(arguments: Mapping[str, Any]) -> None:
    """Train once for each factor, then write the losses, the table and the plot."""
    from courses.mlp_from_scratch.numpy_trainings import images_of, open_experiment, train
    from courses.mlp_from_scratch.training import Training

    settings = choose_settings(arguments)
    images = images_of(arguments)
    experiment = open_experiment(arguments, "momentum", **vars(settings))
    records = {
        factor: train(
            experiment, f"momentum-{factor}", Training(images, settings, Momentum(factor))
        )
        for factor in FACTORS
    }
    experiment.table([_row(factor, it) for factor, it in records.items()], FORMATS)
    rows = [
        {"epoch": epoch, **{str(factor): it["loss"][epoch - 1] for factor, it in records.items()}}
        for epoch in range(1, settings.num_epoch + 1)
    ]
    experiment.picture("momentum", _plot(records), rows)


def choose_settings(arguments: Mapping[str, Any]) -> Settings:
    """Read the settings from the options; nothing stops these trainings early."""
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


def _plot(records: Mapping[float, Mapping[str, Any]]) -> Figure:
    figure, axes = one_plot("Training loss with momentum", "epoch", "mean training loss (nats)")
    whole_numbers(axes.xaxis)
    for factor, record in records.items():
        epochs = range(1, len(record["loss"]) + 1)
        axes.plot(epochs, record["loss"], marker=".", label=f"momentum {factor}")
    axes.legend()
    return figure


def _row(factor: float, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "momentum": factor,
        "last training loss": record["loss"][-1],
        "last training accuracy": record["train"][-1],
        "test accuracy of the best epoch": record["test_accuracy"],
        "best epoch": record["best_epoch"],
    }


if __name__ == "__main__":
    sys.exit(main())
