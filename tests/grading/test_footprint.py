"""Which checks a change of the source concerns, seen without running it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grading.claims import Claim
from grading.footprint import Sources
from grading.questions import questions
from grading.watching import read_files
from tests.mutants import copy_solution

CLAIMS = [claim for question in questions() for claim in question.checks]
TYPICAL = Path(__file__).parents[1] / "submissions" / "typical_student"


def claim(check: str) -> Claim:
    return next(claim for claim in CLAIMS if claim.id == check)


def affected(files: dict[str, bytes], file: str, old: str, new: str) -> list[str]:
    """The checks whose footprint an edit changes."""
    text = files[file].decode()
    assert old in text
    before, after = Sources(files), Sources({**files, file: text.replace(old, new, 1).encode()})
    return [c.id for c in CLAIMS if before.footprint(c) != after.footprint(c)]


def of(checks: list[str]) -> set[str]:
    """The questions that checks belong to."""
    return {check.partition(".")[0] for check in checks}


@pytest.fixture
def solution(tmp_path: Path) -> dict[str, bytes]:
    return read_files(copy_solution(tmp_path / "s"))


@pytest.mark.parametrize(
    ("file", "old", "new", "questions"),
    [
        pytest.param("models/attention.py", "== 0", "== 1", {"q6", "q7"}, id="attention"),
        pytest.param("models/digits.py", "PIXELS, 256", "PIXELS, 257", {"q3"}, id="digits"),
        pytest.param("losses.py", "functional.mse_loss", "functional.l1_loss", {"q2"}, id="loss"),
        pytest.param(
            "losses.py",
            "given.shape != target.shape",
            "given.ndim != target.ndim",
            {"q2", "q3", "q4", "q5"},
            id="helper-of-four-losses",
        ),
        pytest.param("models/attention.py", "# A buffer", "# The buffer", set(), id="comment"),
        pytest.param("models/attention.py", "Compute how", "Say how", set(), id="docstring"),
        pytest.param("models/attention.py", "1, 1, block", "1,  1, block", set(), id="layout"),
    ],
)
def test_an_edit_concerns_the_questions_that_use_it(
    file: str, old: str, new: str, questions: set[str], solution: dict[str, bytes]
) -> None:
    assert of(affected(solution, file, old, new)) == questions


@pytest.mark.parametrize(
    ("file", "old", "new", "questions"),
    [
        pytest.param(
            "models.py", "class PerceptronModel", "x = 1\nclass PerceptronModel", set(), id="unused"
        ),
        pytest.param(
            "models.py", "def Convolve(input", "def Convolve(image", {"q5"}, id="convolve"
        ),
        pytest.param("models.py", "class Attention(", "class Attention(nn.", {"q6", "q7"}, id="q6"),
        pytest.param(
            "gpt_model.py", "class Character_GPT(nn.", "class Character_GPT(", {"q7"}, id="q7"
        ),
        pytest.param("train.py", "def Train_Digit", "y = 1\n\ndef Train_Digit", set(), id="train"),
    ],
)
def test_a_flat_file_is_told_apart_class_by_class(
    file: str, old: str, new: str, questions: set[str]
) -> None:
    assert of(affected(read_files(TYPICAL), file, old, new)) == questions


def test_a_new_import_concerns_quick_checks_of_its_file_only(solution: dict[str, bytes]) -> None:
    checks = affected(solution, "models/attention.py", "import math", "import math, os")
    assert of(checks) == {"q6", "q7"}
    assert not [check for check in checks if claim(check).trains]


def test_what_runs_at_import_concerns_every_importer(solution: dict[str, bytes]) -> None:
    checks = affected(
        solution, "models/digits.py", "class Digit", "print('hello')\n\n\nclass Digit"
    )
    assert of(checks) == {f"q{number}" for number in range(1, 12)}
    assert "q2.loss" not in checks


def test_a_file_without_importers_concerns_nobody(solution: dict[str, bytes]) -> None:
    before, after = Sources(solution), Sources({**solution, "scratch.py": b"def half("})
    assert all(before.footprint(c) == after.footprint(c) for c in CLAIMS)
    assert after.troubles(CLAIMS) == []


def test_a_file_that_comes_or_goes_concerns_those_who_ask_for_it(
    solution: dict[str, bytes],
) -> None:
    before = Sources(solution)
    del solution["losses.py"]
    after = Sources(solution)
    gone = [c.id for c in CLAIMS if before.footprint(c) != after.footprint(c)]
    assert of(gone) == {"q2", "q3", "q4", "q5"}


def test_in_the_older_layout_a_model_stands_for_its_loss_and_its_training() -> None:
    files = read_files(TYPICAL.with_name("older_layout"))
    start = "class RegressionModel("
    text = files["models.py"].decode()
    body = text.partition(start)[2]
    method = re.search(r"\n    def get_loss\(.*\n", body)
    assert method is not None
    edited = f"{method[0]}        size = 1\n"
    checks = affected(files, "models.py", start + body, start + body.replace(method[0], edited, 1))
    assert of(checks) == {"q2"}
    assert {"q2.loss", "q2.learns"} <= set(checks)


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("from helpers import scale\n{}scale(x)", id="from"),
        pytest.param("import helpers\n{}helpers.scale(x)", id="module"),
        pytest.param("import helpers as h\n{}h.scale(x)", id="alias"),
        pytest.param("from helpers import *\n{}scale(x)", id="star"),
        pytest.param("import helpers\n{}getattr(helpers, 'sc' + 'ale')(x)", id="module-as-value"),
        pytest.param("from helpers import inner\n{}inner(x)", id="through-another"),
    ],
)
def test_a_helper_file_concerns_its_users_only(use: str) -> None:
    head = "class AttentionBlock:\n    def forward(self, x):\n        return "
    other = "\n\n\nclass PerceptronModel:\n    def forward(self, scale):\n        return scale\n"
    helpers = "def scale(x):\n    return x\n\n\ndef inner(x):\n    return scale(x)\n"
    files = {"models.py": (use.format(head) + other).encode(), "helpers.py": helpers.encode()}
    changed = {**files, "helpers.py": helpers.replace("return x", "return 2 * x").encode()}
    before, after = Sources(files), Sources(changed)
    checks = [claim("q6.values"), claim("q1.weights")]
    assert [before.footprint(c) != after.footprint(c) for c in checks] == [True, False]


def test_relative_imports_are_followed() -> None:
    files = {
        "models/__init__.py": b"from .blocks.attention import Block as AttentionBlock\n",
        "models/blocks/attention.py": b"from ..base import Base\nclass Block(Base):\n    pass\n",
        "models/base.py": b"class Base:\n    size = 1\n",
    }
    changed = {**files, "models/base.py": b"class Base:\n    size = 2\n"}
    values = claim("q6.values")
    assert Sources(files).footprint(values) != Sources(changed).footprint(values)


def test_names_that_import_each_other_in_a_circle_end_nowhere() -> None:
    files = {
        "models.py": b"from helpers import AttentionBlock\n",
        "helpers.py": b"from models import AttentionBlock\n",
    }
    assert Sources(files).footprint(claim("q6.values"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"def half(:\n", "models.py:1: SyntaxError", id="syntax"),
        pytest.param(b"if True:\npass\n", "models.py:2: IndentationError", id="indentation"),
        pytest.param(b"x = '\x00'\n", "models.py", id="null-byte"),
        pytest.param(b"x = " + b"-" * 5000 + b"1\n", "models.py", id="too-deep"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(content: bytes, told: str) -> None:
    (trouble,) = Sources({"models.py": content}).troubles([claim("q6.values")])
    assert trouble.startswith(told)
    assert "\n" not in trouble


def test_a_strange_escape_in_a_text_is_no_warning_of_ours() -> None:
    assert Sources({"models.py": rb'x = "\d"'}).troubles([claim("q6.values")]) == []
