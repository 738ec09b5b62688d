"""The result files that two course sites read: Gradescope's JSON, and edX's page and score."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from grading.report.blocks import Manner, check_lines, score
from grading.report.closing import conditions
from grading.report.text import clean
from grading.results import CheckResult, QuestionResult, Report, Status, write_atomically

GRADESCOPE = "gradescope_response.json"
EDX_PAGE = "edx_response.html"
EDX_SCORE = "edx_grade"


def gradescope(report: Report) -> dict[str, Any]:
    """A report in Gradescope's format, one test for each check.

    See https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format.
    """
    return {
        "score": report.earned,
        "max_score": report.points,
        "execution_time": round(report.seconds),
        "output": summary(report),
        "output_format": "text",
        "tests": [_test(check) for check in report.checks],
    }


def _test(check: CheckResult) -> dict[str, Any]:
    return {
        "name": f"{check.id}: {check.claim}",
        "number": check.id,
        "score": check.earned,
        "max_score": check.points,
        "status": "passed" if check.status is Status.PASSED else "failed",
        "output": details(check),
        "tags": [check.status.value],
    }


def summary(report: Report) -> str:
    """The totals and the conditions in a few lines."""
    lines = [score(question) for question in report.questions]
    lines.append(f"Total: {report.earned}/{report.points}")
    if not report.complete:
        lines.append("The run was interrupted before all checks had ended.")
    lines += [clean(warning) for warning in report.warnings]
    lines.append(f"{conditions(report)}; replay with --seed {report.seed}")
    return "\n".join(lines)


def details(check: CheckResult) -> str:
    """What the terminal says about a check; without what the student's code printed."""
    return "\n".join(line.text for line in check_lines(check, Manner(muted=True)))


def edx_page(report: Report) -> str:
    """The report as the fragment of HTML that edX shows; every word in it is escaped."""
    parts = ["<div>", f"<h3>Total: {report.earned}/{report.points}</h3>"]
    for question in report.questions:
        parts += _edx_question(question)
    parts += [f"<pre>{escape(summary(report))}</pre>", "</div>"]
    return "\n".join(parts) + "\n"


def _edx_question(question: QuestionResult) -> list[str]:
    mark = _mark(all(check.status is Status.PASSED for check in question.checks))
    items = [
        f"<li>{_mark(check.status is Status.PASSED)}<pre>{escape(details(check))}</pre></li>"
        for check in question.checks
    ]
    heading = escape(f"{score(question)} {question.title}")
    return ["<section>", f"<h3>{mark} {heading}</h3>", "<ul>", *items, "</ul>", "</section>"]


def _mark(well: bool) -> str:
    kind = "correct" if well else "incorrect"
    return f'<span class="{kind}">{kind}</span>'


def write_gradescope(report: Report, folder: Path) -> None:
    """Write ``gradescope_response.json``."""
    text = json.dumps(gradescope(report), indent=2, ensure_ascii=False)
    write_atomically(folder / GRADESCOPE, text + "\n")


def write_edx(report: Report, folder: Path) -> None:
    """Write ``edx_response.html`` and ``edx_grade``."""
    write_atomically(folder / EDX_PAGE, edx_page(report))
    write_atomically(folder / EDX_SCORE, f"{report.earned}\n")
