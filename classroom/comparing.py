"""Has a class's work compared, unless it has been since anything changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.agenda import Agenda
from classroom.ledger import Ledger
from classroom.records import HandedIn, Mark
from classroom.units import digest_of

if TYPE_CHECKING:
    from classroom.command import Request

FACT = "compared"


def compared(
    request: Request,
    plan: Agenda,
    handed_in: list[HandedIn],
    marks: list[Mark],
    ledger: Ledger,
) -> Path | None:
    """The page on similar submissions; None where it is not wanted, or there is nothing to say.

    Raises:
        UsageError: if what it needs is missing.
    """
    if not request.similarity:
        return None
    page = request.out / "similarity.html"
    state = _state(plan, handed_in, request.older)
    if ledger.recall(FACT) == state:
        return page if page.is_file() else None
    from classroom import similarity

    written = similarity.write(request.out, handed_in, marks, None, request.older)
    if written is None:
        page.unlink(missing_ok=True)
    ledger.note(FACT, state)
    return written


def _state(plan: Agenda, handed_in: Iterable[HandedIn], older: Iterable[Path]) -> str:
    """A hash of all that the page says something about."""
    told = [
        sorted(plan.places),
        [(one.key, one.person, one.attempt, one.trouble) for one in handed_in],
        [(str(path), *_stamp(path)) for folder in older for path in sorted(folder.rglob("*"))],
        digest_of((path.name, path.read_bytes()) for path in sorted(_HERE.glob("*.py"))),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _stamp(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_size, found.st_mtime_ns


_HERE = Path(__file__).resolve().parent
