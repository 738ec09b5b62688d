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

The rule. On the canonical edition the homework's own mark holds. A smaller edition is harder, so
there the mark allows the same multiple of the reference's error rate: with 1.5 % errors and a mark
of 97 % on the canonical edition, that is twice the reference's errors. Expressed as distance below
the reference's mean, the distance grows with the ratio of the error rates. The mark is at least
four standard deviations below the mean, and rounded down to half a percent.

The false-fail rate is the larger of the share of seeds that missed the mark and what a normal
distribution with their mean and spread gives (of the logarithms, where the mark is a loss).
"""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch is imported
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from docopt import docopt
from torch import nn
from tqdm import tqdm

import data
import models
import train
from data import Splits, cache
from data.loading import find
from grading.pass_marks import TABLE, PassMark
from grading.worker.kit import predictor, run_through, training_set

ROOT = Path(__file__).resolve().parents[1]
ROWS = ROOT / "runs" / "calibration.csv"
COLUMNS = ("check", "edition", "seed", "reached", "seconds", "version")
SPREADS = 4.0
STEP = 0.005


@dataclass(frozen=True)
class Task:
    """A check whose mark is calibrated.

    Attributes:
        check: its id.
        dataset: the name for `data.load`.
        model: the class in `models`.
        training: the function in `train`.
        mark: the homework's own.
        canonical: the edition on which that mark holds.
        is_loss: whether the mark is a loss, so that less is better.
    """

    check: str
    dataset: str
    model: str
    training: str
    mark: float
    canonical: str
    is_loss: bool = False

    def missed(self, reached: float, mark: float) -> bool:
        """Whether a training fails."""
        return not (reached <= mark if self.is_loss else reached >= mark)


TASKS = (
    Task("q2.learns", "sine", "RegressionModel", "train_regression", 0.02, "sine-200", True),
    Task(
        "q3.learns",
        "digits",
        "DigitClassificationModel",
        "train_digitclassifier",
        0.97,
        "mnist-70000",
    ),
    Task("q4.learns", "words", "LanguageIDModel", "train_languageid", 0.81, "wordfreq-3.1.1"),
    Task(
        "q5.learns",
        "small_digits",
        "DigitConvolutionalModel",
        "train_digitconvolution",
        0.80,
        "mnist-70000",
    ),
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


def fair_mark(homework: float, canonical: float, reference: float, spread: float) -> float:
    """The accuracy that passes on an edition which is not the canonical one.

    Args:
        homework: the mark on the canonical edition.
        canonical: the reference's mean accuracy there.
        reference: its mean accuracy on the edition in question.
        spread: the standard deviation over seeds there.
    """
    harder = (1 - reference) / (1 - canonical)
    distance = max((canonical - homework) * harder, SPREADS * spread)
    return math.floor((reference - distance) / STEP + 1e-9) * STEP


def false_fail_rate(task: Task, results: list[float], mark: float) -> float:
    """The estimated share of trainings in which the reference misses the mark."""
    observed = sum(task.missed(result, mark) for result in results) / len(results)
    values, limit = (
        ([-math.log(r) for r in results], -math.log(mark)) if task.is_loss else (results, mark)
    )
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    if spread == 0:
        return observed
    below = (statistics.fmean(values) - limit) / spread
    # Nobody can tell the chances of one in a thousand million from fifty trainings.
    return max(observed, round(0.5 * math.erfc(below / math.sqrt(2)), 9))


def version() -> str:
    """A short sum of the code that decides how well the reference learns, comments aside."""
    files = [ROOT / "train.py", ROOT / "losses.py", *sorted((ROOT / "models").glob("*.py"))]
    code = "".join(ast.dump(ast.parse(file.read_text(encoding="utf-8"))) for file in files)
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def rows_so_far() -> list[dict[str, str]]:
    """The rows of the current version of the code."""
    if not ROWS.exists():
        return []
    with ROWS.open(newline="", encoding="utf-8") as stream:
        return [row for row in csv.DictReader(stream) if row["version"] == version()]


def add_row(*values: object) -> None:
    """Append one training, so that nothing is lost if the script is stopped."""
    ROWS.parent.mkdir(exist_ok=True)
    new = not ROWS.exists()
    with ROWS.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        if new:
            writer.writerow(COLUMNS)
        writer.writerow(values)


def results_of(task: Task, edition: str) -> list[float]:
    """What the trainings so far have reached."""
    wanted = (task.check, edition)
    rows = rows_so_far()
    return [float(row["reached"]) for row in rows if (row["check"], row["edition"]) == wanted]


def train_missing(task: Task, splits: Splits[data.Examples], seeds: int, code: str) -> None:
    """Train with every seed that has no row yet of this version of the code."""
    edition = splits.edition.name
    done = {
        int(row["seed"])
        for row in rows_so_far()
        if (row["check"], row["edition"]) == (task.check, edition)
    }
    missing = [seed for seed in range(seeds) if seed not in done]
    for seed in tqdm(missing, desc=f"{task.check} {edition}", unit="training"):
        begun = time.perf_counter()
        result = reached(task, splits, seed)
        seconds = round(time.perf_counter() - begun, 1)
        if version() != code:
            sys.exit("the models or the training have changed meanwhile; start again")
        add_row(task.check, edition, seed, result, seconds, code)


def write_table() -> None:
    """Write the mark of every pair that has rows; the others keep theirs."""
    table = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    for task in TASKS:
        marks = table.setdefault(task.check, {})
        names = [recipe.edition.name for recipe in find(task.dataset).recipes]
        for name in sorted(names, key=lambda name: name != task.canonical):
            results = results_of(task, name)
            if results:
                marks[name] = asdict(pass_mark_of(task, name, results, marks))
        table[task.check] = {name: marks[name] for name in names if name in marks}
    TABLE.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


def pass_mark_of(
    task: Task, edition: str, results: list[float], marks: dict[str, dict[str, float]]
) -> PassMark:
    """One row of the table; the canonical edition's row must be among `marks` already."""
    reference, mark = statistics.fmean(results), task.mark
    spread = statistics.stdev(results) if len(results) > 1 else 0.0
    if edition != task.canonical:
        if task.canonical not in marks:
            sys.exit(f"{edition} is compared with {task.canonical}: calibrate that one first")
        mark = fair_mark(task.mark, marks[task.canonical]["reference"], reference, spread)
    return PassMark(
        mark=round(mark, 4),
        reference=round(reference, 6),
        spread=round(spread, 6),
        seeds=len(results),
        false_fail_rate=float(f"{false_fail_rate(task, results, mark):.2g}"),
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
    code = version()  # of what has just been imported
    for check in arguments["CHECK"] or known:
        for splits in editions(known[check]):
            if arguments["--edition"] in (None, splits.edition.name):
                train_missing(known[check], splits, int(arguments["--seeds"]), code)
                write_table()
    print(TABLE.read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
