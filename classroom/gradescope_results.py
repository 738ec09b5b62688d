"""The ``results.json`` that Gradescope shows: the report under the course's policy.

On top of `grading.report.course_sites.gradescope` it says what lateness costs, which attempt
counts, what has changed since the last one, and keeps hidden checks from students.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from classroom.gradescope_metadata import Metadata, Previous
from classroom.lateness import days_between
from classroom.numbers import percent, rounded, shown
from classroom.policy import BEST, CONCEALED, Policy
from classroom.records import HandedIn, Mark, Person
from classroom.standing import Row, standings
from grading.report.blocks import score
from grading.report.closing import conditions
from grading.report.course_sites import details, gradescope
from grading.report.text import clean, counted
from grading.results import Report, Status

KEY = "this"


@dataclass(frozen=True)
class Terms:
    """What a report is read under.

    Attributes:
        policy: of the course.
        metadata: of the submission.
        stated: sentences on how this grading differs from one at home.
    """

    policy: Policy = field(default_factory=Policy)
    metadata: Metadata = field(default_factory=Metadata)
    stated: tuple[str, ...] = ()


def beginning(said: str) -> dict[str, Any]:
    """Valid results for as long as nothing has been graded."""
    return {
        "score": 0,
        "output": said,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "leaderboard": [],
    }


def results(report: Report, terms: Terms) -> dict[str, Any]:
    """A report as the site takes it, finished or not."""
    row, most = _standing(report, terms)
    hidden = any(terms.policy.is_hidden(check.id) for check in report.checks)
    total, remarks = _counted(row, terms, hidden)
    whole = gradescope(report)
    whole.update(
        score=rounded(total),
        max_score=rounded(most),
        output="\n".join(
            [
                *_summary(report, terms, hidden),
                *_account(row, total, most, terms, hidden),
                *remarks,
                *trend(report, terms),
            ]
        ),
        visibility="visible",
        stdout_visibility="hidden",
        leaderboard=[] if hidden else _leaderboard(report, total),
    )
    for test, check in zip(whole["tests"], report.checks, strict=True):
        test["visibility"] = "hidden" if terms.policy.is_hidden(check.id) else "visible"
        if terms.policy.skips_for_hidden(check.status.value, check.feedback.expected):
            test["output"] = details(replace(check, feedback=CONCEALED))
        test["output_format"] = "text"
        test["tags"] = [*test["tags"], check.id.partition(".")[0]]
    return whole


def _standing(report: Report, terms: Terms) -> tuple[Row, Fraction]:
    """This attempt as the gradebook would have it, and what full marks are worth."""
    late = terms.policy.late
    named = {*late.extensions, *late.spent}
    people = [key for key in terms.metadata.people if key in named]
    key = next(iter([*people, *terms.metadata.people]), KEY)
    handed_in = HandedIn(KEY, Path(report.submission), key, at=terms.metadata.at)
    written = report.to_json()
    marks = [Mark(KEY, question["id"], question) for question in written["questions"]]
    unlimited = replace(terms.policy, attempts=replace(terms.policy.attempts, limit=None))
    (row,), worth = standings([Person(key, key)], [handed_in], marks, unlimited)
    return row, worth.total


def _counted(row: Row, terms: Terms, hidden: bool) -> tuple[Fraction, list[str]]:
    """What stands after this attempt, and why it is not this attempt's own total."""
    policy, previous = terms.policy.attempts, terms.metadata.previous
    within = previous[: policy.limit] if policy.limit else previous
    scores = [Fraction(each.score).limit_denominator(100) for each in within]
    if policy.limit is not None and len(previous) >= policy.limit:
        stands = max(scores) if policy.counts == BEST else scores[-1]
        points = "what they earned" if hidden else f"{shown(stands)} points"
        return stands, [
            f"Only the first {counted(policy.limit, 'attempt')} count; this is number "
            f"{len(previous) + 1}, so {points} stands."
        ]
    if policy.counts == BEST and scores and max(scores) > row.total:
        return max(scores), ["An earlier attempt was better, and counts."] if hidden else [
            f"This attempt earns {shown(row.total)}; the best one counts, which earned "
            f"{shown(max(scores))}."
        ]
    return row.total, []


