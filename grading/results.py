"""What a run found: one result a check, gathered into a report that survives an interruption."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

FORMAT = 1


class Status(str, Enum):
    """How a check ended; only `PASSED` earns points."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_STARTED = "not started"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    SKIPPED = "skipped"
    GRADER_FAULT = "grader fault"
    PENDING = "pending"


@dataclass(frozen=True)
class Feedback:
    """Four fields of at most two lines, and the mistake's name where it was recognised.

    Attributes:
        tried: what the check did.
        expected: what should have come back.
        got: what came back; the one worst entry, never a whole tensor.
        think: a question, or where to look; never the answer.
        mistake: the short name of a known mistake, or "".
        where: the student's own ``file:line``, or "".
        smallest: the sizes of the smallest failing case that was found, or "".
    """

    tried: str = ""
    expected: str = ""
    got: str = ""
    think: str = ""
    mistake: str = ""
    where: str = ""
    smallest: str = ""


@dataclass(frozen=True)
class CheckResult:
    """One check's outcome.

    Attributes:
        id: for instance ``q6.causal``.
        claim: the sentence that the check tests.
        points: what it is worth.
        status: how it ended.
        feedback: why, unless it passed.
        seconds: wall-clock time, taken by the examiner.
        output: what the student's code printed, capped.
        note: a fact worth recording beside the outcome (an accuracy, the pass mark, an edition).
        seed: draws the same inputs with ``--seed``; None if nothing was drawn.
        curve: pairs of epochs and validation accuracy, as the worker told them; no mark depends
            on them.
    """

    id: str
    claim: str
    points: int
    status: Status = Status.PENDING
    feedback: Feedback = Feedback()
    seconds: float = 0.0
    output: str = ""
    note: str = ""
    seed: int | None = None
    curve: tuple[tuple[float, float], ...] = ()

    @property
    def earned(self) -> int:
        """The points, if the check passed."""
        return self.points if self.status is Status.PASSED else 0

    @property
    def rerun(self) -> str:
        """The command that runs just this check again."""
        return f"python autograder.py -q {self.id}"


@dataclass
class QuestionResult:
    """The checks of one question, in their printed order."""

    id: str
    title: str
    checks: list[CheckResult] = field(default_factory=list)

    @property
    def points(self) -> int:
        """What the question's checks are worth together."""
        return sum(check.points for check in self.checks)

    @property
    def earned(self) -> int:
        """What they earned."""
        return sum(check.earned for check in self.checks)

    @property
    def done(self) -> bool:
        """Whether every check has ended."""
        return all(check.status is not Status.PENDING for check in self.checks)


@dataclass
class Report:
    """Everything a run found, and under which conditions.

    Attributes:
        questions: in their printed order.
        submission: the folder or zip as the user named it.
        seed: replays the run with ``--seed``.
        device: ``cpu`` or ``cuda``.
        jobs: checks run side by side.
        threads: torch threads a check.
        isolation: what keeps the submission away from the grader: ``namespace``, ``kernel`` or
            ``process``.
        versions: of Python, torch and the grader.
        assumed: checks that were taken as passed because they were not asked for.
        warnings: remarks on the submission as a whole.
        complete: False until the last check has ended.
        seconds: wall-clock time of the whole run.
        unwritten: why the results file is not up to date, or ""; the file itself does not say.
    """

    questions: list[QuestionResult]
    submission: str = "."
    seed: int = 0
    device: str = "cpu"
    jobs: int = 1
    threads: int = 1
    isolation: str = "process"
    versions: dict[str, str] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    complete: bool = False
    seconds: float = 0.0
    unwritten: str = ""

    @property
    def points(self) -> int:
        """What the questions that were asked are worth."""
        return sum(question.points for question in self.questions)

    @property
    def earned(self) -> int:
        """What they earned."""
        return sum(question.earned for question in self.questions)

    @property
    def checks(self) -> list[CheckResult]:
        """All checks, question after question."""
        return [check for question in self.questions for check in question.checks]

    def record(self, result: CheckResult) -> QuestionResult:
        """Put a check's result in its place.

        Returns:
            The question that the check belongs to.

        Raises:
            KeyError: if the run did not ask for this check.
        """
        for question in self.questions:
            for place, check in enumerate(question.checks):
                if check.id == result.id:
                    question.checks[place] = result
                    return question
        raise KeyError(f"{result.id} is not among this run's checks")

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values, with the totals written out."""
        whole = asdict(self)
        del whole["unwritten"]
        whole["format"] = FORMAT
        whole["points"], whole["earned"] = self.points, self.earned
        for question, written in zip(self.questions, whole["questions"], strict=True):
            written["points"], written["earned"] = question.points, question.earned
            for check, entry in zip(question.checks, written["checks"], strict=True):
                entry["status"] = check.status.value
                entry["earned"] = check.earned
        return whole

    def write(self, path: Path) -> None:
        """Replace the results file in one step, so that a reader never sees half of it."""
        write_atomically(path, json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n")


def write_atomically(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then move it into place.

    Where a link stands in its place, the file that the link names is replaced.

    Raises:
        OSError: if it cannot be written; what was there before is still there, whole.
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):  # it may have been moved already
            os.unlink(temporary)
        raise
