"""Which pass mark is fair? Train the reference over many seeds and write grading/pass_marks.json.

Usage:
    calibrate.py [CHECK...] [--edition NAME] [--seeds N]

Examples:
    python benchmarks/calibrate.py                                  # every check and edition
    python benchmarks/calibrate.py q3.learns --edition mnist-5000   # one of them
    python benchmarks/calibrate.py q2.learns --seeds 3              # a quick look

Options:
    --edition NAME  Only this edition of the data.
    --seeds N       Trainings for each check and edition [default: 50].

Each training is a row of runs/calibration.csv, written as it ends: started again, the script goes
on where it stopped. Rows of other versions of the models and the training are left aside. Only
editions that lie in the cache are calibrated (COURSEWORK_DATA may name another folder).

The rule for marks and false-fail rates is in `pass_mark_rule.py`.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import hashlib
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch is imported
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from docopt import docopt
from pass_mark_rule import fair_mark, false_fail_rate, spread_of
from torch import nn
from tqdm import tqdm

import data
import models
import train
from data import Splits, cache
from data.loading import find
from grading.checks._accuracy import accuracy
from grading.claims import REGISTRY
from grading.draw import Draw
from grading.pass_marks import TABLE, PassMark
from grading.questions import questions
from grading.worker.kit import predictor, run_through, training_set

ROOT = Path(__file__).resolve().parents[1]
ROWS = ROOT / "runs" / "calibration.csv"
COLUMNS = ("check", "edition", "seed", "reached", "seconds", "version")
PLAIN_SEEDS = 10


@dataclass(frozen=True)
class Task:
    """A check whose mark is calibrated.

    Attributes:
        check: its id.
        dataset: the name for `data.load`.
        model: the class in `models`.
        training: the function in `train`; "" where the check itself holds the loop.
        mark: the homework's own.
        canonical: the edition on which that mark holds.
        is_loss: whether the mark is a loss, so that less is better.
        extra: the function in `train` that plain training goes without.
    """

    check: str
    dataset: str
    model: str
    training: str
    mark: float
    canonical: str
    is_loss: bool = False
    extra: str = ""

    @property
    def plain(self) -> str:
        """Names the rows of plain training."""
        return f"{self.check} without {self.extra}"


TASKS = (
    Task("q2.learns", "sine", "RegressionModel", "train_regression", 0.02, "sine-200", True),
    Task(
        "q3.learns",
        "digits",
        "DigitClassificationModel",
        "train_digitclassifier",
        0.97,
        "mnist-70000",
        extra="shifted",
    ),
    Task("q4.learns", "words", "LanguageIDModel", "train_languageid", 0.81, "wordfreq-3.1.1"),
    Task(
        "q5.learns",
        "small_digits",
        "DigitConvolutionalModel",
        "train_digitconvolution",
        0.80,
        "mnist-70000",
        extra="shifted",
    ),
    # The homework has no mark for so short a training: this is the one on its own edition.
    Task("q8.learns", "fashion", "", "", 0.75, "fashion-mnist"),
)


def editions(task: Task) -> Iterator[Splits[data.Examples]]:
    """Every edition of the task's data that the cache holds, drawn ones included."""
    dataset = find(task.dataset)
    for recipe in dataset.recipes:
        contents = cache.contents_of(recipe)
        if contents is not None:
            yield dataset.read(recipe.edition, contents)


def reached(task: Task, splits: Splits[data.Examples], seed: int) -> float:
    """Train the reference as a worker of the grader does.

    Returns:
        The accuracy on the test split, or the mean squared error on the training split.
    """
    if not task.training:
        return reached_in_check(task, seed)
    torch.manual_seed(seed)
    model: nn.Module = getattr(models, task.model)()
    asked = {"x": torch.from_numpy(splits.train.x), "y": torch.from_numpy(splits.train.y)}
    if splits.validation is not None:
        asked["validation_x"] = torch.from_numpy(splits.validation.x)
        asked["validation_y"] = torch.from_numpy(splits.validation.y)
    getattr(train, task.training)(model, training_set(asked, model))
    if splits.test is None:
        return nn.functional.mse_loss(run_through(model, asked["x"]), asked["y"]).item()
    return data.accuracy(predictor(model), splits.test)


def reached_in_check(task: Task, seed: int) -> float:
    """Let a check train the reference by its own loop; the accuracy on the test split."""
    questions()  # registers the checks
    check, draw = REGISTRY[task.check].kind(), Draw(seed)
    np.random.seed(seed)
    steps = check.answer(SimpleNamespace(neural_networks=models), check.ask(draw))
    next(steps)
    try:
        steps.send(check.exam(draw))
    except StopIteration as end:
        return accuracy(end.value["scores"], check.labels)
    raise RuntimeError(f"{task.check} asks for more than one exam; send it them all")


