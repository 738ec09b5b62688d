"""Train the network of q8 on Fashion-MNIST: 784 pixels, 128 hidden units, 10 classes.

Examples:
  python -m courses.mlp_from_scratch.neural_networks --minibatch_size 5
  python -m courses.mlp_from_scratch.neural_networks --check_gradient --check_magnitude --quick
  python -m courses.mlp_from_scratch.neural_networks --minibatch_size 500 --num_epoch 50

Usage:
  neural_networks.py [options]

Options:
  --random_seed N              Of the permutation and the first weights [default: 42].
  --data_dir FOLDER            Holds the four .gz files of Fashion-MNIST; fashion_mnist_data if it
                               is there, else they are fetched.
  --learning_rate X            The length of a step [default: 0.01].
  --minibatch_size N           Examples a step [default: 1].
  --num_epoch N                The most epochs [default: 200].
  --early_stopping_patience N  Stop after so many epochs without a better validation accuracy
                               [default: 3].
  --check_gradient             Compare four gradients with central differences.
  --check_magnitude            Compare the gradient's size on 50 and on 5,000 examples.
  --out FOLDER                 Where the results go [default: .].
  --quick                      Two epochs only.
  -h, --help                   Show this.

Writes MLP_lr0.01_b5.json (for these settings): the training and validation accuracy of every epoch,
the test accuracy of the best epoch's network, and the seconds of training.

Exit code: 0 done, 2 the command line or the data is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.fashion import homework_arrays
from models.numpy_checkers import gradient_checker, magnitude_checker
from models.numpy_mlp import (
    DataSplit,
    backward_pass,
    forward_pass,
    linear_layer,
    miniBatchGradientDescent,
    predict_label,
    relu,
    softmax_cross_entropy,
)

# The homework's module is called neural_networks: this one serves all its names.
__all__ = [
    "DataSplit",
    "backward_pass",
    "forward_pass",
    "gradient_checker",
    "linear_layer",
    "magnitude_checker",
    "main",
    "miniBatchGradientDescent",
    "predict_label",
    "relu",
    "softmax_cross_entropy",
]

DATA_DIR = Path("fashion_mnist_data")


def main(argv: Sequence[str] | None = None) -> int:
    """Train as the command line says; returns the exit code."""
    from courses.commands import run_command

    return run_command("neural_networks", __doc__, argv, _train, "no results were written")


def result_name(learning_rate: float, minibatch_size: int) -> str:
    """The name of a training's results file."""
    return f"MLP_lr{learning_rate:g}_b{minibatch_size}.json"


def _train(arguments: Mapping[str, Any]) -> None:
    from tqdm import tqdm

    from courses.commands import number
    from courses.experiment import write_atomically
    from courses.mlp_from_scratch.training import Settings, Training

    settings = Settings(
        minibatch_size=number(arguments, "--minibatch_size"),
        learning_rate=number(arguments, "--learning_rate", float),
        num_epoch=number(arguments, "--num_epoch"),
        early_stopping_patience=number(arguments, "--early_stopping_patience"),
        random_seed=number(arguments, "--random_seed"),
    )
    if arguments["--quick"]:
        settings = replace(settings, num_epoch=min(2, settings.num_epoch))
    folder = arguments["--data_dir"] or (DATA_DIR if DATA_DIR.is_dir() else None)
    training = Training(homework_arrays(Path(folder) if folder else None), settings)
    if arguments["--check_magnitude"]:
        magnitude_checker(training.train, training.model)
    if arguments["--check_gradient"]:
        gradient_checker(training.train, training.model)
    steps = -(-training.train.N // settings.minibatch_size)
    while not training.over:
        with tqdm(total=steps, leave=False, unit="step", mininterval=0.5) as bar:
            bar.set_description(f"epoch {training.epochs + 1}")
            training.run_epoch(on_batch=bar.update)
        print(
            f"epoch {training.epochs}: loss {training.history.loss[-1]:.4f}, training accuracy "
            f"{training.history.train[-1]:.4f}, validation accuracy {training.history.val[-1]:.4f}"
        )
    test = training.test_accuracy()
    print(
        f"best validation accuracy {max(training.history.val):.4f} in epoch {training.best_epoch}, "
        f"after {training.updates_to_best:,} gradient updates"
    )
    print(f"test accuracy of that network {test:.4f}; {training.seconds:.1f} s of training")
    result = {
        "train": training.history.train,
        "val": training.history.val,
        "test": test,
        "time": training.seconds,
    }
    path = Path(arguments["--out"]) / result_name(settings.learning_rate, settings.minibatch_size)
    write_atomically(path, lambda partial: partial.write_text(json.dumps(result), encoding="utf-8"))
    print(f"results: {path}")


if __name__ == "__main__":
    sys.exit(main())
