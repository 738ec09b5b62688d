"""A submission is only the homework's files, can be imported, and is the same zip each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from handout.build import build
from handout.collect import collect, for_the_folder, main
from handout.submission_zip import CollectError, homework_files
from tests.mutants import copy_solution

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A tiny homework in the flat layout, with what lies about in a student's folder."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "models.py").write_text("import math\n")
    (folder / "losses.py").write_text("import models\n")
    (folder / "train.py").write_text("from losses import models\n")
    for name in ("notes.txt", "train.ipynb", "autograder.py", "weights.pt"):
        (folder / name).write_text("x")
    return folder


def test_only_the_homeworks_files_are_collected(mine: Path, tmp_path: Path) -> None:
    names = collect(mine, tmp_path / "hw.zip")
    assert names == ["losses.py", "models.py", "train.py"]
    with zipfile.ZipFile(tmp_path / "hw.zip") as archive:
        assert archive.namelist() == names
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "hw.zip"}


def test_translations_are_collected_and_nothing_beside_them(mine: Path, tmp_path: Path) -> None:
    (mine / "outputs").mkdir()
    for name in ("test_outputs.txt", "model.bin"):
        (mine / "outputs" / name).write_text("a line\n")
    names = collect(mine, tmp_path / "hw.zip")
    assert names == ["losses.py", "models.py", "outputs/test_outputs.txt", "train.py"]


def test_translations_behind_a_link_are_named(mine: Path) -> None:
    (mine / "outputs").mkdir()
    os.symlink(mine / "notes.txt", mine / "outputs" / "test_outputs.txt")
    with pytest.raises(CollectError, match="is a link"):
        homework_files(mine)


def test_a_folder_of_models_is_collected_without_its_caches(tmp_path: Path) -> None:
    folder = copy_solution(tmp_path / "mine")
    (folder / "models" / "__pycache__").mkdir()
    (folder / "models" / "__pycache__" / "x.pyc").touch()
    names = collect(folder, tmp_path / "hw.zip")
    assert "models/attention.py" in names
    assert not [name for name in names if "cache" in name]


def test_two_zips_of_the_same_files_have_the_same_bytes(mine: Path, tmp_path: Path) -> None:
    collect(mine, tmp_path / "a.zip")
    for file in mine.iterdir():
        file.touch()
        file.chmod(0o600)
    collect(mine, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("weights.safetensors", id="checkpoint"),
        pytest.param("digits.npz", id="data"),
        pytest.param("try.ipynb", id="notebook"),
        pytest.param("deep/er.csv", id="below"),
    ],
)
def test_a_forbidden_file_is_named(name: str, tmp_path: Path) -> None:
    folder = copy_solution(tmp_path / "mine")
    (folder / "models" / name).parent.mkdir(exist_ok=True)
    (folder / "models" / name).touch()
    with pytest.raises(CollectError, match=f"models/{name} is no Python source"):
        homework_files(folder)


@pytest.mark.parametrize("name", ["losses.py", "models.py"], ids=["losses", "models"])
def test_a_link_is_refused(name: str, mine: Path) -> None:
    target = mine / name
    target.rename(mine / "elsewhere.py")
    target.symlink_to(mine / "elsewhere.py")
    with pytest.raises(CollectError, match="is a link"):
        homework_files(mine)


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    (tmp_path / "losses.py").touch()
    with pytest.raises(CollectError, match=r"neither models\.py nor models/__init__\.py"):
        homework_files(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("x = 1\nx +\n", r"losses\.py:2: SyntaxError", id="syntax"),
        pytest.param("\n1 / 0\n", r"losses\.py:2: ZeroDivisionError", id="error"),
        pytest.param(
            "import helpers\n", r"No module named 'helpers'; only models\.py", id="helper"
        ),
        pytest.param("import data\n", "No module named 'data'", id="graders-own-module"),
        pytest.param("import sys\nsys.exit(0)\n", r"losses\.py:2: SystemExit", id="exit"),
    ],
)
def test_what_cannot_be_imported_is_told_with_its_line(
    text: str, said: str, mine: Path, tmp_path: Path
) -> None:
    (mine / "losses.py").write_text(text)
    (mine / "helpers.py").touch()
    with pytest.raises(CollectError, match=said):
        collect(mine, tmp_path / "hw.zip")
    assert not (tmp_path / "hw.zip").exists()


def test_the_command_says_what_it_did_and_what_it_cannot_do(
    mine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "hw.zip")
    assert main([str(mine), "--output", output, "--no-grade"]) == 0
    assert "holds losses.py, models.py, train.py" in capsys.readouterr().out
    assert main([str(tmp_path), "--no-grade"]) == 1
    assert main([str(mine), "--course", "cooking"]) == 2
    assert "there are machine_learning" in capsys.readouterr().err
    assert main([str(tmp_path / "nowhere")]) == 2
    assert main(["--nonsense"]) == 2
    assert main(["--help"]) == 0
    assert "Examples" in capsys.readouterr().out


@pytest.mark.parametrize("course", [None, "translation"])
def test_the_homework_that_is_named_is_graded(
    course: str | None, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def begin(command: list[str], **options: object) -> None:
        begun.extend(command)
        raise KeyboardInterrupt

    monkeypatch.setattr("handout.collect.collect", lambda folder, target: ["models.py"])
    monkeypatch.setattr("handout.collect.subprocess.Popen", begin)
    asked = ["--course", course] if course else []
    assert main([str(mine), "--output", str(tmp_path / "hw.zip"), *asked]) == 130
    assert begun[-2:] == ["-q", course] if course else "-q" not in begun


def test_a_proposed_command_grades_the_folder_and_not_the_stale_zip(mine: Path) -> None:
    target = Path("my work/submission.zip")
    line = "run again: python autograder.py -q q1.learns --submission 'my work/submission.zip'"
    plain = "run again: python autograder.py -q q1.learns"
    assert for_the_folder(line, target, ROOT) == plain
    assert for_the_folder(line, target, mine) == f"{plain} --submission {mine}"


def test_only_the_grading_is_lost_by_an_interrupt(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(target: Path, folder: Path, course: str | None) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("handout.collect._grade", interrupted)
    output = tmp_path / "hw.zip"
    assert main([str(mine), "--output", str(output)]) == 130
    assert f"{output} is made, not graded" in capsys.readouterr().err
    assert output.is_file()


def test_a_place_that_cannot_be_written_is_named(
    mine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    output = tmp_path / "file" / "hw.zip"
    assert main([str(mine), "--output", str(output), "--no-grade"]) == 1
    told = capsys.readouterr().err
    assert f"cannot write {output} (" in told
    assert "choose another place with --output" in told


@pytest.mark.slow
def test_the_shell_command_collects_and_grades_and_the_zip_grades_alike(tmp_path: Path) -> None:
    target, stubs, results = tmp_path / "hw.zip", tmp_path / "stubs", tmp_path / "r.json"
    build(ROOT, stubs)
    # The script takes the environment that is active: this interpreter's own.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", str(stubs / "collect_submission.sh"), "--output", str(target)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "VIRTUAL_ENV": sys.prefix, "PATH": path},
    )
    assert done.returncode == 0, done.stderr
    assert f"{target} would get 0/25" in done.stdout
    assert "run\n    python autograder.py" in done.stdout
    assert "--submission" not in done.stdout
    assert "results.json" not in done.stdout
    options = ["--submission", str(target), "-q", "q6", "--json", str(results)]
    again = subprocess.run([sys.executable, "autograder.py", *options], cwd=stubs)
    assert again.returncode == 1
    report = json.loads(results.read_text())
    assert {check["status"] for check in report["questions"][0]["checks"]} == {"not started"}
