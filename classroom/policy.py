"""How a class is marked: weights, late days, attempts, forbidden operators, hidden checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from fractions import Fraction

from classroom.lateness import CAP, DAY, Late
from classroom.numbers import percent, shown
from grading.report.text import counted
from grading.results import Feedback, Status

BEST, LAST = "best", "last"
REPORT, DEDUCT, NOTHING = "report", "deduct", "zero"
CONCEALED = Feedback(
    tried="nothing yet: this check stands on an earlier one",
    expected="one that is not shown to pass first",
    got="it did not",
)


@dataclass(frozen=True)
class Attempts:
    """Which of a person's attempts counts.

    Attributes:
        limit: how many count, from the first; None if all do.
        counts: ``best`` (the most points after what lateness costs; of equal ones the first) or
            ``last``.
    """

    limit: int | None = None
    counts: str = LAST

    def __post_init__(self) -> None:
        """Refuse values that cannot mean anything."""
        if self.limit is not None and self.limit < 1:
            raise ValueError(f"limit is {self.limit}; give a whole number from 1")
        if self.counts not in (BEST, LAST):
            raise ValueError(f"counts is {self.counts!r}; give {BEST} or {LAST}")


@dataclass(frozen=True)
class Forbidden:
    """What a use costs that ``grading/rules.ini`` only remarks on.

    Where those rules themselves cost the check, it has failed already, whatever stands here.

    Attributes:
        policy: ``report`` (nothing), ``deduct`` (a share of the check's points) or ``zero`` (all).
        share: what ``deduct`` takes, in 0..1.
    """

    policy: str = REPORT
    share: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        """Refuse values that cannot mean anything."""
        if self.policy not in (REPORT, DEDUCT, NOTHING):
            raise ValueError(f"policy is {self.policy!r}; give {REPORT}, {DEDUCT} or {NOTHING}")
        if not 0 <= self.share <= 1:
            raise ValueError(f"share is {self.share}; give a share in 0..1")

    @property
    def kept(self) -> Fraction:
        """The share of a check's points that is left after such a use."""
        return {REPORT: Fraction(1), DEDUCT: 1 - self.share, NOTHING: Fraction(0)}[self.policy]


@dataclass(frozen=True)
class Policy:
    """All that a class's marks depend on besides what the examiner found.

    Attributes:
        title: what the homework is called in the report, or "".
        questions: ids of what is graded where the command line names nothing.
        weights: multiplies a question's points; 1 where it names none.
        points: what full marks in a question are worth, instead of its own points.
        out_of: scales the total so that full marks are worth this; None leaves it.
        late: what handing in late costs.
        attempts: which attempt counts.
        forbidden: what the use of something forbidden costs.
        hidden: ids of checks, with ``*`` for any part, that are shown to staff alone.
    """

    title: str = ""
    questions: tuple[str, ...] = ()
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    points: Mapping[str, Fraction] = field(default_factory=dict)
    out_of: Fraction | None = None
    late: Late = field(default_factory=Late)
    attempts: Attempts = field(default_factory=Attempts)
    forbidden: Forbidden = field(default_factory=Forbidden)
    hidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that cannot mean anything."""
        both = sorted(self.weights.keys() & self.points.keys())
        if both:
            raise ValueError(f"{both[0]} has a weight and points; give one of them")
        for name, values in (("weights", self.weights), ("points", self.points)):
            if any(value < 0 for value in values.values()):
                raise ValueError(f"{name} are numbers from 0")
        if self.out_of is not None and self.out_of <= 0:
            raise ValueError(f"out_of is {self.out_of}; give a number above 0")

    def is_hidden(self, check: str) -> bool:
        """Whether only staff see a check."""
        return any(fnmatchcase(check, pattern) for pattern in self.hidden)

    def skips_for_hidden(self, status: str, expected: str) -> bool:
        """Whether a check was skipped for one that only staff see, as `grading.schedule` says."""
        return status == Status.SKIPPED.value and self.is_hidden(expected.partition(" ")[0])

    def worth(self, question: str, points: int) -> Fraction:
        """What full marks in a question are worth whose checks have `points` together."""
        if question in self.points:
            return self.points[question]
        return points * self.weights.get(question, Fraction(1))

    def in_words(self, person: str = "") -> list[str]:
        """The policy as a student reads it, a sentence each; with what is special to a person."""
        return [
            *self._late_in_words(person),
            *self._attempts_in_words(),
            *self._points_in_words(),
            *self._forbidden_in_words(),
        ]

    def _late_in_words(self, person: str) -> list[str]:
        late, due = self.late, self.late.due(person)
        if due is None:
            return ["There is no deadline."]
        said = [f"Due {due:%Y-%m-%d %H:%M} ({due.tzname()})."]
        extension = late.extensions.get(person, timedelta())
        if extension:
            said[0] = said[0][:-1] + f", with an extension of {_long(extension)}."
        if late.grace_days:
            left = late.grace_left(person) if person in late.spent else late.grace_days
            said.append(f"{counted(left, 'late day')} cost nothing (grace days).")
        if late.per_day:
            said.append(
                f"Each {'further ' * bool(late.grace_days)}late day that has begun takes "
                f"{percent(late.per_day)} of the points earned."
            )
        if late.most_days is not None:
            after = f"after {counted(late.most_days, 'late day')}"
            said.append(
                f"No more is taken {after}."
                if late.beyond == CAP
                else f"What is handed in {after} earns nothing."
            )
        return said

    def _attempts_in_words(self) -> list[str]:
        which = "best attempt (as a whole)" if self.attempts.counts == BEST else "last attempt"
        limit = self.attempts.limit
        return [f"The {which} counts" + (f", of the first {limit}." if limit else ".")]

    def _points_in_words(self) -> list[str]:
        said = [
            f"{question} counts {shown(weight)} times."
            for question, weight in self.weights.items()
            if weight != 1
        ]
        said += [
            f"{question} is worth {shown(points)} points."
            for question, points in self.points.items()
        ]
        if self.out_of is not None:
            said.append(f"The total is out of {shown(self.out_of)}.")
        if self.hidden:
            said.append("Some checks count but are not shown.")
        return said

    def _forbidden_in_words(self) -> list[str]:
        what = "The use of something that a question forbids"
        kept = self.forbidden.kept
        cost = f"costs {percent(1 - kept)} of the points of the check" if kept < 1 else "is noted"
        return [f"{what} {cost}, unless the question's own rule says that the check fails."]


def _long(extension: timedelta) -> str:
    days, rest = divmod(extension, DAY)
    hours = rest // timedelta(hours=1)
    parts = [counted(days, "day")] * bool(days) + [counted(hours, "hour")] * bool(hours)
    return " and ".join(parts) or str(extension)
