"""A submission in the homework's own flat layout, written as students write, earns full marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.questions import HOMEWORKS
from tests.grading.conftest import Examine

SUBMISSION = Path(__file__).resolve().parents[1] / "submissions" / "typical_student"


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(question, id=question, marks=[pytest.mark.slow] * (question == "q4"))
        for question in HOMEWORKS["machine_learning"]
    ],
)
def test_a_typical_students_submission_earns_full_marks(question: str, examine: Examine) -> None:
    report = examine(SUBMISSION, question)
    failed = [check for check in report.checks if check.status.value != "passed"]
    assert not failed, [(check.id, check.status.value, check.feedback) for check in failed]
