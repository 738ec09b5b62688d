from __future__ import annotations

import gc
import time
import weakref
from pathlib import Path

import pytest

from grading.parsing import LARGEST_FILE, look_through
from grading.rules import Policy, Rule, rules_for
from grading.source import MOST_BYTES, UNSEEN, Use, forget, is_unwritten, uses_of

USED = [("models", "Net")]
ANSWER = "student.models.Net().score(x)"
CLASS = "class Net:\n def forward(self, x):\n  "


def calls(folder: Path, *names: str) -> list[Use]:
    return uses_of(folder, USED, Rule("calls", ("q5",), Policy.ZERO, names))


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
    (use,) = calls(write(tmp_path, text), "conv2d")
    assert use == {"name": "Conv2d", "file": "models.py", "line": 4}


def test_a_forbidden_name_elsewhere_is_not_this_questions_business(tmp_path: Path) -> None:
    text = "class Net:\n pass\ndef other(x):\n return conv2d(x)\n"
    assert calls(write(tmp_path, text), "conv2d") == []


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
    found = calls(write(tmp_path, text), "conv2d", "functional.unfold", "nn.unfold")
    assert [use["name"] for use in found] == ([name] if name else [])


@pytest.mark.parametrize(
    ("line", "name"),
    [
        pytest.param("nn.RNN(2, 3)", "RNN", id="by-its-package"),
        pytest.param("torch.nn.RNNCell(2, 3)", "RNNCell", id="by-its-full-name"),
        pytest.param("torch.nn.modules.rnn.RNN(2, 3)", "RNN", id="by-its-home"),
        pytest.param("home.RNN(2, 3)", "RNN", id="by-its-home-under-another-name"),
        pytest.param("Recurrent(2, 3)", "RNN", id="imported-under-another-name"),
        pytest.param("models.RNN(2, 3)", None, id="ones-own-in-a-package"),
        pytest.param("rnn.RNN(2, 3)", None, id="ones-own-in-a-file-of-that-name"),
        pytest.param("Network(2, 3)", None, id="ones-own-imported"),
        pytest.param("RNN(2, 3)", None, id="ones-own-in-this-file"),
        pytest.param("self.rnn(x)", None, id="ones-own-part"),
        pytest.param("model.rnn.step(x)", None, id="a-part-of-ones-own-model"),
        pytest.param("pack.pad_sequence(x)", None, id="a-neighbour"),
    ],
)
def test_the_librarys_recurrent_network_is_told_from_a_students_own(
    line: str, name: str | None, tmp_path: Path
) -> None:
    text = (
        "import torch\nimport models\nimport rnn\nfrom torch import nn\nimport torch.nn.modules.rnn"
        " as home\nfrom torch.nn import RNN as Recurrent\nfrom rnn import RNN as Network\n"
        "import torch.nn.utils.rnn as pack\n"
        f"class Net:\n def forward(self, x):\n  return {line}\n"
    )
    (rule,) = (rule for rule in rules_for("q10") if rule.kind == "calls")
    found = uses_of(write(tmp_path, text), USED, rule)
    # Its home, torch.nn.modules.rnn, is found once more where it stands before the name.
    assert [(use["name"], use["line"]) for use in found[:1]] == ([(name, 11)] if name else [])


IMPORTS = (
    "from __future__ import annotations\nimport math, os.path\nimport helpers\nimport numpy as np\n"
    "from torch import optim, nn\nfrom torch.nn import functional as F\nfrom . import models\n"
    "class Net:\n def forward(self, x):\n  import scipy.signal\n  from numpyro import infer\n"
)


@pytest.mark.parametrize(
    ("allowed", "names", "found"),
    [
        pytest.param(
            True,
            ("torch", "numpy"),
            [("scipy.signal", 10), ("numpyro", 11)],
            id="all-but-what-is-allowed-or-at-hand",
        ),
        pytest.param(False, ("scipy",), [("scipy.signal", 10)], id="a-module-of-a-package"),
        pytest.param(False, ("torch.optim",), [("torch.optim", 5)], id="a-module-from-a-package"),
        pytest.param(False, ("numpy",), [("numpy", 4)], id="not-a-longer-name"),
    ],
)
def test_forbidden_imports_are_found_with_their_lines(
    allowed: bool, names: tuple[str, ...], found: list[tuple[str, int]], tmp_path: Path
) -> None:
    (tmp_path / "helpers.py").write_text("")
    rule = Rule("imports", ("q1",), Policy.WARN, names, allowed=allowed)
    uses = uses_of(write(tmp_path, IMPORTS), USED, rule)
    assert [(use["name"], use["line"]) for use in uses] == found
    assert {use["file"] for use in uses} == {"models.py"}


