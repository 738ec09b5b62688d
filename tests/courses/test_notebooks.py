"""Notebooks are made from the experiments' scripts, whole and the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from courses.notebooks import COURSES, ROOT, main, notebook


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in COURSES])
def test_a_notebook_holds_the_whole_script(name: str) -> None:
    made = json.loads(notebook(name))
    told = "\n".join("".join(c["source"]) for c in made["cells"] if c["cell_type"] == "code")
    script = (ROOT / f"courses/{COURSES[name]}/{name}.py").read_text(encoding="utf-8")
    body = script.split('"""', 2)[2].replace("from __future__ import annotations", "")
    body = body.partition('if __name__ == "__main__"')[0]
    lines = [line for line in body.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) > 10
    assert not [line for line in lines if line not in told]


def test_the_same_script_gives_the_same_bytes() -> None:
    assert notebook("momentum") == notebook("momentum")


def test_an_unknown_notebook_lists_the_known_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["poetry", "--out", str(tmp_path)]) == 2
    assert "there is no notebook poetry; there are early_stopping" in capsys.readouterr().err
