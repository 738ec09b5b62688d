"""The answers to the empirical questions say what stands in the README's tables."""

from __future__ import annotations

import importlib
import math
import re
import shlex
from pathlib import Path

import pytest
from docopt import docopt

from courses.recurrent_lm import batch_sweep, large_run, sequence_sweep, sweep, width_sweep

COURSE = Path(__file__).resolve().parents[3] / "courses/recurrent_lm"
README = (COURSE / "README.md").read_text(encoding="utf-8")
ANSWERS = (COURSE / "WRITTEN.md").read_text(encoding="utf-8").partition("# Empirical questions")[2]
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])")
LOSS = "whole validation set"
SIZES = {
    "width": width_sweep.WIDTHS,
    "batch size": batch_sweep.SIZES,
    "num_sequences": tuple(count // 5 for count in sequence_sweep.COUNTS),
}


def numbers(text: str) -> set[str]:
    return {found.rstrip(",") for found in NUMBER.findall(text)}


def table(heading: str) -> list[dict[str, float]]:
    """The rows of the first table below a heading."""
    section = README.partition(f"\n## {heading}\n")[2]
    text = section[section.index("\n| ") :].strip().partition("\n\n")[0]
    lines = [line.strip("| ").split(" | ") for line in text.splitlines()]
    values = [[float(cell.replace(",", "")) for cell in line] for line in lines[2:]]
    return [dict(zip(lines[0], row, strict=True)) for row in values]


TABLES = [
    pytest.param("Width", "width", id="width"),
    pytest.param("Batch size", "batch size", id="batch-size"),
    pytest.param("Number of sequences", "num_sequences", id="sequences"),
]


def test_every_number_stands_in_the_readme() -> None:
    small = {str(number) for number in range(4)}
    assert ANSWERS.count("\n## ") == 4
    assert not numbers(ANSWERS) - numbers(README) - small


@pytest.mark.parametrize(("heading", "setting"), TABLES)
def test_the_tables_have_the_homeworks_settings(heading: str, setting: str) -> None:
    rows = table(heading)
    assert tuple(row[setting] for row in rows) == SIZES[setting]
    for row in rows:
        sequences = row.get("num_sequences", sweep.HOMEWORK["num_sequences"] / 5)
        batch_size = row.get("batch size", 32)
        assert row["updates"] == sequences // batch_size
        seen = row["updates"] * batch_size
        assert row["sequences/s"] == pytest.approx(seen / row["time (s)"], rel=0.01)


@pytest.mark.parametrize(("heading", "setting"), TABLES)
def test_the_losses_are_ordered_as_the_answers_say(heading: str, setting: str) -> None:
    losses = [row[LOSS] for row in table(heading)]
    assert losses == sorted(losses, reverse=setting != "batch size")


def test_the_same_training_has_the_same_losses_in_every_table() -> None:
    (width,) = (row for row in table("Width") if row["width"] == 128)
    (batch,) = (row for row in table("Batch size") if row["batch size"] == 32)
    (count,) = (row for row in table("Number of sequences") if row["num_sequences"] == 10_000)
    for column in ("parameters", "updates", "training loss", "validation loss", LOSS):
        assert width[column] == batch[column] == count[column]


def test_the_large_model_is_the_best() -> None:
    (large,) = table("The large model")
    assert large["width"] == large_run.WIDTH
    assert large["updates"] == large_run.COUNT // 5 // 32
    for heading in ("Width", "Batch size", "Number of sequences"):
        assert large[LOSS] < min(row[LOSS] for row in table(heading))


def test_guessing_costs_the_logarithm_of_the_vocabulary() -> None:
    assert f"ln 1024 = {math.log(1024):.4f}" in README


@pytest.mark.parametrize(
    "heading",
    [
        pytest.param("The large model", id="cpu"),
        pytest.param("The homework's sizes, on a GPU", id="gpu"),
    ],
)
def test_the_samples_are_three_at_each_temperature(heading: str) -> None:
    samples = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\| ([\d.]+) \| (\d) \| \S", samples, re.MULTILINE)
    assert found == [(f"{it}", f"{n}") for it in large_run.TEMPERATURES for n in (1, 2, 3)]


def test_what_is_quoted_from_the_samples_stands_there() -> None:
    quoted = re.findall(r'"([^"]+)"', ANSWERS.partition("*Samples.*")[2])
    assert len(quoted) == 4
    assert not [words for words in quoted if words not in README]


def test_the_commands_of_the_experiments_are_accepted() -> None:
    commands = re.findall(r"^    python -m (courses\.recurrent_lm\.\w+) (--scale.*)$", README, re.M)
    assert len(commands) == 4
    for module, words in commands:
        usage = importlib.import_module(module).__doc__
        arguments = docopt(usage, argv=shlex.split(words), default_help=False)
        assert arguments["--scale"] == "0.2"
