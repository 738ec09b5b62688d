"""What handing in late costs: deadline, extensions, grace days and the penalty of each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from fractions import Fraction

DAY = timedelta(days=1)
ZERO, CAP = "zero", "cap"


@dataclass(frozen=True)
class Lateness:
    """How late one attempt of one person is, and what that costs.

    Attributes:
        days: begun days after the person's own deadline.
        grace: how many of them the person's grace days pay for.
        kept: the share of the points that is left, in 0..1.
        remark: what is worth saying of it, or "".
    """

    days: int = 0
    grace: int = 0
    kept: Fraction = Fraction(1)
    remark: str = ""


@dataclass(frozen=True)
class Late:
    """The rules for handing in late.

    Attributes:
        deadline: with a time zone; None where there is none, and then nothing is late.
        per_day: the share of the earned points that each late day takes, in 0..1.
        grace_days: the pool of late days that cost a person nothing.
        spent: how many of them a person has used up before, by `Person.key`.
        most_days: after how many days `beyond` holds; None if never.
        beyond: ``zero``, later attempts earn nothing, or ``cap``, more days take no more points.
        extensions: what is added to the deadline for a person, by `Person.key`.
    """

    deadline: datetime | None = None
    per_day: Fraction = Fraction(0)
    grace_days: int = 0
    spent: Mapping[str, int] = field(default_factory=dict)
    most_days: int | None = None
    beyond: str = ZERO
    extensions: Mapping[str, timedelta] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse values that cannot mean anything."""
        if self.deadline is not None and self.deadline.tzinfo is None:
            raise ValueError("deadline has no time zone")
        if not 0 <= self.per_day <= 1:
            raise ValueError(f"per_day is {self.per_day}; give a share in 0..1")
        if self.grace_days < 0 or (self.most_days or 0) < 0:
            raise ValueError("grace_days and most_days count days; give a whole number from 0")
        if self.beyond not in (ZERO, CAP):
            raise ValueError(f"beyond is {self.beyond!r}; give {ZERO} or {CAP}")

    def due(self, person: str) -> datetime | None:
        """When a person has to have handed in."""
        extension = self.extensions.get(person, timedelta())
        return None if self.deadline is None else self.deadline + extension

    def grace_left(self, person: str) -> int:
        """How many grace days a person can still spend."""
        return max(0, self.grace_days - self.spent.get(person, 0))

    def judge(self, person: str, at: datetime | None) -> Lateness:
        """Say how late an attempt is that was handed in at some time, and what that costs."""
        due = self.due(person)
        if due is None:
            return Lateness()
        if at is None:
            return Lateness(remark="nothing says when it was handed in: taken as in time")
        days = days_between(due, at)
        if self.most_days is not None and self.beyond == ZERO and days > self.most_days:
            return Lateness(days, 0, Fraction(0), f"more than {self.most_days} days late")
        grace = min(days, self.grace_left(person))
        most = days if self.most_days is None else min(days, self.most_days)
        charged = max(0, most - grace)
        return Lateness(days, grace, max(Fraction(0), 1 - charged * self.per_day))


def days_between(due: datetime, at: datetime) -> int:
    """Begun days from the deadline on; 0 up to and including it.

    A day ends at the deadline's own time of day, also where the clocks change in between.
    """
    if at.astimezone(timezone.utc) <= due.astimezone(timezone.utc):
        return 0
    local = at.astimezone(due.tzinfo).replace(tzinfo=None)
    return max(1, -((due.replace(tzinfo=None) - local) // DAY))
