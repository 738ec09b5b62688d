"""What is known of a class: who is in it, what they handed in, and what it was found to be worth.

Plain values that travel as JSON: between machines, into the ledger, and on to the gradebook.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Person:
    """Somebody on the roster.

    Attributes:
        key: what names them in the gradebook, unique in the class: a student id or an address.
        name: as it is printed.
        email: an address, or "".
        section: a group within the class, or "".
    """

    key: str
    name: str
    email: str = ""
    section: str = ""


@dataclass(frozen=True)
class HandedIn:
    """One attempt of one person, as it lies in the folder of submissions.

    Attributes:
        key: unique in the class; the entry's own name without ``.zip``.
        path: the folder or zip.
        person: the `Person.key` whose it is; the `key` itself where no roster knows better.
        attempt: from 1, in the order in which they were handed in.
        at: when it was handed in, with a time zone; None where nothing says so.
        trouble: why it cannot be graded, in a student's words, or "".
    """

    key: str
    path: Path
    person: str
    attempt: int = 1
    at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Mark:
    """What one question of one attempt was found to be worth.

    Attributes:
        handed_in: the `HandedIn.key`.
        question: for instance ``q3``.
        result: the question as `grading.results.Report.to_json` writes it: ``id``, ``title``,
            ``points``, ``earned`` and ``checks``; {} where nothing came of it.
        run: what else the report says of the run: ``isolation``, ``device``, ``seed``,
            ``versions``, ``warnings``, ``seconds``.
        trouble: why there is no result, or "".
    """

    handed_in: str
    question: str
    result: dict[str, Any] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""
