"""What a question of an attempt is worth under a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from classroom.policy import Policy
from classroom.records import Mark
from grading.results import Status
from grading.rules import uses_in

WHOLE = Fraction(1)


@dataclass(frozen=True)
class Score:
    """A question's points under the policy, before what lateness costs.

    Attributes:
        earned: after weights, and less what forbidden uses cost.
        points: what full marks are worth.
        remarks: what staff should know of it.
        faulty: whether the grader failed somewhere in it, so that somebody has to look.
    """

    earned: Fraction
    points: Fraction
    remarks: tuple[str, ...] = ()
    faulty: bool = False


def score(mark: Mark, policy: Policy) -> Score | None:
    """A mark's points under the policy; None where nothing came of it."""
    if not mark.result:
        return None
    checks: list[Mapping[str, Any]] = mark.result["checks"]
    points = sum(int(check["points"]) for check in checks)
    worth = policy.worth(mark.question, points)
    faults = [check["id"] for check in checks if check["status"] == Status.GRADER_FAULT.value]
    remarks = [f"{check}: the grader itself failed" for check in faults]
    for check in checks:
        if check["earned"] and kept(check, policy) < 1:
            remarks.append(f"{check['id']}: a forbidden use costs points")
    return Score(worth * _reached(checks, policy), worth, tuple(remarks), bool(faults))


def _reached(checks: list[Mapping[str, Any]], policy: Policy) -> Fraction:
    """The share of a question's points that was earned; of its checks, where none has points."""
    points = sum(int(check["points"]) for check in checks)
    if not points:
        passed = [check for check in checks if check["status"] == Status.PASSED.value]
        return sum((kept(check, policy) for check in passed), Fraction(0)) / max(1, len(checks))
    earned = Fraction(sum(int(check["earned"]) for check in checks))
    for check in checks:
        if check["earned"] and check.get("note"):
            earned -= (1 - kept(check, policy)) * int(check["earned"])
    return earned / points


def kept(check: Mapping[str, Any], policy: Policy) -> Fraction:
    """The share of a check's points that is left after a forbidden use that was remarked on."""
    note = check.get("note", "")
    return policy.forbidden.kept if note and uses_in(note) else WHOLE