@contextlib.contextmanager
def without(extra: str) -> Iterator[None]:
    """Let a function of `train` that prepares batches do nothing."""
    prepare = getattr(train, extra)
    setattr(train, extra, lambda batch: batch)
    try:
        yield
    finally:
        setattr(train, extra, prepare)


def version() -> str:
    """A short sum of the code that decides how well the reference learns, comments aside."""
    files = [ROOT / "train.py", ROOT / "losses.py", *sorted((ROOT / "models").glob("*.py"))]
    code = "".join(ast.dump(ast.parse(file.read_text(encoding="utf-8"))) for file in files)
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def rows_so_far() -> list[dict[str, str]]:
    """The rows of the current version of the code."""
    if not ROWS.exists():
        return []
    code = version()
    with ROWS.open(newline="", encoding="utf-8") as stream:
        return [row for row in csv.DictReader(stream) if row["version"] == code]


def add_row(*values: object) -> None:
    """Append one training, so that nothing is lost if the script is stopped."""
    ROWS.parent.mkdir(exist_ok=True)
    new = not ROWS.exists()
    with ROWS.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        if new:
            writer.writerow(COLUMNS)
        writer.writerow(values)


def results_of(name: str, edition: str) -> dict[int, float]:
    """What the trainings so far have reached, by seed."""
    return {
        int(row["seed"]): float(row["reached"])
        for row in rows_so_far()
        if (row["check"], row["edition"]) == (name, edition)
    }


def train_missing(
    task: Task, name: str, splits: Splits[data.Examples], seeds: int, code: str
) -> None:
    """Train with every seed that has no row of this name and this version of the code yet."""
    edition = splits.edition.name
    missing = [seed for seed in range(seeds) if seed not in results_of(name, edition)]
    for seed in tqdm(missing, desc=f"{name} {edition}", unit="training"):
        begun = time.perf_counter()
        with without(task.extra) if name == task.plain else contextlib.nullcontext():
            result = reached(task, splits, seed)
        seconds = round(time.perf_counter() - begun, 1)
        if version() != code:
            sys.exit("the models or the training have changed meanwhile; start again")
        add_row(name, edition, seed, result, seconds, code)


def write_table() -> None:
    """Write the mark of every pair that has rows; the others keep theirs."""
    table = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    for task in TASKS:
        marks = table.setdefault(task.check, {})
        names = [recipe.edition.name for recipe in find(task.dataset).recipes]
        for name in names:
            results = list(results_of(task.check, name).values())
            mark = mark_of(task, name)
            if results and mark is not None:
                marks[name] = asdict(pass_mark_of(task, results, mark))
        table[task.check] = {name: marks[name] for name in names if name in marks}
    TABLE.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


def mark_of(task: Task, edition: str) -> float | None:
    """The mark on an edition; None while it, or the canonical one, has no rows."""
    if edition == task.canonical:
        return task.mark
    marks = []
    for name in (task.check, task.plain):
        canonical, here = results_of(name, task.canonical), results_of(name, edition)
        if not canonical or not here:
            return None
        marks.append(fair_mark(task.mark, list(canonical.values()), list(here.values())))
    return min(marks)


def pass_mark_of(task: Task, results: Sequence[float], mark: float) -> PassMark:
    """One row of the table."""
    return PassMark(
        mark=round(mark, 4),
        reference=round(statistics.fmean(results), 6),
        spread=round(spread_of(results), 6),
        seeds=len(results),
        false_fail_rate=float(f"{false_fail_rate(results, mark, is_loss=task.is_loss):.2g}"),
        date=date.today().isoformat(),
    )


def main() -> int:
    """Train what is missing and write the table; returns the exit code."""
    arguments = docopt(__doc__)
    known = {task.check: task for task in TASKS}
    unknown = [check for check in arguments["CHECK"] if check not in known]
    if unknown or not arguments["--seeds"].isdigit() or int(arguments["--seeds"]) < 1:
        print(f"known checks: {', '.join(known)}; --seeds takes a number from 1", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    seeds, code = int(arguments["--seeds"]), version()  # of what has just been imported
    for task in (known[check] for check in arguments["CHECK"] or known):
        for splits in editions(task):
            if arguments["--edition"] in (None, splits.edition.name):
                train_missing(task, task.check, splits, seeds, code)
                if task.extra:
                    train_missing(task, task.plain, splits, min(seeds, PLAIN_SEEDS), code)
                write_table()
    print(TABLE.read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
