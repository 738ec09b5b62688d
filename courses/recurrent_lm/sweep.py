"""What the experiments with the language model share: options, data, trainings and curves.

A sweep trains the model anew for several values of one setting, everything else unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeAlias

import torch

from courses.commands import choose_device, number
from courses.experiment import Results, Row, open_results
from courses.pictures import against_sizes, one_plot
from courses.recurrent_lm.lm_training import Settings, Training
from courses.recurrent_lm.story_data import QUICK_TOKENS, QUICK_VALID, Stories, read_data

HOMEWORK = {
    "embed_dim": 128,
    "hidden_dim": 128,
    "dk": 128,
    "dv": 128,
    "num_sequences": 50_000,
    "batch_size": 128,
}
LARGEST_SCALE = 1000
QUICK_WIDTH, QUICK_SEQUENCES = 8, 20  # a quick run: widths and sequences divided by these
LOSSES = {"train": "Training loss", "valid": "Validation loss"}  # a record's, and their titles
UNIT = "loss (nats a token)"
FORMATS = {
    "parameters": ",",
    "num_sequences": ",",
    "updates": ",",
    "training loss": ".4f",
    "validation loss": ".4f",
    "whole validation set": ".4f",
    "time (s)": ".1f",
    "sequences/s": ".1f",
}


After: TypeAlias = Callable[[Results, Training, Stories], Row]


def choose_settings(arguments: Mapping[str, Any], **changes: int) -> Settings:
    """The homework's settings, at the scale that a command asks for.

    Args:
        arguments: of the command.
        changes: what differs from `HOMEWORK`, at full scale.

    Raises:
        ValueError: if an option is no number, or leaves no whole batch.
    """
    scale = number(arguments, "--scale", float)
    if not 0 < scale <= LARGEST_SCALE:  # nan is refused, too
        raise ValueError(
            f"--scale is {arguments['--scale']}; give a number above 0, at most {LARGEST_SCALE}"
        )
    sizes = HOMEWORK | changes
    if arguments.get("--batch_size") is not None:
        sizes["batch_size"] = number(arguments, "--batch_size")
    if arguments["--quick"]:
        for name in ("embed_dim", "hidden_dim", "dk", "dv"):
            sizes[name] //= QUICK_WIDTH
        scale /= QUICK_SEQUENCES
    sizes["num_sequences"] = round(scale * sizes["num_sequences"])
    return Settings(**sizes, seed=number(arguments, "--seed"))


def read_stories(arguments: Mapping[str, Any]) -> Stories:
    """Read the data that a command names; a quick run takes a part of it, or makes some up.

    Raises:
        ValueError: if there is no data, or it cannot be read.
    """
    stories = read_data(arguments)
    if not arguments["--quick"]:
        return stories
    return replace(
        stories,
        train=stories.train[:, :QUICK_TOKENS].contiguous(),
        valid=stories.valid[:QUICK_VALID, :QUICK_TOKENS].contiguous(),
    )


def sweep(
    arguments: Mapping[str, Any],
    name: str,
    what: str,
    trainings: Mapping[int, Settings],
    *,
    after: After = lambda results, training, stories: {},
    also: Sequence[str] = (),
) -> tuple[Results, dict[int, dict[str, Any]]]:
    """Carry out the trainings of an experiment, or what is left of them, and write the table.

    Args:
        arguments: of the command.
        name: of the experiment.
        what: the setting that varies.
        trainings: how to train, by its values.
        after: makes what a training's record should hold besides, from the trained model.
        also: files that the command writes besides, which --restart throws away, too.

    Returns:
        The experiment's folder, and the trainings' records by the same values.

    Raises:
        ValueError: if the data is missing or too small, or the folder holds other results.
    """
    torch.set_num_threads(1)  # the same bits on any number of cores
    device, stories = choose_device(arguments["--device"]), read_stories(arguments)
    largest = max(settings.batch_size for settings in trainings.values())
    if largest > len(stories.train):  # told before the first training, not before the last
        raise ValueError(
            f"a batch has {largest} sequences, but the training data {len(stories.train)}; give "
            "more data"
        )
    settings = [asdict(it) for it in trainings.values()]
    results = open_results(
        Path(arguments["--out"] or f"runs/{name}{'-quick' if arguments['--quick'] else ''}"),
        {"seed": settings[0]["seed"], "data": stories.digest(), "trainings": settings},
        device=device.type,
        resume=arguments["--resume"],
        restart=arguments["--restart"],
    )
    if arguments["--restart"]:
        for file in also:
            (results.folder / file).unlink(missing_ok=True)
    records = {}
    for value, one in trainings.items():
        training = Training(one, stories.train, stories.valid, stories.vocab_size, device)
        words = f"{what}-{value}".replace(" ", "-")
        records[value] = train(results, words, training, lambda it: after(results, it, stories))
    results.table([_row(what, value, record) for value, record in records.items()], FORMATS)
    return results, records


def train(
    results: Results, name: str, training: Training, after: Callable[[Training], Row]
) -> dict[str, Any]:
    """Carry out one training, or what is left of it, and return its record."""
    found = results.finished(name)
    if found is not None:
        print(f"{name}: done before")
        return found
    if training.restore(results, name):
        print(f"{name}: goes on after {_sequences(training):,} sequences")

    def told() -> None:
        training.keep(results, name)
        train_losses, valid_losses = training.records
        print(
            f"{name}: {_sequences(training):,} of {training.settings.num_sequences:,} sequences, "
            f"training loss {train_losses[-1]:.4f}, validation loss {valid_losses[-1]:.4f}, "
            f"{training.seconds:.1f} s",
            flush=True,
        )

    training.run(told)
    return results.finish(name, training.record() | after(training))


def _sequences(training: Training) -> int:
    """How many sequences were trained on at the last record."""
    settings = training.settings
    return (1 + (len(training.records[0]) - 1) * settings.every) * settings.batch_size


def _row(what: str, value: int, record: Row) -> dict[str, Any]:
    """A training's row in the table: the setting that varies, and what came of it."""
    settings = Settings(**record["settings"])
    return {
        what: value,
        "parameters": record["parameters"],
        "updates": settings.steps,
        "training loss": record["train"][-1],
        "validation loss": record["valid"][-1],
        "whole validation set": record["whole_valid"],
        "time (s)": record["seconds"],
        "sequences/s": settings.steps * settings.batch_size / record["seconds"],
    }


