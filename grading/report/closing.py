"""The end of a run: the table, the grades, how to replay it, and what to do next."""

from __future__ import annotations

from grading.report.blocks import (
    INDENT,
    UNTRIED,
    Line,
    Manner,
    heading,
    passed_of,
    refusal,
    score,
    without_points,
)
from grading.report.text import columns, counted, paragraph, place
from grading.results import CheckResult, Report, Status

HEADER = ("question", "title", "points", "checks passed", "seconds")
TO_THE_RIGHT = (False, False, True, True, True)
RULE = Line("-" * 18, "dim")


def opening_lines(report: Report, manner: Manner) -> list[Line]:
    """What a run is about to do, and what it takes on trust."""
    what = f"{counted(len(report.checks), 'check')}, {conditions(report)}"
    text = f"Grading {place(report.submission)}: {what}"
    lines = [Line(line) for line in paragraph(text, "", INDENT, manner.width)]
    return [*lines, *remarks(report, manner), Line("")]


def conditions(report: Report) -> str:
    """Under which conditions the marks were found."""
    return (
        f"{report.device}, {report.jobs} at a time, "
        f"{counted(report.threads, 'torch thread')} each, isolation: {report.isolation}"
    )


def remarks(report: Report, manner: Manner) -> list[Line]:
    """Assumptions and warnings of the run as a whole."""
    texts = list(report.warnings)
    if report.assumed:
        texts.insert(0, f"assumed to pass, as not asked for: {', '.join(report.assumed)}")
    return [
        Line(line, "yellow")
        for text in texts
        for line in paragraph(text, "note: ", " " * 6, manner.width)
    ]


def table_rows(report: Report) -> list[tuple[str, ...]]:
    """A row for each question, below `HEADER`."""
    return [
        (
            question.id,
            question.title,
            f"{question.earned}/{question.points}",
            passed_of(question).removesuffix(" checks").removesuffix(" check"),
            f"{sum(check.seconds for check in question.checks):.1f}",
        )
        for question in report.questions
    ]


def table_lines(report: Report) -> list[Line]:
    """The table as plain text."""
    head, *rows = columns([HEADER, *table_rows(report)], TO_THE_RIGHT)
    return [Line(head, "bold"), *(Line(row) for row in rows)]


def grade_lines(report: Report) -> list[Line]:
    """The landmarks that scripts look for, from ``Provisional grades`` to ``Total``."""
    lines = heading("Provisional grades")
    for question in report.questions:
        aside = without_points(question)
        lines.append(Line(score(question) + (f" ({aside})" if aside else "")))
    return [*lines, RULE, Line(f"Total: {report.earned}/{report.points}", "bold")]


def ending_lines(report: Report, manner: Manner) -> list[Line]:
    """How long it took, how to replay it, where the results lie, and what to do next."""
    facts = {"took": f"{report.seconds:.1f} s ({conditions(report)})"}
    if report.versions:
        facts["versions"] = ", ".join(f"{name} {found}" for name, found in report.versions.items())
    facts["replay"] = f"add --seed {report.seed} to the same command"
    if manner.results:
        facts["results"] = report.unwritten or manner.results
    lines = [
        Line(line, "dim")
        for name, text in facts.items()
        for line in paragraph(text, name.ljust(10), " " * 10, manner.width)
    ]
    return [*lines, *_what_next(report, manner)]


def _what_next(report: Report, manner: Manner) -> list[Line]:
    lines: list[Line] = []
    faults = [check.id for check in report.checks if check.status is Status.GRADER_FAULT]
    if faults:
        text = (
            f"The grader itself failed at {', '.join(faults)}: that is not your mistake. "
            f"Please report it together with the seed {report.seed}."
        )
        lines += [Line(line, "magenta") for line in paragraph(text, "", "", manner.width)]
    if not report.complete:
        left = sum(check.status is Status.PENDING for check in report.checks)
        lines.append(Line(f"Interrupted: {counted(left, 'check')} did not run.", "yellow"))
    first = first_to_mend(report)
    if refusal(report.checks) is not None:
        lines.append(Line("Next: mend the submission, then run", "bold"))
        lines.append(Line(f"{INDENT}python autograder.py{manner.arguments}", "cyan"))
    elif first is not None:
        verb = "write" if first.status is Status.NOT_STARTED else "mend"
        lines.append(Line(f"Next: {verb} {first.id}, then run", "bold"))
        lines.append(Line(f"{INDENT}{first.rerun}{manner.arguments}", "cyan"))
    return [Line(""), *lines] if lines else []


def first_to_mend(report: Report) -> CheckResult | None:
    """The first check that the student's code did not pass; points before fun."""
    well = (Status.PASSED, Status.GRADER_FAULT, *UNTRIED)
    questions = sorted(report.questions, key=lambda question: question.points == 0)
    return next(
        (check for question in questions for check in question.checks if check.status not in well),
        None,
    )