def _summary(report: Report, terms: Terms, hidden: bool) -> list[str]:
    """As at home, but without a sum that would give a hidden check away."""
    told = [
        question
        for question in report.questions
        if not any(terms.policy.is_hidden(check.id) for check in question.checks)
    ]
    lines = [score(question) for question in told]
    if hidden:
        lines.append("Some checks count but are not shown, so their questions' sums are not.")
    done = sum(check.status is not Status.PENDING for check in report.checks)
    if not report.complete:
        left = len(report.checks) - done
        lines.append(f"{counted(done, 'check')} of {done + left} have been graded so far.")
    lines += [clean(warning) for warning in report.warnings]
    return [*lines, f"{conditions(report)}; replay with --seed {report.seed}", *terms.stated]


def _account(row: Row, total: Fraction, most: Fraction, terms: Terms, hidden: bool) -> list[str]:
    """From the points that were earned to those that count, and the rules for it."""
    attempt = row.counts
    said = [] if hidden else [f"Total: {shown(total)}/{shown(most)}"]
    if attempt and attempt.lateness.days:
        late = attempt.lateness
        cost = f"keeps {percent(late.kept)} of its points" if late.kept < 1 else "costs nothing"
        grace = f", {late.grace} of them grace days" if late.grace else ""
        said.append(f"Handed in {counted(late.days, 'day')} late{grace}: this {cost}.")
        if late.remark:
            said.append(f"{late.remark[0].upper()}{late.remark[1:]}.")
    elif terms.policy.late.deadline is None:
        said += _late_on_the_site(terms.metadata)
    return said + terms.policy.in_words(row.person.key) * (terms.policy != Policy())


def _late_on_the_site(metadata: Metadata) -> list[str]:
    """Without a policy of its own, the bundle only counts the days."""
    if metadata.at is None or metadata.due is None:
        return []
    days = days_between(metadata.due, metadata.at)
    return [f"Handed in {counted(days, 'day')} late; nothing is taken here for it."] * bool(days)


def trend(report: Report, terms: Terms) -> list[str]:
    """What has changed since the last attempt, in the checks that students see."""
    if not terms.metadata.previous:
        return []
    last: Previous = terms.metadata.previous[-1]
    shown_checks = [c for c in report.checks if not terms.policy.is_hidden(c.id)]
    now = {check.id for check in shown_checks if check.status is Status.PASSED}
    ended = {check.id for check in shown_checks if check.status is not Status.PENDING}
    when = f" ({_ago(last.at, terms.metadata.at)})" if last.at and terms.metadata.at else ""
    gained = [c.id for c in shown_checks if c.id in now & last.failed]
    lost = [c.id for c in shown_checks if c.id in (ended - now) & last.passed]
    said = [f"Now passed: {', '.join(gained)}."] * bool(gained)
    said += [f"No longer passed: {', '.join(lost)}."] * bool(lost)
    return [
        f"Since attempt {len(terms.metadata.previous)}{when}: "
        + (" ".join(said) or "the same checks pass.")
    ]


def _ago(then: datetime, now: datetime) -> str:
    hours = max(0, int((now - then).total_seconds() // 3600))
    days = hours // 24
    return f"{counted(days, 'day')} ago" if days else f"{counted(hours, 'hour')} ago"


def _leaderboard(report: Report, total: Fraction) -> list[dict[str, Any]]:
    passed = sum(check.status is Status.PASSED for check in report.checks)
    return [
        {"name": "points", "value": rounded(total)},
        {"name": "checks passed", "value": passed},
        {"name": "seconds", "value": round(report.seconds, 1), "order": "asc"},
    ]