def draw_curves(results: Results, records: Mapping[int, Row], what: str) -> None:
    """Draw how the losses fell, training and validation each in a picture of its own.

    Args:
        results: where the pictures go.
        records: the trainings' records by the values of the setting that varies.
        what: the name of that setting.
    """
    for split, title in LOSSES.items():
        figure, axes = one_plot(title, "sequences so far", UNIT)
        for value, record in records.items():
            axes.plot(record["sequences"], record[split], marker=".", label=f"{what} {value}")
        guessing = next(iter(records.values()))["guessing"]
        axes.axhline(guessing, color="gray", linestyle=":", label="guessing")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        # Outside, for it would hide a line: the curves begin at the top and end at the bottom.
        figure.legend(loc="outside lower center", ncols=3)
        rows = [
            {what: value, "sequences": sequences, title: loss}
            for value, record in records.items()
            for sequences, loss in zip(record["sequences"], record[split], strict=True)
        ]
        results.picture(title.lower().replace(" ", "_"), figure, rows)


def draw_final(results: Results, records: Mapping[int, Row], what: str) -> None:
    """Draw the last losses against the setting that varies; arguments as in `draw_curves`."""
    for split, title in LOSSES.items():
        values = [record[split][-1] for record in records.values()]
        figure = against_sizes(f"Final {title.lower()}", what, UNIT, [*records], values)
        rows = [{what: value, title: loss} for value, loss in zip(records, values, strict=True)]
        results.picture(title.lower().replace(" ", "_"), figure, rows)
