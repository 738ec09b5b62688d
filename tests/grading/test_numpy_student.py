"""One file as a student hands it in, whose checkers print and return nothing, earns full marks.

So do other ways to write the same; a checker that floods the marker with numbers does not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.results import Status
from tests.grading.conftest import Examine

SUBMISSION = Path(__file__).resolve().parents[1] / "submissions" / "numpy_student"


def test_a_single_file_with_printing_checkers_earns_full_marks(examine: Examine) -> None:
    report = examine(SUBMISSION, "q8")
    failed = [check for check in report.checks if check.status.value != "passed"]
    assert not failed, [(check.id, check.status.value, check.feedback) for check in failed]
    assert sum(check.points for check in report.checks) == 24


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        pytest.param(
            "q8.step", 'hasattr(module, "params")', "isinstance(module, linear_layer)", id="class"
        ),
        pytest.param(
            "q8.step",
            'hasattr(module, "params")',
            "not isinstance(module, (relu, softmax_cross_entropy))",
            id="other-classes",
        ),
        pytest.param("q8.prints", "np.arange(5)", "range(200)", id="many-examples"),
        pytest.param("q8.prints", "np.arange(5)", "[0]", id="one-example"),
        pytest.param("q8.prints", ":.5f", ":.2e", id="powers"),
        pytest.param("q8.prints", "{approx:.5f}", "{[approx]}", id="list"),
    ],
)
def test_another_way_to_write_it_passes(
    check: str, old: str, new: str, tmp_path: Path, examine: Examine
) -> None:
    report = examine(_rewritten(tmp_path, old, new), check)
    assert [found.status for found in report.checks] == [Status.PASSED], report.checks


def test_a_flood_of_numbers_does_not_hold_the_right_ones(tmp_path: Path, examine: Examine) -> None:
    flood = "    for n in range(-2100, 2100):\n        print(n / 100)\n    epsilon = 1e-3\n"
    submission = _rewritten(tmp_path, "    epsilon = 1e-3\n", flood)
    (found,) = examine(submission, "q8.prints").checks
    assert found.status is Status.FAILED


def _rewritten(folder: Path, old: str, new: str) -> Path:
    """The student's file with one edit."""
    text = (SUBMISSION / "neural_networks.py").read_text(encoding="utf-8")
    assert old in text
    (folder / "neural_networks.py").write_text(text.replace(old, new), encoding="utf-8")
    return folder
