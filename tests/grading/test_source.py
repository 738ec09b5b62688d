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
        pytest.param(
            "class Net:\n def forward(self, x):\n  x = x + 1\n  '*** YOUR CODE HERE ***'\n",
            True,
            id="given-lines-then-the-place-to-write",
        ),
        pytest.param(
            "class Net:\n def forward(self, x):\n  y = 0\n  'Your code here'\n  return y\n",
            True,
            id="given-lines-place-to-write-return",
        ),
        pytest.param(
            "class Net:\n def forward(self, x):\n  '*** YOUR CODE HERE ***'\n  x = x + 1\n"
            "  return x\n",
            False,
            id="code-after-the-place-to-write",
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


@pytest.mark.parametrize(
    ("line", "name"),
    [
        pytest.param("F.unfold(x, 3)", "unfold", id="by-an-alias-of-its-module"),
        pytest.param("torch.nn.functional.unfold(x, 3)", "unfold", id="by-its-full-name"),
        pytest.param("nn.Unfold(3)(x)", "Unfold", id="as-a-module"),
        pytest.param("slide(x, w)", "conv2d", id="imported-under-another-name"),
        pytest.param("torch.conv2d(x, w)", "conv2d", id="from-torch"),
        pytest.param("x.unfold(0, 3, 1)", None, id="a-view-by-the-tensors-own-method"),
        pytest.param("self.conv2d(x)", None, id="a-method-of-ones-own"),
        pytest.param("conv2d(x)", None, id="a-function-of-ones-own"),
    ],
)
def test_a_forbidden_operator_is_told_from_a_name_that_only_looks_like_it(
    line: str, name: str | None, tmp_path: Path
) -> None:
    text = (
        "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
        "from torch.nn.functional import conv2d as slide\n"
        f"class Net:\n def forward(self, x, w):\n  return {line}\n"
    )
    found = banned_uses(write(tmp_path, text), USED, ["conv2d", "functional.unfold", "nn.unfold"])
    assert [use["name"] for use in found] == ([name] if name else [])
