"""The older edition of the homework: one models.py, with losses and training as methods."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.results import CheckResult, Status
from tests.grading.conftest import Examine

SUBMISSION = Path(__file__).resolve().parents[1] / "submissions" / "older_layout"


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("q1", id="q1"),
        pytest.param("q2", id="q2"),
        pytest.param("q3", id="q3"),
        pytest.param("q4", id="q4", marks=pytest.mark.slow),
        pytest.param("q5", id="q5"),
        pytest.param("q6", id="q6"),
    ],
)
def test_a_submission_in_the_older_layout_earns_full_marks(question: str, examine: Examine) -> None:
    report = examine(SUBMISSION, question)
    failed = [check for check in report.checks if check.status is not Status.PASSED]
    assert not failed, [(check.id, check.status.value, check.feedback) for check in failed]


def altered(folder: Path, old: str, new: str) -> Path:
    text = (SUBMISSION / "models.py").read_text()
    assert old in text
    folder.mkdir()
    (folder / "models.py").write_text(text.replace(old, new))
    return folder


def one(examine: Examine, submission: Path, check: str) -> CheckResult:
    (result,) = examine(submission, check).checks
    return result


def test_a_slip_in_a_methods_loss_is_named_as_in_a_function(
    tmp_path: Path, examine: Examine
) -> None:
    submission = altered(tmp_path / "hw", "mse_loss(self.forward(x), y)", "mse_loss(x, y) / 2")
    found = one(examine, submission, "q2.loss")
    assert found.status is Status.FAILED
    assert found.feedback.mistake == "a factor of one half"


def test_a_method_that_is_not_written_is_not_started(tmp_path: Path, examine: Examine) -> None:
    body = "        return mse_loss(self.forward(x), y)\n"
    submission = altered(tmp_path / "hw", body, "        '*** YOUR CODE HERE ***'\n")
    assert one(examine, submission, "q2.loss").status is Status.NOT_STARTED


def test_a_method_that_is_missing_is_told_as_a_missing_file(
    tmp_path: Path, examine: Examine
) -> None:
    submission = altered(tmp_path / "hw", "def get_loss", "def loss_of")
    found = one(examine, submission, "q2.loss")
    assert found.status is Status.NOT_STARTED
    assert "there is no losses.py in the submission" in found.feedback.got
