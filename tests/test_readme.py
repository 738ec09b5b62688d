"""The README's own commands, run as a newcomer would run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = [
    line.partition("#")[0].strip()
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("    ")
]
PYTHON = [command for command in COMMANDS if command.startswith("python ")]


def run(command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run one of the README's commands with this very interpreter."""
    words = shlex.split(command)
    words[0] = {"python": sys.executable}.get(words[0], words[0])
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment)


def test_the_first_two_commands_install_and_grade() -> None:
    assert COMMANDS[:2] == ["pip install -r requirements.txt", "python autograder.py"]


def test_a_screen_and_a_half_is_enough() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 70


@pytest.mark.parametrize("command", [pytest.param(command, id=command) for command in PYTHON])
def test_every_command_answers_help_with_examples(command: str) -> None:
    program = re.match(r"python (-m )?\S+", command)
    assert program is not None
    done = run(f"{program[0]} --help")
    assert done.returncode == 0, done.stderr
    assert "Examples" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, id=command)
        for command in PYTHON
        if "--list" in command or "q6.causal" in command or "status" in command
    ],
)
def test_the_quick_commands_succeed(command: str, tmp_path: Path) -> None:
    extra = f" --json {tmp_path / 'r.json'}" if "-q" in command else ""
    done = run(command + extra)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(900)
def test_grading_the_solution_ends_with_full_marks(tmp_path: Path) -> None:
    done = run(f"python autograder.py --json {tmp_path / 'results.json'}")
    assert done.returncode == 0, done.stdout + done.stderr
    for landmark in ("Question q1\n", "### Question q6: 2/2 ###", "Provisional grades"):
        assert landmark in done.stdout
    assert re.search(r"^Total: 25/25$", done.stdout, re.MULTILINE)
    report = json.loads((tmp_path / "results.json").read_text())
    assert (report["earned"], report["points"], report["complete"]) == (25, 25, True)
