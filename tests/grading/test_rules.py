from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grading import rules
from grading.options import UsageError
from grading.questions import questions
from grading.results import Status
from grading.rules import PATH, Policy, load_rules, rules_for
from tests.grading.conftest import Examine
from tests.mutants import ROOT, copy_solution

LIBRARY = "return functional.scaled_dot_product_attention(q, k, v, is_causal=True)"


def written(folder: Path, text: str) -> Path:
    path = folder / "rules.ini"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("[calls: q99]\n", r"no question q99; there are q1, q2", id="question"),
        pytest.param("[calls]\n", "no question is named", id="no-question"),
        pytest.param("[uses: q5]\n", "'uses'; give one of calls, imports", id="kind"),
        pytest.param("[calls: q5]\nforbiden = x\n", "'forbiden' is unknown; give", id="key"),
        pytest.param("[calls: q5]\nforbidden = x\n", "policy is ''; give zero", id="no-policy"),
        pytest.param(
            "[calls: q5]\npolicy = fail\n", "policy is 'fail'; give zero or warn", id="policy"
        ),
        pytest.param("[calls: q5]\npolicy = zero\n", "either forbidden or allowed", id="neither"),
        pytest.param(
            "[imports: q5]\npolicy = zero\nallowed = a\nforbidden = b\n",
            "either forbidden or allowed",
            id="both",
        ),
        pytest.param(
            "[calls: q5]\npolicy = zero\nallowed = a\n", "allowed is for imports", id="allowed"
        ),
        pytest.param("[calls: q5]\npolicy = zero\nforbidden =\n", "no name is listed", id="empty"),
        pytest.param("policy = zero\n", "cannot be read: .*no section", id="no-section"),
        pytest.param("[calls: q5]\n[calls: q5]\n", "cannot be read: .*already exists", id="twice"),
    ],
)
def test_a_rule_without_a_meaning_is_refused_with_what_to_write(
    text: str, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=rf"(?s)rules\.ini.*{complaint}"):
        load_rules(written(tmp_path, text))


def test_the_rules_that_are_delivered_have_a_meaning() -> None:
    assert {rule.policy for rule in load_rules(PATH)} == {Policy.ZERO, Policy.WARN}
    forbidden = {name for rule in rules_for("q5") for name in rule.names if rule.kind == "calls"}
    assert "conv2d" in forbidden
    assert not any(rule.kind == "calls" for rule in rules_for("q1"))


def test_a_slip_in_the_rules_is_reported_before_anything_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PATH", written(tmp_path, "[calls: q0]\n"))
    questions.cache_clear()
    with pytest.raises(UsageError, match="q0"):
        questions()
    questions.cache_clear()
    monkeypatch.undo()
    assert questions()


def attention_by_library(folder: Path) -> Path:
    copy_solution(folder)
    path = folder / "models" / "attention.py"
    text = path.read_text()
    mixed = "return self.attention_weights(x) @ self.v_layer(x)"
    assert text.count(mixed) == 1
    layers = "q, k, v = self.q_layer(x), self.k_layer(x), self.v_layer(x)"
    text = text.replace(mixed, f"{layers}\n        {LIBRARY}  #")
    path.write_text(text.replace("import math\n", "import math\nfrom torch.nn import functional\n"))
    return folder


def test_a_warning_names_the_line_and_leaves_the_points(tmp_path: Path, examine: Examine) -> None:
    (check,) = examine(attention_by_library(tmp_path / "hw"), "q6.values").checks
    assert (check.status, check.earned) == (Status.PASSED, 1)
    assert check.note.count("uses scaled_dot_product_attention; expected no use of") == 1
    assert check.note.startswith("models/attention.py:")


