"""One file as a student hands it in, whose checkers print and return nothing, earns full marks."""

from __future__ import annotations

from pathlib import Path

from tests.grading.conftest import Examine

SUBMISSION = Path(__file__).resolve().parents[1] / "submissions" / "numpy_student"


def test_a_single_file_with_printing_checkers_earns_full_marks(examine: Examine) -> None:
    report = examine(SUBMISSION, "q8")
    failed = [check for check in report.checks if check.status.value != "passed"]
    assert not failed, [(check.id, check.status.value, check.feedback) for check in failed]
    assert sum(check.points for check in report.checks) == 24
