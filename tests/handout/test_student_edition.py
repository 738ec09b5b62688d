"""A student's first hour: the commands of the homework, typed as they are printed."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from handout.build import build, edition
from handout.manifest import COURSES

ROOT = Path(__file__).resolve().parents[2]
COURSE = COURSES["machine_learning"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flat edition, as a student unpacks it."""
    folder = tmp_path_factory.mktemp("hw") / "machine_learning"
    build(ROOT, folder, COURSE)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    words[0] = {"python": sys.executable, "sh": "/bin/sh"}[words[0]]
    # The scripts take the environment that is active: this interpreter's own.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    active = {"VIRTUAL_ENV": sys.prefix, "PATH": path}
    environment = {**os.environ, **active, "MPLBACKEND": "Agg", "OMP_WAIT_POLICY": "PASSIVE"}
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment)


def printed_commands() -> list[str]:
    """Every command that the homework and the README print, in the flat edition's words."""
    files = edition(ROOT, COURSE)
    lines = (files["HOMEWORK.md"] + files["README.md"]).decode().splitlines()
    found = [line.partition("#")[0].strip() for line in lines if line.startswith("    ")]
    return sorted({line for line in found if line.startswith(("python ", "sh "))})


def test_the_homework_prints_its_commands() -> None:
    commands = printed_commands()
    assert "python autograder.py -q q1" in commands
    assert "python chargpt.py --quick" in commands
    assert "python linear_regression.py" in commands
    assert not [command for command in commands if "courses" in command]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("python autograder.py --help", id="autograder"),
        pytest.param("python chargpt.py --help", id="chargpt"),
        pytest.param("python linear_regression.py --help", id="linear_regression"),
        pytest.param("python -m data --help", id="data"),
        pytest.param("sh collect_submission.sh --help", id="collect"),
    ],
)
def test_every_command_answers_help_with_examples(command: str, folder: Path) -> None:
    done = run(command, folder)
    assert done.returncode == 0, done.stderr
    assert "Examples" in done.stdout
    assert "python -m courses" not in done.stdout


@pytest.mark.slow
def test_the_stubs_earn_nothing_within_twenty_seconds(tmp_path: Path) -> None:
    build(ROOT, tmp_path / "student")
    done = run("python autograder.py", tmp_path / "student")
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^Total: 0/25$", done.stdout, re.MULTILINE)
    report = json.loads((tmp_path / "student" / "runs" / "results.json").read_text())
    checks = [check for question in report["questions"] for check in question["checks"]]
    assert {check["status"] for check in checks} == {"not started"}
    assert report["seconds"] < 20


@pytest.mark.slow
def test_a_question_is_graded_as_the_homework_says(folder: Path) -> None:
    done = run("python autograder.py -q q1", folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "### Question q1: 0/5 ###" in done.stdout


@pytest.mark.slow
def test_the_worked_example_runs_before_anything_is_written(folder: Path) -> None:
    done = run("python linear_regression.py", folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "m0 = 7.000, m1 = 8.000, b = 3.000"


@pytest.mark.slow
def test_chargpt_says_what_is_not_written_yet(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("to be or not to be, Pacman. " * 20)
    done = run(f"python chargpt.py --quick --text {tmp_path / 'text.txt'}", folder)
    assert done.returncode == 1
    assert "not written yet: q7.scores" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_filled_in_edition_writes_and_earns_its_points(tmp_path: Path) -> None:
    build(ROOT, tmp_path / "mine", COURSE, keep=["q6", "q7"])
    (tmp_path / "text.txt").write_text("to be or not to be, Pacman. " * 20)
    done = run(f"python chargpt.py --quick --text {tmp_path / 'text.txt'}", tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    assert "iteration 20" in done.stdout
    graded = run("python autograder.py -q q6", tmp_path / "mine")
    assert graded.returncode == 0, graded.stdout + graded.stderr
    assert "### Question q6: 2/2 ###" in graded.stdout