def test_the_policy_is_the_staffs_to_decide(
    tmp_path: Path, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = PATH.read_text(encoding="utf-8").replace("policy = warn", "policy = zero")
    monkeypatch.setattr(rules, "PATH", written(tmp_path, text))
    (check,) = examine(attention_by_library(tmp_path / "hw"), "q6.values").checks
    assert (check.status, check.earned) == (Status.FAILED, 0)
    assert check.feedback.mistake == "a forbidden operator"
    assert check.feedback.where.startswith("models/attention.py:")
    assert "Which lines of the formula" in check.feedback.think


def test_a_call_that_the_source_hides_is_warned_of_when_it_runs(
    tmp_path: Path, examine: Examine
) -> None:
    path = attention_by_library(tmp_path / "hw") / "models" / "attention.py"
    hidden = LIBRARY.replace(
        "functional.scaled_dot", "getattr(functional, 'SCALED_dot'.lower() + '"
    ).replace("attention(q", "attention')(q")
    path.write_text(path.read_text().replace(LIBRARY, hidden))
    (check,) = examine(tmp_path / "hw", "q6.values").checks
    assert check.status is Status.PASSED
    assert "uses scaled_dot_product_attention" in check.note


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        pytest.param(
            "w = self.w.detach().requires_grad_()\n"
            "        return torch.autograd.grad(MiniCNN(w, self.v).loss(x, label), w)[0]",
            "grad",
            id="grad",
        ),
        pytest.param(
            "with torch.enable_grad():\n"
            "            w = torch.tensor(self.w.tolist(), dtype=x.dtype, requires_grad=True)\n"
            "            MiniCNN(w, self.v).loss(x, label).backward()\n"
            "        return w.grad",
            "enable_grad",
            id="enable-grad",
        ),
        pytest.param(
            "w = torch.tensor(self.w.tolist(), dtype=x.dtype, requires_grad=True)\n"
            "        MiniCNN(w, self.v).loss(x, label).backward()\n"
            "        return w.grad",
            "backward",
            id="backward-of-a-tensor",
        ),
    ],
)
def test_a_gradient_by_autograd_is_found_whichever_way_it_is_asked_for(
    lines: str, name: str, tmp_path: Path, examine: Examine
) -> None:
    path = copy_solution(tmp_path / "hw") / "models" / "mini_cnn.py"
    by_hand = "return torch.stack([a_gradient @ x[:2], a_gradient @ x[1:]])"
    text = path.read_text()
    assert text.count(by_hand) == 1
    path.write_text(text.replace(by_hand, lines))
    (check,) = examine(tmp_path / "hw", "q9.w_gradient").checks
    assert (check.status, check.earned) == (Status.FAILED, 0)
    assert check.feedback.mistake == "a forbidden operator"
    assert check.feedback.got == f"a use of {name}"
    assert check.feedback.where.startswith("models/mini_cnn.py:")


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        pytest.param("warn", Status.PASSED, id="warn"),
        pytest.param("zero", Status.FAILED, id="zero"),
    ],
)
def test_an_import_that_is_not_allowed_is_named(
    policy: str,
    status: Status,
    tmp_path: Path,
    examine: Examine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = f"[imports: q1 q2]\npolicy = {policy}\nallowed = torch\n"
    monkeypatch.setattr(rules, "PATH", written(tmp_path, text))
    losses = copy_solution(tmp_path / "hw") / "losses.py"
    losses.write_text("import psutil\n" + losses.read_text().replace("from __future__", "# "))
    (check,) = examine(tmp_path / "hw", "q2.loss").checks
    assert check.status is status
    told = check.note + check.feedback.where + check.feedback.got
    assert "losses.py:1" in told
    assert "psutil" in told


def test_the_command_line_says_what_is_wrong_with_the_rules(tmp_path: Path) -> None:
    path = written(tmp_path, "[calls: q0]\n")
    program = (
        "import sys, pathlib; from grading import rules; "
        f"rules.PATH = pathlib.Path({str(path)!r}); import autograder; "
        "sys.exit(autograder.main(['-q', 'q1']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "there is no question q0" in done.stderr
