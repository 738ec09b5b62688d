"""``python autograder.py class`` from end to end, with a cluster of its own and few submissions."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import autograder
from classroom.ledger import Ledger
from tests.classroom.classes import ClassRun
from tests.mutants import copy_solution

WORDS = ["--workers", "1", "--seed", "5"]
ROSTER = "key,name\nada,Ada\nbob,Bob\ncy,Cy\ndan,Dan\neve,Eve\nfay,Fay\n"


def make_class(folder: Path) -> Path:
    """One who did it, as folder and as zip, one who did not, two that cannot be opened."""
    work = copy_solution(folder / "ada")
    with zipfile.ZipFile(folder / "bob.zip", "w") as archive:
        for path in sorted(work.rglob("*.py")):
            archive.write(path, path.relative_to(work))
    shutil.copyfile(folder / "bob.zip", folder / "dan.zip")
    (folder / "cy").mkdir()
    (folder / "cy" / "models.py").write_text("class SelfAttention:\n    pass\n")
    (folder / "eve.zip").write_bytes((folder / "bob.zip").read_bytes()[:2000])
    (folder / "empty").mkdir()
    (folder / "roster.csv").write_text(ROSTER)
    (folder / "policy.toml").write_text('title = "The sixth"\nquestions = ["q6.values"]\n')
    return folder


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> ClassRun:
    """A class that has been graded once; eve's zip is broken, fay handed in nothing."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "hw").mkdir()
    run = ClassRun(make_class(folder / "hw"), folder / "grades", WORDS, folder / "tmp")
    assert run.finish() == 1, run.told
    return run


def test_a_class_is_graded_from_end_to_end(graded: ClassRun) -> None:
    rows = {row["key"]: row for row in graded.rows()}
    assert {key: row["q6"] for key, row in rows.items()} == {
        "ada": "1",
        "bob": "1",
        "cy": "0",
        "dan": "1",
        "eve": "",
        "fay": "",
        "empty": "",
    }
    assert rows["fay"]["status"] == "nothing handed in"
    assert rows["eve"]["status"] == "could not be opened"
    assert "cannot be unpacked" in rows["eve"]["remarks"]
    assert "the folder is empty" in rows["empty"]["remarks"]


def test_the_policy_among_the_submissions_says_what_is_graded(graded: ClassRun) -> None:
    assert "The sixth" in (graded.out / "index.html").read_text(encoding="utf-8")
    told = json.loads((graded.out / "submissions" / "ada.json").read_text())
    ((check,),) = (question["result"]["checks"] for question in told["questions"])
    assert check["id"] == "q6.values"


def test_equal_bytes_are_graded_once_and_the_broken_zip_is_kept_in_mind(graded: ClassRun) -> None:
    with Ledger(graded.out) as ledger:
        assert len(ledger.finished()) == 4  # ada, bob and dan together, cy, eve's refusal
        assert ledger.seed == 5


def test_the_seed_and_the_level_of_isolation_stand_in_each_submission(graded: ClassRun) -> None:
    told = json.loads((graded.out / "submissions" / "ada.json").read_text())
    (question,) = told["questions"]
    assert question["run"]["seed"] == 5
    assert question["run"]["isolation"] in ("process", "kernel", "namespace")
    assert "torch" in question["run"]["versions"]


def test_nothing_is_left_behind(graded: ClassRun) -> None:
    assert graded.left() == []
    assert list(graded.temporary.iterdir()) == []


