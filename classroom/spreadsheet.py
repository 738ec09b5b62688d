"""The gradebook as CSV: one row a person, a column a question.

It begins with a byte order mark: without one, Excel takes UTF-8 for the code page of the country,
and every second name is spoilt. Python reads it as ``utf-8-sig``; pandas and LibreOffice see to it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from classroom.numbers import rounded
from classroom.standing import Row, Worth

BOM = "\ufeff"
# A spreadsheet works out what begins so, also in a wide form or after a blank; it may run programs.
FORMULA = tuple("=+-@＝＋－＠")  # noqa: RUF001 - the wide forms are meant
Cell = str | int | float


def as_csv(rows: Iterable[Row], worth: Worth) -> str:
    """The whole table; every text stands in quotes, so that no separator can end it."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(header(worth))
    for row in rows:
        writer.writerow(
            [text(cell) if isinstance(cell, str) else cell for cell in cells(row, worth)]
        )
    return BOM + out.getvalue()


def header(worth: Worth) -> list[str]:
    """The columns' names."""
    return [
        *("key", "name", "email", "section", "on_roster", "submission", "attempt", "attempts"),
        *("handed_in", *worth.questions, "late_penalty", "total", "out_of", "late_days"),
        *("grace_days", "status", "remarks"),
    ]


def cells(row: Row, worth: Worth) -> Sequence[Cell]:
    """A person's row; a question that was not graded is empty."""
    person, counts = row.person, row.counts
    scores = counts.scores if counts else {}
    lateness = counts.lateness if counts else None
    at = counts.handed_in.at if counts else None
    return [
        *(person.key, person.name, person.email, person.section, "yes" if row.on_roster else "no"),
        counts.handed_in.key if counts else "",
        counts.handed_in.attempt if counts else "",
        len(row.attempts),
        at.isoformat(sep=" ", timespec="seconds") if at else "",
        *(rounded(scores[name].earned) if name in scores else "" for name in worth.questions),
        *(rounded(row.penalty), rounded(row.total), rounded(worth.total)),
        lateness.days if lateness else 0,
        lateness.grace if lateness else 0,
        row.state.value,
        "; ".join(row.remarks),
    ]


def text(cell: str) -> str:
    """A text that a spreadsheet shows and never works out, in one line."""
    shown = "".join(sign if sign.isprintable() else " " for sign in cell)
    return f"'{shown}" if shown.lstrip().startswith(FORMULA) else shown