def test_imports_of_a_file_that_no_check_uses_are_nobodys_business(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import scipy\n")
    rule = Rule("imports", ("q1",), Policy.ZERO, ("scipy",))
    assert uses_of(write(tmp_path, "class Net: pass\n"), USED, rule) == []


CHAIN = "a" + ".b" * 900


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CLASS + "pass\n#" + " " * LARGEST_FILE, id="long"),
        pytest.param(CLASS + 'f"' + "{x}" * 40_000 + '"\n', id="a-text-that-is-read-40,000-times"),
        pytest.param(f"import a{'.a' * 60_000}\n{CLASS}pass\n", id="a-name-of-60,000-parts"),
        pytest.param(CLASS + "y = " + "x + " * 20_000 + "x\n", id="deep"),
        pytest.param("# coding: utf-7\n" + CLASS + "pass\n", id="braces-that-look-like-others"),
        pytest.param("\r# coding: utf-7\n" + CLASS + "pass\n", id="the-same-after-an-empty-line"),
    ],
)
@pytest.mark.parametrize("kind", ["calls", "imports"])
def test_code_that_cannot_be_looked_through_in_time_counts_as_a_use(
    kind: str, text: str, tmp_path: Path
) -> None:
    begun = time.process_time()
    (use,) = uses_of(write(tmp_path, text), USED, Rule(kind, ("q1",), Policy.ZERO, ("scipy",)))
    assert use == {"name": UNSEEN, "file": "models.py", "line": 1}
    assert not is_unwritten(tmp_path, USED, ANSWER)
    assert time.process_time() - begun < 5.0


def test_modules_that_are_too_much_together_cannot_be_looked_through(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for number in range(MOST_BYTES // LARGEST_FILE + 1):
        (tmp_path / "models" / f"m{number}.py").write_text("#" * LARGEST_FILE)
    (use,) = calls(tmp_path, "conv2d")
    assert use["name"] == UNSEEN


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CLASS + "a;" * 60_000 + "\n", id="statements"),
        pytest.param(CLASS + f"{CHAIN}\n  0;" * 65 + "\n", id="long-chains"),
        pytest.param(CLASS + f'f"{" " * 100_000}' + "{x}" * 7_000 + '"\n', id="a-formatted-text"),
        pytest.param(f"import {'a' * 60_000} as q\n{CLASS}{'q;' * 30_000}\n", id="a-long-name"),
        pytest.param(f"from {'a' * 60_000} import {'a,' * 30_000}a\n{CLASS}0\n", id="its-parts"),
    ],
)
def test_the_worst_file_is_looked_through_in_time_and_once(text: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    begun = time.process_time()
    assert calls(tmp_path, "conv2d") == []
    assert time.process_time() - begun < 8.0
    begun = time.process_time()
    for _ in range(50):
        assert calls(tmp_path, "conv2d") == []
    assert time.process_time() - begun < 2.0


def test_nothing_of_a_submission_is_kept_once_it_is_done_with(tmp_path: Path) -> None:
    write(tmp_path, CLASS + "conv2d.x\n")
    tree = look_through((tmp_path / "models.py").read_bytes())
    assert tree is look_through((tmp_path / "models.py").read_bytes())
    calls(tmp_path, "conv2d")
    assert tree is not None
    gone = weakref.ref(tree)
    del tree
    forget()
    gc.collect()
    assert gone() is None


def test_a_module_name_too_long_for_a_file_is_a_forbidden_import(tmp_path: Path) -> None:
    write(tmp_path, f"import {'é' * 300}\nclass Net: pass\n")
    (use,) = uses_of(tmp_path, USED, Rule("imports", ("q1",), Policy.ZERO, ("torch",), True))
    assert str(use["name"]).startswith("ééé")


def test_a_huge_number_is_no_place_to_write(tmp_path: Path) -> None:
    assert not is_unwritten(write(tmp_path, f"{CLASS}0x{'9' * 9999}; y = 1\n"), USED, ANSWER)
