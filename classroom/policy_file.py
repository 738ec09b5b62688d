"""The policy as staff write it: a TOML file, whose every slip is named with its place.

Example::

    title = "Homework 5"
    questions = ["q5", "q6.causal"]   # graded where the command line names none
    out_of = 100
    hidden = ["q6.causal"]            # counts, but is shown to staff alone; q6.* for all of q6

    [late]
    deadline = 2026-10-01T23:59:00    # with an offset (+02:00), or the zone below
    zone = "Europe/Vienna"
    per_day = "10 %"                  # or 0.1, of the points earned
    grace_days = 3
    most_days = 7
    beyond = "zero"                   # later ones earn nothing; "cap": no more is taken
    [late.extensions]                 # by the roster's key: days, or a new deadline
    "ada@example.org" = 2
    [late.spent]                      # grace days used up in earlier homeworks
    "bob@example.org" = 1

    [attempts]
    limit = 5
    counts = "best"                   # or "last"

    [weights]                         # multiply a question's points ...
    q5 = 2
    [points]                          # ... or say what full marks in it are worth
    q6 = 10

    [forbidden]                       # uses that grading/rules.ini only remarks on
    policy = "deduct"                 # "report", "deduct" a share of the check, or "zero"
    share = 0.5
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path
from typing import Any

from classroom import parsing
from classroom.lateness import CAP, DAY, ZERO, Late
from classroom.parsing import Table
from classroom.policy import BEST, DEDUCT, LAST, NOTHING, REPORT, Attempts, Forbidden, Policy
from grading import checks
from grading.options import UsageError

CHECK = re.compile(r'^@check\(\s*"([\w.]+)"', re.MULTILINE)


def read(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        UsageError: if it cannot be read, or says something that has no meaning; the message names
            the file, the key, what was expected and what was found.
    """
    return _policy(Table(path.name, "", _load(path)))


def _load(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib
        except ModuleNotFoundError as error:
            raise UsageError(
                "a policy needs tomli here; run: pip install -r requirements-staff.txt"
            ) from error
    try:
        text = unicodedata.normalize("NFC", path.read_bytes().decode("utf-8-sig"))
        said: dict[str, Any] = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} cannot be read: it is not UTF-8 ({error.reason})") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path.name} is no TOML: {error}") from error
    return said


def _policy(top: Table) -> Policy:
    questions = list(dict.fromkeys(check.partition(".")[0] for check in known_checks()))
    weights = top.mapping("weights", parsing.amount, questions)
    points = top.mapping("points", parsing.amount, questions)
    for question in points:
        if question in weights:
            top.refuse(f"points.{question}", "a weight or points, not both")
    policy = Policy(
        title=top.take("title", parsing.text, ""),
        questions=_questions(top, questions),
        weights=weights,
        points=points,
        out_of=top.take("out_of", parsing.positive, None),
        late=_late(top.table("late")),
        attempts=_attempts(top.table("attempts")),
        forbidden=_forbidden(top.table("forbidden")),
        hidden=_hidden(top),
    )
    top.close()
    return policy


def _late(table: Table) -> Late:
    zone = table.take("zone", parsing.zone, None)
    deadline = table.take("deadline", parsing.moment, None)
    if deadline is None and table.values:
        table.refuse("deadline", "a date and time such as 2026-10-01T23:59:00+02:00")
    if deadline is not None and deadline.tzinfo is None:
        if zone is None:
            table.refuse("deadline", 'an offset (…+02:00), or zone = "Europe/Vienna" beside it')
        deadline = deadline.replace(tzinfo=zone)
    elif deadline is not None and zone is not None:
        deadline = deadline.astimezone(zone)  # a day then ends as the clocks there say

    def extension(value: Any) -> timedelta:
        return _extension(value, deadline)

    late = Late(
        deadline=deadline,
        per_day=table.take("per_day", parsing.share, Fraction(0)),
        grace_days=table.take("grace_days", parsing.count, 0),
        spent=table.mapping("spent", parsing.count),
        most_days=table.take("most_days", parsing.count, None),
        beyond=table.take("beyond", parsing.one_of(ZERO, CAP), ZERO),
        extensions=table.mapping("extensions", extension),
    )
    table.close()
    return late


def _extension(value: Any, deadline: datetime | None) -> timedelta:
    """Days, or the time up to a person's own deadline."""
    expected = "days such as 2 or 0.5, or a later deadline such as 2026-10-05T23:59:00"
    if isinstance(value, datetime) and deadline is not None:
        own = value if value.tzinfo else value.replace(tzinfo=deadline.tzinfo)
        # Times of day, as `days_between` reads them: the clocks may change in between.
        here = own.astimezone(deadline.tzinfo).replace(tzinfo=None)
        extension = here - deadline.replace(tzinfo=None)
        parsing.require(extension >= timedelta(), expected, value)
        return extension
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    parsing.require(number and 0 <= value <= 3650, expected, value)
    return timedelta(days=value) if isinstance(value, int) else value * DAY


def _attempts(table: Table) -> Attempts:
    attempts = Attempts(
        limit=table.take("limit", parsing.from_one, None),
        counts=table.take("counts", parsing.one_of(BEST, LAST), LAST),
    )
    table.close()
    return attempts


def _forbidden(table: Table) -> Forbidden:
    policy = table.take("policy", parsing.one_of(REPORT, DEDUCT, NOTHING), REPORT)
    share = table.take("share", parsing.share, None)
    if (policy == DEDUCT) != (share is not None):
        table.refuse("share", f'a share such as "50 %" where policy is "{DEDUCT}", and only there')
    table.close()
    return Forbidden(policy, share or Fraction(0))


def _questions(top: Table, known: list[str]) -> tuple[str, ...]:
    named: tuple[str, ...] = top.take("questions", parsing.texts, ())
    for name in named:
        if name not in {*known, *known_checks()}:
            near = parsing.did_you_mean(name, [*known, *known_checks()])
            top.refuse("questions", f"the id of a question or a check, such as q5{near}", name)
    return named


def _hidden(table: Table) -> tuple[str, ...]:
    known = known_checks()
    patterns: tuple[str, ...] = table.take("hidden", parsing.texts, ())
    for pattern in patterns:
        if not any(fnmatchcase(check, pattern) for check in known):
            near = parsing.did_you_mean(pattern, known)
            table.refuse("hidden", f"the id of a check, such as q6.causal or q6.*{near}", pattern)
    return patterns


def known_checks() -> list[str]:
    """The ids of all checks, read from their source: importing them would import torch."""
    files = (file for folder in checks.__path__ for file in sorted(Path(folder).glob("q*.py")))
    return [found for file in files for found in CHECK.findall(file.read_text(encoding="utf-8"))]


def unknown_people(policy: Policy, people: Mapping[str, Any]) -> list[str]:
    """Keys that the policy makes exceptions for, and that nobody in the class has."""
    named = {**policy.late.extensions, **policy.late.spent}
    return [key for key in named if key not in people]
