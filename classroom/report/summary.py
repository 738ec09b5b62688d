"""What a class looks like from afar: distributions, checks that fail, time and conditions."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from classroom.numbers import shown
from classroom.standing import Attempt, Row, State, Worth
from grading.results import Status

PASSED = Status.PASSED.value
MOST_BARS = 13
BINS = 10
FAILURES = (Status.FAILED, Status.CRASHED, Status.TIMED_OUT)


@dataclass(frozen=True)
class Bar:
    """A bar of a histogram: how many people have so many points."""

    label: str
    count: int


@dataclass(frozen=True)
class Spread:
    """How a class's points in something are spread.

    Attributes:
        name: the question's id, or ``total``.
        title: in words.
        points: what full marks are worth.
        bars: of the histogram, from nothing to full marks.
        edges: some of those between the bars, evenly; empty where each bar is one number.
        mean: points.
        median: points.
        full: how many have full marks.
        people: how many there are in all.
    """

    name: str
    title: str
    points: str
    bars: list[Bar]
    edges: list[str]
    mean: str
    median: str
    full: int
    people: int

    @property
    def in_words(self) -> str:
        """The histogram for who cannot see it."""
        bars = ", ".join(f"{bar.count} with {bar.label}" for bar in self.bars if bar.count)
        return f"Points in {self.name}, out of {self.points}: {bars or 'nobody'}"


@dataclass
class Tally:
    """How a check ended over the class.

    Attributes:
        id: of the check.
        claim: what it tests.
        hidden: whether only staff see it.
        ends: how often it ended in each way.
        mistakes: how often each known mistake was recognised.
    """

    id: str
    claim: str
    hidden: bool
    ends: Counter[str] = field(default_factory=Counter)
    mistakes: Counter[str] = field(default_factory=Counter)

    @property
    def people(self) -> int:
        """How many have a result."""
        return self.ends.total()

    @property
    def failures(self) -> int:
        """How often it failed, crashed or ran out of time."""
        return sum(self.ends[status.value] for status in FAILURES)

    @property
    def in_words(self) -> str:
        """``failed 3, skipped 2``: how it ended where it did not pass."""
        ends = [(end, count) for end, count in self.ends.most_common() if end != PASSED]
        return ", ".join(f"{end} {count}" for end, count in ends)


@dataclass(frozen=True)
class Effort:
    """How long a question took, in seconds of its checks together."""

    name: str
    median: float
    longest: float
    whole: float


@dataclass(frozen=True)
class Summary:
    """All that the page says of the class as a whole."""

    states: Mapping[str, int]
    spreads: list[Spread]
    tallies: list[Tally]
    efforts: list[Effort]
    conditions: Mapping[str, Mapping[str, int]]


def summarise(rows: Sequence[Row], worth: Worth, hidden: Iterable[str]) -> Summary:
    """Look at the attempts that count."""
    counting = [row.counts for row in rows if row.counts and not row.counts.handed_in.trouble]
    concealed = set(hidden)
    states = Counter(row.state.value for row in rows)
    return Summary(
        states={state.value: states[state.value] for state in State},
        spreads=_spreads(rows, counting, worth),
        tallies=_tallies(counting, concealed),
        efforts=[_effort(name, counting) for name in worth.questions],
        conditions=_conditions(counting),
    )


def _spreads(rows: Sequence[Row], counting: list[Attempt], worth: Worth) -> list[Spread]:
    titles = {
        name: mark.result["title"]
        for attempt in counting
        for name, mark in attempt.marks.items()
        if mark.result
    }
    totals = [row.total for row in rows if row.counts and not row.counts.handed_in.trouble]
    spreads = [spread("total", "after what lateness costs", worth.total, totals)]
    for name, points in worth.questions.items():
        earned = [it.scores[name].earned for it in counting if name in it.scores]
        spreads.append(spread(name, titles.get(name, ""), points, earned))
    return spreads


def spread(name: str, title: str, points: Fraction, earned: Sequence[Fraction]) -> Spread:
    """Put points into bars: one a point where there are few and all are whole, else ten."""
    whole = points.denominator == 1 and all(each.denominator == 1 for each in earned)
    edges: list[Fraction] = []
    if points == 0:
        bars = [Bar("0", len(earned))]
    elif whole and points < MOST_BARS:
        counts = Counter(int(each) for each in earned)
        bars = [Bar(str(value), counts[value]) for value in range(int(points) + 1)]
    else:
        places = Counter(min(BINS - 1, int(BINS * each / points)) for each in earned)
        edges = [points * place / BINS for place in range(BINS + 1)]
        bars = [
            Bar(f"{shown(edges[place])}–{shown(edges[place + 1])}", places[place])  # noqa: RUF001
            for place in range(BINS)
        ]
    return Spread(
        name=name,
        title=title,
        points=shown(points),
        bars=bars,
        edges=[shown(edge) for edge in edges[::2]],
        mean=shown(sum(earned, Fraction(0)) / len(earned)) if earned else "",
        median=shown(statistics.median(earned)) if earned else "",
        full=sum(each >= points for each in earned),
        people=len(earned),
    )


def _tallies(counting: list[Attempt], hidden: set[str]) -> list[Tally]:
    """The checks that not everybody passed, those that fail most first."""
    tallies: dict[str, Tally] = {}
    for check in (check for attempt in counting for check in checks_of(attempt)):
        name = check["id"]
        tally = tallies.setdefault(name, Tally(name, check["claim"], name in hidden))
        tally.ends[check["status"]] += 1
        mistake = check["feedback"]["mistake"]
        if mistake:
            tally.mistakes[mistake] += 1
    missed = [tally for tally in tallies.values() if tally.ends[PASSED] < tally.people]
    return sorted(missed, key=lambda it: (-it.failures, it.ends[PASSED] - it.people))


def checks_of(attempt: Attempt) -> list[dict[str, Any]]:
    """All checks of an attempt."""
    return [check for mark in attempt.marks.values() for check in mark.result.get("checks", ())]


def _effort(name: str, counting: list[Attempt]) -> Effort:
    took = [
        sum(check["seconds"] for check in attempt.marks[name].result["checks"])
        for attempt in counting
        if name in attempt.scores
    ]
    return Effort(name, statistics.median(took or [0.0]), max(took, default=0.0), sum(took))


def _conditions(counting: list[Attempt]) -> dict[str, dict[str, int]]:
    """Under what the questions were graded, each with how many were."""
    runs = [mark.run for attempt in counting for mark in attempt.marks.values() if mark.run]
    found: dict[str, Counter[str]] = {"isolation": Counter(), "device": Counter()}
    for run in runs:
        for name in ("isolation", "device"):
            found[name][str(run.get(name, "unknown"))] += 1
        for part, version in run.get("versions", {}).items():
            found.setdefault(part, Counter())[str(version)] += 1
    return {name: dict(counter.most_common()) for name, counter in found.items()}
