"""The trainings of an experiment with the NumPy network: options, progress, and going on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from courses.commands import number
from courses.experiment import Results, open_results
from courses.mlp_from_scratch.training import Training
from data.fashion import FashionArrays, homework_arrays

QUICK_TRAIN, QUICK_OTHERS, QUICK_EPOCHS = 1_000, 500, 3


def images_of(arguments: Mapping[str, Any]) -> FashionArrays:
    """The images that a command asks for; a tenth of them for ``--quick``."""
    folder = arguments["--data_dir"]
    arrays = homework_arrays(Path(folder) if folder else None)
    return fewer(arrays) if arguments["--quick"] else arrays


def fewer(arrays: FashionArrays) -> FashionArrays:
    """Some images of every split, spread evenly so that all classes are among them."""
    parts: dict[str, Any] = {}
    for name, values in arrays._asdict().items():
        count = QUICK_TRAIN if name.startswith("train") else QUICK_OTHERS
        parts[name] = values[:: max(1, len(values) // count)]
    return FashionArrays(**parts)


def open_experiment(arguments: Mapping[str, Any], name: str, **settings: Any) -> Results:
    """The experiment's folder; what decides its results is ``settings`` and the options."""
    quick = bool(arguments["--quick"])
    folder = arguments["--out"] or f"runs/{name}{'-quick' if quick else ''}"
    seed = number(arguments, "--seed")
    about = {"seed": seed, "quick": quick, **settings}
    return open_results(
        Path(folder), about, resume=arguments["--resume"], restart=arguments["--restart"]
    )


def train(experiment: Results, name: str, training: Training) -> dict[str, Any]:
    """Carry out a training, or what is left of it, and return its record."""
    found = experiment.finished(name)
    if found is not None:
        print(f"{name}: done before")
        return found
    kept = experiment.load(name)
    if kept is not None:
        training.restore(kept[0])
        print(f"{name}: goes on after epoch {training.epochs}")

    def told(training: Training) -> None:
        experiment.save(name, training.state(), {})
        print(
            f"{name}: epoch {training.epochs}, loss {training.history.loss[-1]:.4f}, "
            f"validation accuracy {training.history.val[-1]:.4f}, {training.seconds:.1f} s",
            flush=True,
        )

    training.run(told)
    return experiment.finish(
        name,
        {
            **vars(training.history),
            "best_epoch": training.best_epoch,
            "updates": training.updates_to_best,
            "seconds": training.seconds,
            "test_accuracy": training.test_accuracy(),
        },
    )


def shortened(settings: Any, arguments: Mapping[str, Any]) -> Any:
    """The settings, with few epochs for ``--quick``."""
    return replace(settings, num_epoch=QUICK_EPOCHS) if arguments["--quick"] else settings
