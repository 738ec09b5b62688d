"""What a student reads about one question: a line for each check, and why it did not pass.

Everything here is lines of text with a style beside them, so that a plain terminal and a rich
one say the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from grading.report.text import WIDTH, counted, paragraph
from grading.results import CheckResult, Feedback, QuestionResult, Status

INDENT = "    "
LABEL = len("expected  ")
ROWS_AT_EACH_END = 20
CUT = re.compile(r"\n\[[0-9,]+ more bytes were printed\]\Z")
VERDICTS = {
    Status.PASSED: ("PASS", "green"),
    Status.FAILED: ("FAIL", "bold red"),
    Status.NOT_STARTED: ("NOT STARTED", "yellow"),
    Status.CRASHED: ("CRASHED", "bold red"),
    Status.TIMED_OUT: ("TIMED OUT", "bold red"),
    Status.SKIPPED: ("SKIPPED", "yellow"),
    Status.GRADER_FAULT: ("GRADER FAULT", "bold magenta"),
    Status.PENDING: ("NOT RUN", "yellow"),
}
UNTRIED = (Status.SKIPPED, Status.PENDING)


@dataclass(frozen=True)
class Line:
    """One line of the report; `style` is in rich's words and may be ignored."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Manner:
    """How a run is told.

    Attributes:
        prints: whether to show what the student's code printed.
        muted: whether not even to mention that it printed.
        arguments: what a command that runs a check again needs besides the check, or "".
        results: where the results file lies, or "".
        width: columns of the widest line.
    """

    prints: bool = False
    muted: bool = False
    arguments: str = ""
    results: str = ""
    width: int = WIDTH


def heading(text: str) -> list[Line]:
    """A line underlined with equals signs."""
    return [Line(text, "bold"), Line("=" * len(text), "dim")]


def passed_of(question: QuestionResult) -> str:
    """``4 of 6 checks`` as far as they passed."""
    passed = sum(check.status is Status.PASSED for check in question.checks)
    return f"{passed} of {counted(len(question.checks), 'check')}"


def score(question: QuestionResult) -> str:
    """``Question q1: 5/5``, the words that scripts look for."""
    return f"Question {question.id}: {question.earned}/{question.points}"


def without_points(question: QuestionResult) -> str:
    """What stands beside the score of a question that is worth nothing, or ""."""
    if question.points:
        return ""
    kind = "for fun" if _is_for_fun(question.id) else "worth no points"
    return f"{kind}: {passed_of(question)} passed"


def _is_for_fun(question: str) -> bool:
    """Whether all its checks are worth nothing, also those that were not asked for."""
    from grading.questions import questions  # imports torch, which a run has done by now

    return any(known.id == question and not known.points for known in questions())


def refusal(checks: Iterable[CheckResult]) -> Feedback | None:
    """Why the submission as a whole could not be opened, or None where checks had a draw."""
    ended = [check for check in checks if check.status is not Status.PENDING]
    reasons = {check.feedback for check in ended}
    if len(reasons) != 1 or any(
        check.status is not Status.CRASHED or check.seed is not None for check in ended
    ):
        return None
    return reasons.pop()


def refusal_lines(feedback: Feedback, manner: Manner) -> list[Line]:
    """The one reason for which no check could run."""
    opening = Line("*** The submission cannot be graded: no check could run.", "bold red")
    return [opening, *_fields(feedback, "", manner)]


def question_block(
    question: QuestionResult, manner: Manner, told: dict[Feedback, str] | None = None
) -> list[Line]:
    """Everything about a question whose checks have ended.

    Args:
        question: which.
        manner: how to tell it.
        told: the feedback that was given before, with the check that it was given for; one
            mistake can fail many checks, and is told once. Grows here.
    """
    told = {} if told is None else told
    lines = [*heading(f"Question {question.id}"), Line(question.title), Line("")]
    for check in question.checks:
        lines += check_lines(check, manner, told.get(check.feedback, ""))
        if check.status not in (Status.PASSED, *UNTRIED) and check.feedback != Feedback():
            told.setdefault(check.feedback, check.id)
    lines += [Line(""), Line(f"### {score(question)} ###", _tint(question))]
    aside = without_points(question)
    return [*lines, *([Line(aside)] if aside else []), Line("")]


