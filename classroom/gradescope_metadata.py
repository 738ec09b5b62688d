"""What Gradescope says of a submission: whose it is, when it came and was due, what came before.

A file of the site's, so nothing in it is relied upon: what is missing or odd is as if unknown.

See https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

LARGEST = 16 << 20  # bytes


@dataclass(frozen=True)
class Previous:
    """An attempt that was graded before.

    Attributes:
        at: when it was handed in, or None.
        score: what it earned.
        passed: the checks that passed.
        failed: the checks that did not.
    """

    at: datetime | None
    score: float
    passed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Metadata:
    """One submission.

    Attributes:
        people: the keys that a roster may know its people by: addresses and site numbers.
        name: who handed it in, as it is printed, or "".
        at: when, or None.
        due: when it was due there, with the person's own extension; or None.
        previous: attempts before this one, in order.
    """

    people: tuple[str, ...] = ()
    name: str = ""
    at: datetime | None = None
    due: datetime | None = None
    previous: tuple[Previous, ...] = ()


def read(path: Path) -> Metadata:
    """Read the file; where there is none, or no sense in it, nothing is known."""
    try:
        if path.stat().st_size > LARGEST:
            return Metadata()
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Metadata()
    return parse(said)


def parse(said: Any) -> Metadata:
    """What a parsed file says."""
    whole = _mapping(said)
    users = [_mapping(user) for user in _items(whole.get("users"))]
    own = [_moment(_mapping(user.get("assignment")).get("due_date")) for user in users]
    for_all = _moment(_mapping(whole.get("assignment")).get("due_date"))
    keys = (str(user[name]) for user in users for name in ("email", "sid", "id") if user.get(name))
    return Metadata(
        people=tuple(dict.fromkeys(keys)),
        name=", ".join(str(user["name"]) for user in users if user.get("name")),
        at=_moment(whole.get("created_at")),
        due=max((due for due in own if due is not None), default=for_all),
        previous=tuple(sorted(_all_previous(whole), key=_order)),
    )


def _all_previous(whole: Mapping[str, Any]) -> Iterator[Previous]:
    for each in map(_mapping, _items(whole.get("previous_submissions"))):
        tests = [_mapping(test) for test in _items(_mapping(each.get("results")).get("tests"))]
        ends = {str(test.get("number")): test.get("status") == "passed" for test in tests}
        yield Previous(
            at=_moment(each.get("submission_time")),
            score=_number(each.get("score")),
            passed=frozenset(name for name, well in ends.items() if well),
            failed=frozenset(name for name, well in ends.items() if not well),
        )


def _order(previous: Previous) -> datetime:
    return previous.at or datetime.min.replace(tzinfo=timezone.utc)


def _moment(value: Any) -> datetime | None:
    """An ISO time with a zone, or None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        moment.astimezone(timezone.utc)  # fails in the farthest years, where no other zone fits
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
