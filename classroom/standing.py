"""Where each person stands: which attempt counts, how late it is, and what it is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timezone
from enum import Enum
from fractions import Fraction

from classroom.lateness import Lateness
from classroom.policy import BEST, Policy
from classroom.records import HandedIn, Mark, Person
from classroom.scoring import Score, score


class State(str, Enum):
    """What a row of the gradebook stands on."""

    GRADED = "graded"
    ABSENT = "nothing handed in"
    UNREADABLE = "could not be opened"
    UNFINISHED = "not all graded"
    DOUBTFUL = "needs a look"


@dataclass(frozen=True)
class Attempt:
    """One attempt under the policy.

    Attributes:
        handed_in: what was handed in.
        marks: what its questions were found to be worth, by question.
        scores: their points under the policy, by question; those of which nothing came are missing.
        lateness: how late it is, and what that costs.
        counted: whether it may count: it can be opened, and is within the limit.
    """

    handed_in: HandedIn
    marks: Mapping[str, Mark] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)
    lateness: Lateness = field(default_factory=Lateness)
    counted: bool = True

    @property
    def over(self) -> bool:
        """Whether it came after as many as may count."""
        return not self.counted and not self.handed_in.trouble

    @property
    def earned(self) -> Fraction:
        """All its points, before what lateness costs."""
        return sum((each.earned for each in self.scores.values()), Fraction(0))

    @property
    def left(self) -> Fraction:
        """What lateness leaves of them."""
        return self.earned * self.lateness.kept


@dataclass(frozen=True)
class Row:
    """One person.

    Attributes:
        person: who; where the roster does not know them, what the submission says.
        on_roster: whether the roster knows them; True for all where there is none.
        state: what the row stands on.
        attempts: all that they handed in, in order.
        counts: the one that counts; None if nothing was handed in.
        total: after what lateness costs, scaled as the policy says.
        penalty: what lateness costs, on the same scale.
        remarks: what staff should know.
    """

    person: Person
    on_roster: bool
    state: State
    attempts: tuple[Attempt, ...] = ()
    counts: Attempt | None = None
    total: Fraction = Fraction(0)
    penalty: Fraction = Fraction(0)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Worth:
    """What a class is marked out of.

    Attributes:
        questions: what full marks in each are worth, in the order of their numbers.
        total: what full marks in all are worth, scaled as the policy says.
        factor: from the sum of the questions to the total.
    """

    questions: Mapping[str, Fraction]
    total: Fraction
    factor: Fraction


def standings(
    people: Iterable[Person],
    handed_in: Iterable[HandedIn],
    marks: Iterable[Mark],
    policy: Policy,
) -> tuple[list[Row], Worth]:
    """Every person's row: the roster's in its order, then whoever else handed something in."""
    roster = {person.key: person for person in people}
    found: dict[str, dict[str, Mark]] = defaultdict(dict)
    for mark in marks:
        found[mark.handed_in][mark.question] = mark
    theirs: dict[str, list[HandedIn]] = defaultdict(list)
    for each in handed_in:
        theirs[each.person].append(each)
    everybody = {**roster, **{key: Person(key, key) for key in theirs if key not in roster}}
    attempts = {key: _attempts(sorted(theirs[key], key=_order), found, policy) for key in everybody}
    asked = {name for each in attempts.values() for attempt in each for name in attempt.marks}
    worth = _worth(asked, [it for each in attempts.values() for it in each], policy)
    known = roster or everybody
    rows = [
        _row(person, key in known, attempts[key], worth, policy)
        for key, person in everybody.items()
    ]
    return rows, worth


def _order(handed_in: HandedIn) -> tuple[int, str, str]:
    """By their number, and where two say the same, by when they came."""
    at = handed_in.at.astimezone(timezone.utc).isoformat() if handed_in.at else ""
    return handed_in.attempt, at, handed_in.key


def number(question: str) -> tuple[int, str]:
    """Sorts q2 before q10."""
    digits = "".join(sign for sign in question if sign in "0123456789")
    return int(digits or 0), question


def _worth(asked: set[str], attempts: list[Attempt], policy: Policy) -> Worth:
    questions = {
        question: max(
            (each.scores[question].points for each in attempts if question in each.scores),
            default=policy.points.get(question, Fraction(0)),
        )
        for question in sorted(asked, key=number)
    }
    full = sum(questions.values(), Fraction(0))
    factor = policy.out_of / full if policy.out_of and full else Fraction(1)
    return Worth(questions, full * factor, factor)


def _attempts(
    theirs: list[HandedIn], found: Mapping[str, Mapping[str, Mark]], policy: Policy
) -> list[Attempt]:
    """A person's attempts; one that cannot be opened uses up none of the limit.

    Those that are missing here do: a course site may keep the last one alone.
    """
    attempts, used, torn = [], 0, 0
    for each in theirs:
        marks = found.get(each.key, {})
        scores = {name: score(mark, policy) for name, mark in marks.items()}
        torn += bool(each.trouble)
        used = used if each.trouble else max(used + 1, each.attempt - torn)
        attempts.append(
            Attempt(
                handed_in=each,
                marks=marks,
                scores={name: found for name, found in scores.items() if found is not None},
                lateness=policy.late.judge(each.person, each.at),
                counted=not each.trouble and used <= (policy.attempts.limit or used),
            )
        )
    return attempts


def _row(
    person: Person, on_roster: bool, attempts: list[Attempt], worth: Worth, policy: Policy
) -> Row:
    counts = _that_counts(attempts, policy)
    remarks = [] if on_roster else ["not on the roster"]
    if counts is None:
        return Row(person, on_roster, State.ABSENT, remarks=tuple(remarks))
    lost = sum(each.handed_in.trouble != "" for each in attempts if each is not counts)
    if lost:
        remarks.append(f"attempts that could not be opened: {lost}")
    over = sum(each.over for each in attempts)
    if over:
        remarks.append(f"attempts beyond the limit, which do not count: {over}")
    unknown = policy.attempts.counts == BEST and any(
        each.counted and _state(each, worth) is State.UNFINISHED for each in attempts
    )
    if unknown:
        remarks.append("an attempt that may be the best is not all graded")
    remarks += _remarks(counts)
    return Row(
        person=person,
        on_roster=on_roster,
        state=State.UNFINISHED if unknown else _state(counts, worth),
        attempts=tuple(attempts),
        counts=counts,
        total=counts.left * worth.factor,
        penalty=(counts.earned - counts.left) * worth.factor,
        remarks=tuple(remarks),
    )


def _that_counts(attempts: list[Attempt], policy: Policy) -> Attempt | None:
    candidates = [each for each in attempts if each.counted]
    if not candidates:
        return attempts[-1] if attempts else None
    if policy.attempts.counts == BEST:
        return max(candidates, key=lambda each: each.left)  # of equal ones the first
    return candidates[-1]


def _state(counts: Attempt, worth: Worth) -> State:
    if counts.handed_in.trouble:
        return State.UNREADABLE
    if not counts.scores or any(question not in counts.scores for question in worth.questions):
        return State.UNFINISHED
    doubtful = counts.over or any(each.faulty for each in counts.scores.values())
    return State.DOUBTFUL if doubtful else State.GRADED


def _remarks(counts: Attempt) -> list[str]:
    troubles = [counts.handed_in.trouble, counts.lateness.remark]
    troubles += [f"{name}: {mark.trouble}" for name, mark in counts.marks.items() if mark.trouble]
    troubles += [remark for each in counts.scores.values() for remark in each.remarks]
    return [trouble for trouble in troubles if trouble]