def _tint(question: QuestionResult) -> str:
    complete = all(check.status is Status.PASSED for check in question.checks)
    return "bold green" if complete else "bold yellow"


def check_lines(check: CheckResult, manner: Manner, same_as: str = "") -> list[Line]:
    """A check's verdict and, unless it passed, what to learn from it.

    Args:
        check: which.
        manner: how to tell it.
        same_as: the check whose feedback, told before, was the same; or "".
    """
    verdict, style = VERDICTS[check.status]
    worth = f" ({check.earned}/{check.points})"
    opening = f"*** {verdict}: {check.id}{worth} {check.claim}"
    lines = [Line(text, style) for text in paragraph(opening, "", INDENT, manner.width)]
    if same_as:
        lines.append(Line(f"{INDENT}for the same reason as {same_as} above"))
    elif check.status is not Status.PASSED:
        lines += feedback_lines(check, manner)
    if check.note:
        lines += _told("note", check.note, manner, "dim")
    lines += printed_lines(check, manner)
    if not same_as and check.status not in (Status.PASSED, *UNTRIED):
        lines.append(Line(f"{INDENT}run again: {check.rerun}{manner.arguments}", "cyan"))
    return lines


def feedback_lines(check: CheckResult, manner: Manner) -> list[Line]:
    """The fields that are filled in, each behind its name."""
    feedback = check.feedback
    if check.status is Status.SKIPPED:  # its reason is told in full where it stands
        return _told("needs", feedback.expected, manner) if feedback.expected else []
    return _fields(feedback, check.claim, manner)


def _fields(feedback: Feedback, claim: str, manner: Manner) -> list[Line]:
    fields = {
        "tried": "" if claim and claim in feedback.tried else feedback.tried,
        "expected": feedback.expected,
        "got": feedback.got,
        "smallest": feedback.smallest,
        "think": feedback.think,
        "mistake": feedback.mistake,
        "where": "" if _names(feedback.got, feedback.where) else feedback.where,
    }
    lines: list[Line] = []
    for name, text in fields.items():
        lines += _told(name, text, manner) if text else []
    return lines


def _names(text: str, place: str) -> bool:
    """Whether a text holds the place, and not merely a longer one such as another line's."""
    return re.search(rf"(?<![\w/.]){re.escape(place)}(?!\d)", text) is not None


def _told(name: str, text: str, manner: Manner, style: str = "") -> list[Line]:
    label = INDENT + name.ljust(LABEL)
    wrapped = paragraph(text, label, " " * len(label), manner.width)
    return [Line(line, style) for line in wrapped]


def printed_lines(check: CheckResult, manner: Manner) -> list[Line]:
    """What the student's code printed, each line marked, or a word on how to see it."""
    output = check.output.strip("\r\n")
    if manner.muted or not output:
        return []
    if not manner.prints:
        if check.status is Status.PASSED:
            return []
        return [Line(f"{INDENT}your code printed {_amount(output)}; -v shows them", "dim")]
    lines = [Line(f"{INDENT}your code printed:", "dim")]
    rows = output.split("\n")
    left_out = len(rows) - 2 * ROWS_AT_EACH_END
    if left_out <= 0:
        return lines + _marked(rows, manner)
    told = f"{INDENT}... {left_out:,} line{'' if left_out == 1 else 's'} left out ..."
    lines += [*_marked(rows[:ROWS_AT_EACH_END], manner), Line(told, "dim")]
    return lines + _marked(rows[-ROWS_AT_EACH_END:], manner)


def _amount(output: str) -> str:
    """``2 lines``, or ``more than 1,920 lines`` where only the first of them were kept."""
    cut = CUT.search(output)
    if cut is None:
        return counted(output.count("\n") + 1, "line")
    whole = output.count("\n", 0, cut.start())
    return f"more than {whole:,} {'line' if whole == 1 else 'lines'}"


def _marked(rows: list[str], manner: Manner) -> list[Line]:
    marked = paragraph("\n".join(rows), f"{INDENT}| ", f"{INDENT}| ", manner.width)
    return [Line(line, "dim") for line in marked]
