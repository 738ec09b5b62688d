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
the test accuracy of the network that was best on the validation set, and the seconds of training
with the two accuracies of every epoch.

Exit code: 0 done, 1 a part is not written yet, 2 the command line or the data is wrong, 130 stopped
by Ctrl-C.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from courses.mlp_from_scratch.training import Training
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
QUICK_EPOCHS = 2


def __getattr__(name: str) -> Any:
    """Fetch the homework's names from `models` when they are asked for.

    Importing `models` loads PyTorch for its other networks, which --help need not wait for.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import models

    return getattr(models, name)


def main(argv: Sequence[str] | None = None) -> int:
    """Train as the command line says; returns the exit code."""
    from courses.commands import run_command

    return run_command("neural_networks", __doc__, argv, _train, "no results were written")


def result_name(learning_rate: float, minibatch_size: int) -> str:
    """The name of a training's results file."""
    return f"MLP_lr{learning_rate:g}_b{minibatch_size}.json"


def _train(arguments: Mapping[str, Any]) -> None:
    from courses.commands import number
    from courses.mlp_from_scratch.training import Settings, Training
    from data.fashion import homework_arrays
    from models.numpy_checkers import gradient_checker, magnitude_checker

    settings = Settings(
        minibatch_size=number(arguments, "--minibatch_size"),
        learning_rate=number(arguments, "--learning_rate", float),
        num_epoch=number(arguments, "--num_epoch"),
        early_stopping_patience=number(arguments, "--early_stopping_patience"),
        random_seed=number(arguments, "--random_seed"),
    )
    if arguments["--quick"]:
        settings = replace(settings, num_epoch=min(QUICK_EPOCHS, settings.num_epoch))
    folder = arguments["--data_dir"] or (DATA_DIR if DATA_DIR.is_dir() else None)
    training = Training(homework_arrays(Path(folder) if folder else None), settings)
    out = Path(arguments["--out"])
    out.mkdir(parents=True, exist_ok=True)  # a path that cannot be is told now, not after training
    if arguments["--check_magnitude"]:
        magnitude_checker(training.train, training.model)
    if arguments["--check_gradient"]:
        gradient_checker(training.train, training.model)
    _run_epochs(training)
    _finish(training, out / result_name(settings.learning_rate, settings.minibatch_size))


def _run_epochs(training: Training) -> None:
    """Train to the end, with a bar for every epoch and a line after it."""
    from tqdm import tqdm

    history = training.history
    while not training.over:
        # disable=None: no bar where there is no terminal to draw it on.
        with tqdm(total=training.steps, leave=False, unit="step", disable=None) as bar:
            bar.set_description(f"epoch {training.epochs + 1}")
            training.run_epoch(on_batch=bar.update)
        print(
            f"epoch {training.epochs}: loss {history.loss[-1]:.4f}, training accuracy "
            f"{history.train[-1]:.4f}, validation accuracy {history.val[-1]:.4f}",
            flush=True,
        )


def _finish(training: Training, path: Path) -> None:
    """Measure the test accuracy, tell the outcome, and write the results."""
    from data.files import write_atomically

    history, test = training.history, training.test_accuracy()
    print(
        f"best validation accuracy {max(history.val):.4f} in epoch {training.best_epoch}, "
        f"after {training.updates_to_best:,} gradient updates"
    )
    print(
        f"test accuracy of that epoch's network {test:.4f}; "
        f"{training.seconds:.1f} s of training, with every epoch's accuracies"
    )
    result = {"train": history.train, "val": history.val, "test": test, "time": training.seconds}
    write_atomically(path, lambda partial: partial.write_text(json.dumps(result), encoding="utf-8"))
    print(f"results: {path}")


if __name__ == "__main__":
    sys.exit(main())