def test_finished_work_is_never_done_again_and_changed_work_is(
    graded: ClassRun, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    units: list[str] = []

    def note(_request: object, _ledger: object, missing: list[object], _done: int) -> None:
        units.extend(str(getattr(unit, "path", "")) for unit in missing)

    monkeypatch.setattr("classroom.grading_class.grade_units", note)
    before = (graded.out / "grades.csv").read_bytes()
    words = ["class", str(graded.submissions), "--out", str(graded.out), *WORDS]
    assert autograder.main(words) == 1
    assert units == []
    assert "4 in the ledger, 0 to do; seed 5" in capfd.readouterr().out
    assert (graded.out / "grades.csv").read_bytes() == before
    (graded.submissions / "cy" / "models.py").write_text("x = 1\n")
    assert autograder.main(words) == 1
    assert units == [str(graded.submissions / "cy")]


def call(*words: str) -> int:
    return autograder.main(["class", *words])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["{hw}"], "--out is missing", id="out"),
        pytest.param(["--out", "{new}"], "SUBMISSIONS is missing", id="submissions"),
        pytest.param(["{hw}", "--out"], "--out needs a folder", id="no-value"),
        pytest.param(["{new}", "--out", "{new}"], "there is no folder", id="no-folder"),
        pytest.param(["{hw}", "--out", "{new}", "-q", "q99"], "no question q99", id="question"),
        pytest.param(["{hw}", "--out", "{new}", "--workers", "0"], "--workers is 0", id="workers"),
        pytest.param(["{hw}", "--out", "{new}", "--workers", "x"], "whole number", id="word"),
        pytest.param(["{hw}", "--out", "{new}", "--seed", "-1"], "--seed is -1", id="seed"),
        pytest.param(["{hw}", "--out", "{new}", "--patience", "0"], "above 0", id="patience"),
        pytest.param(["{hw}", "--out", "{new}", "--isolation", "wall"], "'wall'", id="isolation"),
        pytest.param(["{hw}", "--out", "{new}", "--scheduler", "head"], "tls://", id="scheduler"),
        pytest.param(["{hw}", "--out", "{new}", "--older", "{new}"], "no such folder", id="older"),
        pytest.param(["{hw}", "--out", "{new}", "--roster", "{new}"], "cannot be read", id="csv"),
        pytest.param(
            ["{hw}", "--out", "{new}", "--isolation", "process", "--require-isolation", "kernel"],
            "--require-isolation kernel",
            id="required",
        ),
        pytest.param(
            ["{hw}", "--out", "{new}", "--scheduler", "tcp://127.0.0.1:9", "--workers", "2"],
            "--workers is for this machine",
            id="both",
        ),
        pytest.param(["{hw}", "--out", "/dev/null/g"], "cannot be written", id="out-a-file"),
        pytest.param(["{hw}", "--out", "{hw}"], "lies among the submissions", id="out-the-same"),
        pytest.param(["{hw}", "--out", "{hw}/g"], "lies among the submissions", id="out-inside"),
    ],
)
def test_what_has_no_meaning_is_refused_before_anything_starts(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    (tmp_path / "hw").mkdir()
    make_class(tmp_path / "hw")
    named = [word.format(hw=tmp_path / "hw", new=tmp_path / "new") for word in words]
    assert call(*named) == 2
    assert said in capfd.readouterr().err


def test_help_shows_examples_first(capfd: pytest.CaptureFixture[str]) -> None:
    assert call("--help") == 0
    told = capfd.readouterr().out
    assert told.index("Examples:") < told.index("Usage:") < told.index("Options:")
    assert autograder.main(["--help"]) == 0
    assert "python autograder.py class --help" in capfd.readouterr().out


def test_an_edition_without_the_staff_s_part_knows_no_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(autograder, "STAFF", tmp_path / "none")
    assert call("x", "--out", "y") == 2
    assert "cannot use" in capfd.readouterr().err
    autograder.main(["--help"])
    assert "py class" not in capfd.readouterr().out


def with_one(
    monkeypatch: pytest.MonkeyPatch, happens: Callable[..., None], folder: Path
) -> list[str]:
    """A class whose grading comes to what is given."""
    (folder / "hw").mkdir()
    make_class(folder / "hw")
    monkeypatch.setattr("classroom.grading_class.grade_units", happens)
    return ["class", str(folder / "hw"), "--out", str(folder / "grades"), *WORDS]


def test_ctrl_c_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    words = with_one(monkeypatch, interrupted, tmp_path)
    assert autograder.main(words) == 130
    assert f"python autograder.py {' '.join(words)}" in capfd.readouterr().err


def test_a_scheduler_that_is_gone_has_an_exit_code_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from classroom.trouble import ClusterLost

    def lost(*_: object) -> None:
        raise ClusterLost("the scheduler is gone")

    assert autograder.main(with_one(monkeypatch, lost, tmp_path)) == 3
    assert "the same command goes on" in capfd.readouterr().err
