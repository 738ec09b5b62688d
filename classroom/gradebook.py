"""The gradebook of a class: a table, a file for each submission, and a report to look at."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from classroom.file_names import file_names
from classroom.numbers import rounded
from classroom.policy import Policy
from classroom.records import HandedIn, Mark, Person
from classroom.report.pages import Pages
from classroom.report.students import Names
from classroom.spreadsheet import as_csv
from classroom.standing import Attempt, Row, Worth, standings
from grading.results import write_atomically

FORMAT = 1
TABLE, PAGE, SUBMISSIONS, FEEDBACK = "grades.csv", "index.html", "submissions", "feedback"


@dataclass(frozen=True)
class Book:
    """What was written, and what stands in it.

    Attributes:
        rows: one a person.
        worth: what the class is marked out of.
        table: the CSV.
        page: the report for staff.
    """

    rows: list[Row]
    worth: Worth
    table: Path
    page: Path


def write(
    out: Path,
    people: list[Person],
    handed_in: list[HandedIn],
    marks: list[Mark],
    policy: Policy,
    similar: Path | None = None,
) -> Book:
    """Write the gradebook into a folder; each file is replaced in one step.

    Args:
        out: the folder; ``submissions/`` and ``feedback/`` in it are this function's own.
        people: the roster; empty if there is none.
        handed_in: all attempts.
        marks: what their questions were found to be worth.
        policy: how that is marked.
        similar: a page on similar submissions, to link to.

    Raises:
        OSError: if it cannot be written; each file is then the old one or the new one, whole.
    """
    rows, worth = standings(people, handed_in, marks, policy)
    book = Book(rows, worth, out / TABLE, out / PAGE)
    names = Names(
        submissions=file_names(each.key for each in handed_in),
        people=file_names(row.person.key for row in rows),
    )
    _write_submissions(out / SUBMISSIONS, rows, worth, policy, names)
    pages = Pages(rows, worth, policy, names, _address(similar, out))
    for row in rows:
        if row.attempts:
            name = f"{names.people[row.person.key]}.html"
            _replace(out / FEEDBACK / name, pages.for_student(row))
    handed = [names.people[row.person.key] for row in rows if row.attempts]
    _remove_others(out / FEEDBACK, ".html", handed)
    _replace(book.page, pages.for_staff())
    _replace(book.table, as_csv(rows, worth))
    return book


def _write_submissions(
    folder: Path, rows: list[Row], worth: Worth, policy: Policy, names: Names
) -> None:
    for row, attempt in attempts_of(rows):
        text = json.dumps(as_json(row, attempt, worth, policy), ensure_ascii=False)
        _replace(folder / f"{names.submissions[attempt.handed_in.key]}.json", text + "\n")
    _remove_others(folder, ".json", names.submissions.values())


def _replace(path: Path, text: str) -> None:
    """Write a file in one step, unless it says this already: a class may have thousands."""
    with suppress(OSError):
        if path.read_bytes() == text.encode(errors="backslashreplace"):
            return
    write_atomically(path, text)


def _address(similar: Path | None, out: Path) -> str:
    """A page's address as seen from the report."""
    if similar is None:
        return ""
    return quote(os.path.relpath(similar, out).replace(os.sep, "/"))


def attempts_of(rows: Iterable[Row]) -> Iterator[tuple[Row, Attempt]]:
    """Each attempt with its person's row."""
    return ((row, attempt) for row in rows for attempt in row.attempts)


def as_json(row: Row, attempt: Attempt, worth: Worth, policy: Policy) -> dict[str, Any]:
    """All that is known of an attempt, for staff: what was found, and its worth."""
    handed_in, lateness = attempt.handed_in, attempt.lateness
    return {
        "format": FORMAT,
        "submission": handed_in.key,
        "person": vars(row.person),
        "on_roster": row.on_roster,
        "attempt": handed_in.attempt,
        "handed_in": handed_in.at.isoformat() if handed_in.at else None,
        "counts": attempt is row.counts,
        "status": row.state.value if attempt is row.counts else "does not count",
        "trouble": handed_in.trouble,
        "late_days": lateness.days,
        "grace_days": lateness.grace,
        "kept": float(lateness.kept),
        "total": rounded(attempt.left * worth.factor),
        "out_of": rounded(worth.total),
        "questions": [
            {
                "id": name,
                "earned": rounded(attempt.scores[name].earned) if name in attempt.scores else None,
                "points": rounded(points),
                "result": mark.result,
                "run": mark.run,
                "trouble": mark.trouble,
            }
            for name, points in worth.questions.items()
            if (mark := attempt.marks.get(name))
        ],
        "hidden": [
            check["id"]
            for mark in attempt.marks.values()
            for check in mark.result.get("checks", ())
            if policy.is_hidden(check["id"])
        ],
    }


def _remove_others(folder: Path, ending: str, names: Iterable[str]) -> None:
    """Take away what an earlier class left, so that the folder agrees with the table."""
    kept = {f"{name}{ending}" for name in names}
    for path in folder.glob(f"*{ending}"):
        if path.name not in kept:
            path.unlink()
