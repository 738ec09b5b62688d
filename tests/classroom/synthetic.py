"""A class that never was: results as the examiner writes them, for the gradebook's tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from classroom.records import HandedIn, Mark, Person
from grading.results import CheckResult, Feedback, QuestionResult, Report, Status

DUE = datetime(2026, 10, 1, 23, 59, tzinfo=timezone.utc)
PASSED, FAILED = Status.PASSED, Status.FAILED


def check(name, points=1, status=PASSED, **more):
    """One check's result."""
    return CheckResult(name, f"The claim of {name}.", points, status, **more)


def marked(key, *checks, trouble="", isolation="namespace", seconds=1.5):
    """A mark for each question that the checks belong to, as a report writes them."""
    questions: dict[str, QuestionResult] = {}
    for one in checks:
        name = one.id.partition(".")[0]
        questions.setdefault(name, QuestionResult(name, f"Title of {name}")).checks.append(one)
    versions = {"python": "3.11"}
    whole = Report(
        list(questions.values()), isolation=isolation, seconds=seconds, versions=versions
    ).to_json()
    run = {name: whole[name] for name in ("isolation", "device", "seed", "versions", "warnings")}
    return [
        Mark(key, result["id"], result, {**run, "seconds": seconds}, trouble)
        for result in whole["questions"]
    ]


def handed(key, person=None, *, attempt=1, days=None, trouble=""):
    """An attempt, so many days after `DUE`."""
    at = None if days is None else DUE + timedelta(days=days)
    return HandedIn(key, Path(f"{key}.zip"), person or key, attempt, at, trouble)


def people(*names):
    """A roster."""
    return [Person(name, name.title(), f"{name}@example.org", "A") for name in names]


def mistaken(mistake="scaled by d, not by its root"):
    """The feedback of a mistake that was recognised."""
    return Feedback("to compare", "0.25", "0.5", "By what is the score divided?", mistake)
