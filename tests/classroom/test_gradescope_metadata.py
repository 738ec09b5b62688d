"""What the site says is used where it makes sense, and ignored where it does not."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from classroom.gradescope_metadata import Metadata, parse, read

SAID: dict[str, Any] = {
    "id": 123456,
    "created_at": "2026-10-02T10:00:00.365935-07:00",
    "assignment": {"due_date": "2026-10-01T23:00:00.000000-07:00", "title": "Homework 1"},
    "users": [{"email": "ada@x.example", "id": 1234, "name": "Ada", "sid": "s1"}],
    "previous_submissions": [
        {
            "submission_time": "2026-10-01T10:00:00-07:00",
            "score": "4.5",
            "results": {
                "tests": [
                    {"number": "q6.values", "status": "passed"},
                    {"number": "q6.causal", "status": "failed"},
                ]
            },
        },
        {"submission_time": "2026-09-30T10:00:00-07:00", "score": 1.0, "results": {}},
    ],
}


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps(SAID))
    found = read(tmp_path / "m.json")
    assert found.people == ("ada@x.example", "s1", "1234")
    assert found.name == "Ada"
    assert found.at == datetime(2026, 10, 2, 17, 0, 0, 365935, tzinfo=timezone.utc)
    assert found.due == datetime(2026, 10, 2, 6, tzinfo=timezone.utc)
    assert [each.score for each in found.previous] == [1.0, 4.5]  # in order
    assert found.previous[1].passed == {"q6.values"}
    assert found.previous[1].failed == {"q6.causal"}


def test_a_persons_own_due_date_counts_before_the_one_for_all() -> None:
    own = {"email": "a@x", "assignment": {"due_date": "2026-10-05T00:00:00Z"}}
    assert parse({**SAID, "users": [own]}).due == datetime(2026, 10, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(None, id="nothing"),
        pytest.param([1, 2], id="a-list"),
        pytest.param({"users": "ada", "assignment": 3, "previous_submissions": {"a": 1}}, id="odd"),
        pytest.param({"created_at": "yesterday", "users": [None, 7]}, id="no-time"),
        pytest.param({"created_at": "0001-01-01T00:00:00+14:00"}, id="far-past"),
    ],
)
def test_what_makes_no_sense_is_as_if_unknown(said: Any) -> None:
    assert parse(said) == Metadata()


@pytest.mark.parametrize(
    "score",
    [pytest.param(value, id=str(value)) for value in (None, "many", float("nan"), [1], "inf")],
)
def test_an_odd_score_is_none(score: Any) -> None:
    (previous,) = parse({"previous_submissions": [{"score": score}]}).previous
    assert previous.score == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="cut"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param("\ufeff{}", id="mark"),
    ],
)
def test_a_file_that_is_no_json_is_as_if_missing(text: str, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(text, encoding="utf-8")
    assert read(tmp_path / "m.json") == Metadata()
    assert read(tmp_path / "missing.json") == Metadata()
