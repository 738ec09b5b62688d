"""A report as JUnit XML, which build servers and many teaching tools read.

There is no one standard; this is the common core that they agree on: a suite a question, a case a
check, and ``failure``, ``error`` or ``skipped`` in those that did not pass.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from grading.report.course_sites import details, summary
from grading.report.text import clean
from grading.results import CheckResult, Report, Status, write_atomically

KINDS = {
    Status.FAILED: "failure",
    Status.NOT_STARTED: "failure",
    Status.CRASHED: "error",
    Status.TIMED_OUT: "error",
    Status.GRADER_FAULT: "error",
    Status.SKIPPED: "skipped",
    Status.PENDING: "skipped",
}
COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(report: Report) -> ElementTree.Element:
    """The whole document; what the student's code printed is not in it."""
    whole = ElementTree.Element("testsuites", name="autograder")
    _count(whole, report.checks)
    for question in report.questions:
        suite = ElementTree.SubElement(whole, "testsuite", name=f"{question.id} {question.title}")
        _count(suite, question.checks)
        properties = ElementTree.SubElement(suite, "properties")
        for name, value in (("points", question.points), ("earned", question.earned)):
            ElementTree.SubElement(properties, "property", name=name, value=str(value))
        for check in question.checks:
            suite.append(_case(question.id, check))
    ElementTree.SubElement(whole, "system-out").text = clean(summary(report))
    return whole


def _count(element: ElementTree.Element, checks: list[CheckResult]) -> None:
    kinds = [KINDS.get(check.status) for check in checks]
    element.set("tests", str(len(checks)))
    for attribute, kind in COUNTED.items():
        element.set(attribute, str(kinds.count(kind)))
    element.set("time", f"{sum(check.seconds for check in checks):.3f}")


def _case(question: str, check: CheckResult) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=question,
        name=clean(f"{check.id}: {check.claim}"),
        time=f"{check.seconds:.3f}",
    )
    kind = KINDS.get(check.status)
    if kind:
        said = check.feedback.mistake or check.feedback.got or check.status.value
        why = ElementTree.SubElement(case, kind, type=check.status.value, message=clean(said))
        why.text = clean(details(check))
    return case


def write_junit(report: Report, path: Path) -> None:
    """Write the document in one step."""
    tree = junit(report)
    ElementTree.indent(tree)
    text = ElementTree.tostring(tree, encoding="unicode")
    write_atomically(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')
