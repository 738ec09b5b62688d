from __future__ import annotations

from pathlib import Path

import pytest

from grading.source import banned_uses, is_unwritten

USED = [("models", "Net")]
ANSWER = "student.models.Net().score(x)"


def write(folder: Path, text: str) -> Path:
    (folder / "models.py").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("text", "unwritten"),
    [
        pytest.param("class Net:\n def forward(self, x):\n  'YOUR CODE'\n", True, id="string"),
        pytest.param("class Net:\n def forward(self, x):\n  pass\n", True, id="pass"),
        pytest.param("class Net:\n def forward(self, x): ...\n", True, id="ellipsis"),
        pytest.param("class Net:\n def score(self, x):\n  'doc'\n", True, id="method-in-answer"),
        pytest.param(
            "class Net:\n def forward(self, x):\n  with no_grad():\n   'here'\n", True, id="with"
        ),
        pytest.param("class Net:\n def forward(self, x): return x\n", False, id="written"),
        pytest.param("class Net:\n def unused(self, x): pass\n", False, id="other-method"),
        pytest.param("class Other:\n def forward(self, x): pass\n", False, id="other-class"),
        pytest.param("class Net(:\n", False, id="syntax-error"),
    ],
)
def test_an_empty_body_is_told_from_a_written_one(
    text: str, unwritten: bool, tmp_path: Path
) -> None:
    assert is_unwritten(write(tmp_path, text), USED, ANSWER) is unwritten


def test_a_forbidden_name_is_found_with_its_line_also_as_a_module(tmp_path: Path) -> None:
    text = "import torch\nclass Net:\n def __init__(self):\n  self.c = torch.nn.Conv2d(1, 1, 3)\n"
    (use,) = banned_uses(write(tmp_path, text), USED, ["conv2d"])
    assert use == {"name": "Conv2d", "file": "models.py", "line": 4}


def test_a_forbidden_name_elsewhere_is_not_this_questions_business(tmp_path: Path) -> None:
    text = "class Net:\n pass\ndef other(x):\n return conv2d(x)\n"
    assert banned_uses(write(tmp_path, text), USED, ["conv2d"]) == []
