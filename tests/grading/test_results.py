from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from grading.results import CheckResult, QuestionResult, Report, Status, write_atomically


@pytest.fixture
def report() -> Report:
    checks = [CheckResult("q6.a", "A holds.", 1), CheckResult("q6.b", "B holds.", 2)]
    return Report([QuestionResult("q6", "Attention", checks)])


def test_only_a_pass_earns_points(report: Report) -> None:
    for status in Status:
        report.record(replace(report.checks[1], status=status))
        assert report.earned == (2 if status is Status.PASSED else 0)


def test_a_pending_report_is_valid_json_with_totals(report: Report, tmp_path: Path) -> None:
    report.write(tmp_path / "out" / "results.json")
    written = json.loads((tmp_path / "out" / "results.json").read_text())
    assert (written["points"], written["earned"], written["complete"]) == (3, 0, False)
    assert written["questions"][0]["checks"][0]["status"] == "pending"


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    write_atomically(path, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["results.json"]


def test_an_unknown_check_cannot_be_recorded(report: Report) -> None:
    with pytest.raises(KeyError, match=r"q9\.x"):
        report.record(CheckResult("q9.x", "", 1))
