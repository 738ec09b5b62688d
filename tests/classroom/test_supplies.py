"""Data reaches workers that share no disk with us, and every dataset of a question is known."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from classroom import selection, supplies, task
from classroom.ledger import Ledger
from data import cache
from data.source import File
from grading import checks
from grading.options import UsageError
from grading.questions import questions


@pytest.fixture(autouse=True)
def _own_examiners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "EXAMINERS", task.Examiners())
    monkeypatch.setattr(task, "held", set())


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with one dataset of two files, one of which has its sum beside it."""
    folder = tmp_path / "cache"
    (folder / "set").mkdir(parents=True)
    (folder / "set" / "a.bin").write_bytes(b"\0\1\2")
    (folder / "set" / "b.txt").write_bytes(b"text")
    (folder / "set" / "b.txt.sha256").write_text(hashlib.sha256(b"text").hexdigest())
    files = (File("set/a.bin", hashlib.sha256(b"\0\1\2").hexdigest()), File("set/b.txt", None))
    recipe = SimpleNamespace(files=files)
    monkeypatch.setattr(cache, "folders", lambda: [folder])
    monkeypatch.setattr(supplies, "find", lambda name: name)
    monkeypatch.setattr(supplies, "present", lambda name: (recipe, {}) if name == "set" else None)
    return folder


def test_a_worker_gets_the_files_as_they_lie_in_the_cache(cached: Path, tmp_path: Path) -> None:
    bundle = supplies.collect(["set", "none"])
    place = tmp_path / "worker"
    bundle.setup(SimpleNamespace(local_directory=str(place)))
    (folder,) = place.iterdir()
    told = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.*")}
    assert sorted(told) == ["set/a.bin", "set/b.txt", "set/b.txt.sha256"]
    assert all(path.read_bytes() == (cached / name).read_bytes() for name, path in told.items())
    assert cache.read(File("set/b.txt", None), [folder]) == b"text"
    assert task.EXAMINERS.environment == {"COURSEWORK_DATA": str(folder)}
    assert task.held == {bundle.digest}


def test_other_files_have_another_digest(cached: Path) -> None:
    before = supplies.collect(["set"]).digest
    (cached / "set" / "a.bin").write_bytes(b"\0\1\3")
    assert supplies.collect(["set"]).digest != before


def test_each_question_s_datasets_are_found() -> None:
    found = {question.id: selection.datasets(question.checks) for question in questions()}
    assert {name: sets for name, sets in found.items() if sets} == {
        "q2": ["sine"],
        "q3": ["digits"],
        "q4": ["words"],
        "q5": ["small_digits"],
        "q8": ["fashion"],
        "q11": ["es_en"],
    }


def test_no_check_loads_data_where_it_is_not_looked_for() -> None:
    """`datasets` reads the classes of checks; data loaded elsewhere would reach no worker."""
    for path in Path(checks.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        outside = [node for node in tree.body if not isinstance(node, ast.ClassDef)]
        for node in outside:
            assert "data.load(" not in ast.unparse(node), path.name


def test_what_is_asked_is_remembered_by_the_same_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger(tmp_path) as ledger:
        asked = ("q1", "q6.values", "q6.causal")
        first = selection.tasks(asked, ledger)
        assert [(one.question, one.asked) for one in first] == [
            ("q1", ("q1",)),
            ("q6", ("q6.values", "q6.causal")),
        ]
        monkeypatch.setattr(selection, "chosen_of", lambda _asked: pytest.fail("forgotten"))
        assert selection.tasks(asked, ledger) == first
        monkeypatch.setattr(selection, "grader_version", lambda: "other")
        with pytest.raises(pytest.fail.Exception):
            selection.tasks(asked, ledger)


def test_an_unknown_question_is_refused_each_time(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        for _ in range(2):
            with pytest.raises(UsageError, match="no question q99"):
                selection.tasks(("q99",), ledger)


def test_a_worker_with_other_sources_or_without_the_data_is_not_asked() -> None:
    order = {"grader": "other", "supplies": ""}
    assert "other sources" in task.unfit(order)
    order["grader"] = task.grader_version()
    assert task.unfit(order) == ""
    order["supplies"] = "abc"
    assert "not been given the data" in task.unfit(order)
