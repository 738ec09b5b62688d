"""The notebooks of this course run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from courses.notebooks import COURSES, notebook

NAMES = [name for name, course in COURSES.items() if course == "mlp_from_scratch"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in NAMES])
def test_a_notebook_runs_in_its_quick_form(name: str, fashion_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("to be or not to be, that is the question. " * 200)
    source = ["--text", str(tmp_path / "text.txt")]
    if name != "transformer":
        source = ["--data_dir", str(fashion_folder)]
    made = json.loads(notebook(name, ["--quick", *source], execute=True))
    shown = made["cells"][-1]["outputs"]
    assert shown
    assert all("image/png" in output["data"] for output in shown)
