"""One student as the page's script reads them: plain values, cut so that a class of 1,000 fits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from classroom.numbers import rounded
from classroom.policy import CONCEALED, Policy
from classroom.report.summary import checks_of
from classroom.scoring import kept
from classroom.standing import Attempt, Row, Worth
from grading.report.text import clean
from grading.results import Status

MOST_BYTES = 18_000
CUT = " … (cut)"
# What may stand in a script: no text ends its element, or begins a comment in it.
ESCAPES = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Limits:
    """How much is shown of a student: signs of output, signs of any other text, and details."""

    output: int
    text: int
    details: int


LADDER = (
    Limits(1000, 600, 10_000),
    Limits(0, 300, 10_000),
    Limits(0, 120, 60),
    Limits(0, 60, 20),
    Limits(0, 20, 4),
)
MOST_REMARKS = 8


@dataclass(frozen=True)
class Names:
    """What the files of a class are called, without their endings.

    Attributes:
        submissions: by `HandedIn.key`.
        people: by `Person.key`.
    """

    submissions: Mapping[str, str]
    people: Mapping[str, str]


def for_staff(row: Row, worth: Worth, policy: Policy, names: Names) -> str:
    """All about a student, as JSON that may stand in a page."""
    return _fitted(row, worth, policy, names, staff=True)


def for_student(row: Row, worth: Worth, policy: Policy, names: Names) -> str:
    """What a student may see: without the hidden checks, and with the policy in words."""
    return _fitted(row, worth, policy, names, staff=False)


def embedded(value: Any) -> str:
    """A value as JSON that may stand in a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign, escape in ESCAPES.items():
        text = text.replace(sign, escape)
    return text


def _fitted(row: Row, worth: Worth, policy: Policy, names: Names, *, staff: bool) -> str:
    """With as much as the size allows."""
    for limits in LADDER:
        text = embedded(_student(row, worth, policy, names, limits, staff=staff))
        if len(text.encode(errors="replace")) <= MOST_BYTES:
            break
    return text


def _student(
    row: Row, worth: Worth, policy: Policy, names: Names, limits: Limits, *, staff: bool
) -> dict[str, Any]:
    person, counts = row.person, row.counts
    told: dict[str, Any] = {
        "name": _cut(person.name, 200),
        "key": _cut(person.key, 200),
        "email": _cut(person.email, 200),
        "section": _cut(person.section, 200),
        "status": row.state.value,
        "total": rounded(row.total),
        "outOf": rounded(worth.total),
        "penalty": rounded(row.penalty),
        "lateDays": counts.lateness.days if counts else 0,
        "graceDays": counts.lateness.grace if counts else 0,
        "policy": policy.in_words(person.key),
        "attempts": [
            _attempt(each, each is counts, worth, names, staff, policy) for each in row.attempts
        ],
        "questions": _questions(counts, worth, policy, limits, staff=staff) if counts else [],
    }
    if staff:
        told["remarks"] = [_cut(remark, 300) for remark in row.remarks[:MOST_REMARKS]]
        told["page"] = f"feedback/{names.people[person.key]}.html"
    elif counts and counts.handed_in.trouble:
        told["remarks"] = [_cut(counts.handed_in.trouble, 300)]
    return told


def _attempt(
    attempt: Attempt, counts: bool, worth: Worth, names: Names, staff: bool, policy: Policy
) -> dict[str, Any]:
    handed_in = attempt.handed_in
    at, deadline = handed_in.at, policy.late.deadline
    if at and deadline:
        at = at.astimezone(deadline.tzinfo)
    told: dict[str, Any] = {
        "attempt": handed_in.attempt,
        "at": f"{at:%Y-%m-%d %H:%M %Z}" if at else "",
        "late": attempt.lateness.days,
        "total": rounded(attempt.left * worth.factor),
        "counts": counts,
        "trouble": "beyond the limit" if attempt.over else _cut(handed_in.trouble, 300),
    }
    if staff:
        told["key"] = _cut(handed_in.key, 200)
        told["file"] = f"submissions/{names.submissions[handed_in.key]}.json"
    return told


def _questions(
    attempt: Attempt, worth: Worth, policy: Policy, limits: Limits, *, staff: bool
) -> list[dict[str, Any]]:
    told_of = sorted(checks_of(attempt), key=lambda check: check["status"] == Status.PASSED.value)
    detailed = {check["id"] for check in told_of[: limits.details]}
    told = []
    for name, points in worth.questions.items():
        mark, score = attempt.marks.get(name), attempt.scores.get(name)
        result, run = (mark.result, mark.run) if mark else ({}, {})
        checks = result.get("checks", [])
        seen = [check for check in checks if staff or not policy.is_hidden(check["id"])]
        told.append(
            {
                "id": name,
                "title": result.get("title", ""),
                "earned": rounded(score.earned) if score else None,
                "points": rounded(points),
                "trouble": _cut(mark.trouble if mark else "", limits.text),
                "concealed": len(checks) - len(seen),
                "isolation": run.get("isolation", ""),
                "seed": run.get("seed"),
                "warnings": [
                    _cut(each, limits.text) for each in run.get("warnings", [])[:MOST_REMARKS]
                ],
                "checks": [
                    _check(check, policy, limits if check["id"] in detailed else None, staff=staff)
                    for check in seen
                ],
            }
        )
    return told


def _check(
    check: Mapping[str, Any], policy: Policy, limits: Limits | None, *, staff: bool
) -> dict[str, Any]:
    """A check without what the catalogue says of it; what is empty is left out."""
    told = {
        "id": check["id"],
        "status": check["status"],
        "earned": rounded(kept(check, policy) * int(check["earned"])),
        "seconds": round(check["seconds"], 1),
        "curve": check.get("curve", ()),
        **(_details(check, policy, limits, staff=staff) if limits else {}),
    }
    return {name: value for name, value in told.items() if value not in ("", (), [], None)}


def _details(
    check: Mapping[str, Any], policy: Policy, limits: Limits, *, staff: bool
) -> dict[str, Any]:
    feedback = check["feedback"]
    if not staff and policy.skips_for_hidden(check["status"], feedback["expected"]):
        feedback = asdict(CONCEALED)
    if check["status"] == Status.GRADER_FAULT.value and not staff:
        feedback = {"got": "The grader itself failed here; that is not your mistake."}
    return {
        **{name: _cut(text, limits.text) for name, text in feedback.items() if text},
        "note": _cut(check.get("note", ""), limits.text),
        "output": _cut(check.get("output", ""), limits.output) if limits.output else "",
    }


def catalogue(row_attempts: list[Attempt], policy: Policy, *, staff: bool) -> dict[str, Any]:
    """What all results of a check have in common: its claim, its points, whether it is hidden."""
    return {
        check["id"]: {
            "claim": check["claim"],
            "points": check["points"],
            **({"hidden": True} if policy.is_hidden(check["id"]) else {}),
        }
        for attempt in row_attempts
        for check in checks_of(attempt)
        if staff or not policy.is_hidden(check["id"])
    }


def _cut(text: str, most: int) -> str:
    """A stranger's text, cleaned and not too long."""
    cleaned = text if text.isprintable() else clean(text).strip("\n")
    return cleaned if len(cleaned) <= most else cleaned[:most] + CUT
