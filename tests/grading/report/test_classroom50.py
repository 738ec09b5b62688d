import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from grading.report.classroom50 import classroom50, write_classroom50
from grading.results import Status
from tests.grading.report.reports import end, ended, pending

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=timezone(timedelta(hours=2)))
TOLD = {
    "CLASSROOM": "nn-fall",
    "ASSIGNMENT": "hw1",
    "USERNAME": "ada",
    "MODE": "group",
    "SUBMISSION_TAG": "submit/2026-11-19T23-29-00Z-abc1234",
    "COMMIT_URL": "https://host.example/c",
    "RELEASE_URL": "https://host.example/r",
    "REVIEW_URL": "https://host.example/v",
}
# As the published schema has it: nothing else may stand at the top.
REQUIRED = {
    *("schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit"),
    *("release", "review", "datetime", "score", "max-score", "tests"),
}
OPTIONAL = {"graded_at", "submitted_by"}


def test_the_top_holds_what_the_schema_wants_and_nothing_else() -> None:
    for told in (TOLD, {}):
        written = classroom50(ended(), told, NOW)
        assert set(written) >= REQUIRED
        assert set(written) <= REQUIRED | OPTIONAL
        assert written["schema"] == "classroom50/result/v1"
        assert written["submission"].startswith("submit/")
        assert written["assignment_type"] in ("individual", "group")
        assert written["datetime"] == "2026-11-19T23:30:00Z"
        texts = REQUIRED - {"score", "max-score", "tests"}
        assert all(isinstance(written[name], str) and written[name] for name in texts)


def test_what_the_runner_tells_is_passed_on() -> None:
    written = classroom50(ended(), TOLD, NOW)
    assert (written["classroom"], written["assignment"], written["owner"]) == (
        *("nn-fall", "hw1", "ada"),
    )
    assert written["review"] == "https://host.example/v"
    assert written["assignment_type"] == "group"


def test_scores_are_whole_numbers_that_add_up() -> None:
    written = classroom50(ended(q6_causal=Status.FAILED), TOLD, NOW)
    assert (written["score"], written["max-score"]) == (6, 7)
    tests = written["tests"]
    assert sum(test["score"] for test in tests) == 6
    assert sum(test["max-score"] for test in tests) == 7
    assert [test["passed"] for test in tests] == [True, True, True, False, True, True]
    assert all(type(test[name]) is int for test in tests for name in ("score", "max-score"))


def test_an_unfinished_run_earns_only_what_has_passed() -> None:
    written = classroom50(pending(), TOLD, NOW)
    assert written["score"] == 0
    assert not any(test["passed"] for test in written["tests"])


def test_the_file_says_what_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    report = ended()
    end(report, "q6.causal", Status.FAILED, output="the secret")
    write_classroom50(report, tmp_path / "result.json")
    text = (tmp_path / "result.json").read_text(encoding="utf-8")
    assert json.loads(text)["owner"] == "ada"
    assert "the secret" not in text
