"""The notebooks of this course run, without data."""

from __future__ import annotations

import json

import pytest

from courses.notebooks import COURSES, notebook

NAMES = [name for name, course in COURSES.items() if course == "recurrent_lm"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in NAMES])
def test_a_notebook_runs_in_its_quick_form(name: str) -> None:
    made = json.loads(notebook(name, execute=True))
    shown = made["cells"][-1]["outputs"]
    assert len(shown) == 2
    assert all("image/png" in output["data"] for output in shown)
