"""Imports flow one way, and light commands stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "data": set(),
    "models": set(),
    "losses": {"models"},
    "train": {"losses", "models"},
    "train_lm": {"train", "losses", "models"},
    "grading": {"data"},
    "classroom": {"grading", "data"},
    "autograder": {"grading", "classroom"},
    "courses": {"data", "models", "losses", "train", "train_lm"},
    "handout": {"grading", "classroom", "data"},
}


def files_of(name: str) -> list[Path]:
    folder = ROOT / name
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{name}.py"]


def imported(file: Path) -> set[str]:
    """The first part of every absolute import in a file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").partition(".")[0])
    return names


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in MAY_IMPORT])
def test_no_import_points_backward(name: str) -> None:
    for file in files_of(name):
        ours = imported(file) & (MAY_IMPORT.keys() - {name})
        assert ours <= MAY_IMPORT[name], f"{file.relative_to(ROOT)} imports {sorted(ours)}"


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        pytest.param("autograder", "torch", id="autograder-torch"),
        pytest.param("autograder", "rich", id="autograder-rich"),
        pytest.param("data", "torch", id="data-torch"),
        pytest.param("classroom.command", "distributed", id="class-distributed"),
        pytest.param("classroom.task", "torch", id="task-torch"),
        pytest.param("classroom.engine", "torch", id="engine-torch"),
        pytest.param("classroom.gradebook", "torch", id="gradebook-torch"),
        pytest.param("classroom.policy_file", "torch", id="policy-torch"),
        pytest.param("grading.worker.kit", "grading.checks", id="worker-checks"),
        pytest.param("grading.worker.server", "grading.compare", id="worker-compare"),
        pytest.param("grading.worker.server", "grading.claims", id="worker-claims"),
    ],
)
def test_a_module_does_not_bring_in_another(module: str, heavy: str) -> None:
    program = (
        f"import sys; sys.path.insert(0, '.'); import {module}; print({heavy!r} in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_files_are_short() -> None:
    """One noun a file; a longer one wants to be split."""
    for file in ROOT.rglob("*.py"):
        if not {".venv", "build", "cache", "runs"} & set(file.parts):
            assert len(file.read_text(encoding="utf-8").splitlines()) <= 300, file
