import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the script beside an interpreter that only repeats its arguments."""
    project = tmp_path / "a project"
    (project / ".venv" / "bin").mkdir(parents=True)
    python = project / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\nprintf "[%s]" "$@"\nprintf "\\n"\n')
    python.chmod(0o755)
    (project / "run.sh").write_bytes((ROOT / "run.sh").read_bytes())
    return project


def run(project: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return subprocess.run(
        ["/bin/sh", project / "run.sh", *words],
        capture_output=True,
        text=True,
        cwd=os.sep,
        env=inherited | environment,
        check=False,
    )


@pytest.mark.parametrize(
    ("verb", "starts"),
    [
        pytest.param("grade", "[autograder.py]", id="grade"),
        pytest.param("data", "[-m][data]", id="data"),
        pytest.param("chargpt", "[-m][courses.machine_learning.chargpt]", id="chargpt"),
        pytest.param("rnn", "[-m][courses.recurrent_lm.rnn]", id="rnn"),
        pytest.param("handout", "[-m][handout]", id="handout"),
        pytest.param("redteam", "[-m][tests.cheats]", id="redteam"),
        pytest.param("collect", "[-m][handout.collect]", id="collect"),
    ],
)
def test_a_verb_passes_its_arguments_on(verb: str, starts: str, project: Path) -> None:
    ran = run(project, verb, "-q", "two words")
    assert (ran.returncode, ran.stdout) == (0, f"{starts}[-q][two words]\n")


def test_an_environment_that_is_active_comes_first(project: Path, tmp_path: Path) -> None:
    active = tmp_path / "active"
    active.mkdir()
    (active / "python3").write_text("#!/bin/sh\necho the active one\n")
    (active / "python3").chmod(0o755)
    path = f"{active}{os.pathsep}{os.environ['PATH']}"
    ran = run(project, "grade", VIRTUAL_ENV=str(active), PATH=path)
    assert ran.stdout == "the active one\n"


def test_check_runs_every_tool(project: Path) -> None:
    assert run(project, "check", "-x").stdout.split("\n")[-5:] == [
        "[-m][ruff][check][.]",
        "[-m][ruff][format][--check][.]",
        "[-m][mypy]",
        "[-m][pytest][-n][logical][--dist][loadfile][--max-worker-restart][0][-x]",
        "",
    ]


@pytest.mark.parametrize(
    "words", [pytest.param([], id="no-verb"), pytest.param(["nonsense"], id="unknown-verb")]
)
def test_anything_else_lists_the_verbs(words: list[str], project: Path) -> None:
    ran = run(project, *words)
    assert ran.returncode == 2
    for verb in ("setup", "check", "grade", "data", "chargpt", "handout", "collect"):
        assert f"  {verb} " in ran.stderr
    assert "no verb 'nonsense'" in ran.stderr or not words


@pytest.mark.parametrize(
    "word", [pytest.param(word, id=word.strip("-")) for word in ("help", "--help", "-h")]
)
def test_help_lists_the_verbs_too(word: str, project: Path) -> None:
    ran = run(project, word)
    assert (ran.returncode, ran.stderr) == (0, "")
    for verb in ("setup", "check", "grade", "data", "chargpt", "handout", "collect"):
        assert f"  {verb} " in ran.stdout
