"""The language model in one file, as a student hands it in; and what the question forbids."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.results import Status
from tests.grading.conftest import Examine
from tests.mutants import copy_solution
from tests.stubs import stub_solution

SUBMISSION = Path(__file__).resolve().parents[1] / "submissions" / "recurrent_student"


@pytest.mark.slow  # its file imports transformers, in every check anew
def test_a_single_file_with_loops_over_steps_earns_full_marks(examine: Examine) -> None:
    report = examine(SUBMISSION, "q10")
    failed = [check for check in report.checks if check.status is not Status.PASSED]
    assert not failed, [(check.id, check.status.value, check.feedback) for check in failed]
    assert sum(check.points for check in report.checks) == 55


STEP = "following = self.lm_head(self.attention.step(outputs))[0]"
FIRST = """        return loss_fn(logits[:, :-1, :].permute(0, 2, 1), sequence[:, 1:]).item()
"""
ALL = """        total += loss_fn(logits[:, :-1, :].permute(0, 2, 1), sequence[:, 1:]).item()
    return total / len(dataset)
"""


@pytest.mark.parametrize(
    ("checks", "edits", "note"),
    [
        pytest.param(
            ("q10.cell", "q10.rnn_step", "q10.rnn_forward", "q10.logits", "q10.generate"),
            [("torch.tanh(", "torch.relu(")],
            "",
            id="relu",
        ),
        pytest.param(
            ("q10.validation", "q10.records"),
            [("    lm.eval()\n", "    lm.eval()\n    total = 0.0\n"), (FIRST, ALL)],
            "",
            id="validated-on-all-batches",
        ),
        pytest.param(
            ("q10.records",),
            [("return train_losses, valid_losses", "return train_losses, valid_losses, started")],
            "",
            id="the-time-as-well",
        ),
        pytest.param(
            ("q10.new_tokens", "q10.generate"),
            [
                (
                    STEP,
                    "tokens = torch.cat((tokens, token.reshape(1, 1)), dim=1)\n"
                    "            following = self(tokens)[0][0, -1]",
                )
            ],
            "does it read the text again for every new token?",
            id="reads-the-text-again",
        ),
    ],
)
def test_another_way_to_write_it_passes(
    checks: tuple[str, ...],
    edits: list[tuple[str, str]],
    note: str,
    tmp_path: Path,
    examine: Examine,
) -> None:
    text = (SUBMISSION / "rnn.py").read_text(encoding="utf-8")
    for old, new in [("from transformers import AutoTokenizer\n", ""), *edits]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "rnn.py").write_text(text, encoding="utf-8")
    report = examine(tmp_path, *checks)
    assert {check.status for check in report.checks} == {Status.PASSED}, report.checks
    assert note in report.checks[-1].note


def test_stubs_earn_nothing_and_are_not_started(tmp_path: Path, examine: Examine) -> None:
    report = examine(stub_solution(tmp_path / "stubs"), "q10")
    assert (report.earned, report.points) == (0, 55)
    assert {check.status for check in report.checks} == {Status.NOT_STARTED}


FORWARD = "        projected = self.cell.i2h(sequence)  # (B, T, I) -> (B, T, H)\n"
BY_LIBRARY = """        sizes = (sequence.shape[2], self.hidden_dim)
        library = {made}(*sizes, nonlinearity="relu", batch_first=True)
        cell = self.cell.state_dict()
        library.load_state_dict({{
            "weight_ih_l0": cell["i2h.weight"], "weight_hh_l0": cell["h2h.weight"],
            "bias_ih_l0": cell["i2h.bias"], "bias_hh_l0": cell["h2h.bias"],
        }})
        hidden = library(sequence)[0]
        return hidden, self.out(hidden)
"""


@pytest.mark.parametrize(
    ("imported", "made"),
    [
        pytest.param("", "nn.RNN", id="nn"),
        pytest.param("from torch.nn import RNN as Recurrent\n", "Recurrent", id="renamed"),
        pytest.param("", "getattr(nn, 'R' + 'NN')", id="at-run-time-only"),
    ],
)
def test_the_librarys_network_is_reported_with_its_line(
    imported: str, made: str, tmp_path: Path, examine: Examine
) -> None:
    folder = copy_solution(tmp_path / "submission")
    file = folder / "models" / "rnn_lm.py"
    text = file.read_text(encoding="utf-8").replace("import math\n", f"{imported}import math\n", 1)
    assert text.count(FORWARD) == 1
    text = text.replace(FORWARD, BY_LIBRARY.format(made=made))
    file.write_text(text, encoding="utf-8")
    check = next(
        each for each in examine(folder, "q10.rnn_forward").checks if each.id == "q10.rnn_forward"
    )
    assert check.status is Status.FAILED, check.feedback
    lines = text.splitlines()
    told = f"{check.feedback.got} {check.feedback.where} {check.feedback.tried}"
    uses = [n for n, line in enumerate(lines, 1) if made in line or "library(sequence)" in line]
    assert any(f"rnn_lm.py:{number}" in told for number in uses), told


def test_students_own_networks_of_these_names_are_none(tmp_path: Path, examine: Examine) -> None:
    folder = copy_solution(tmp_path / "submission")
    (check,) = examine(folder, "q10.cell").checks
    assert (check.status, check.note) == (Status.PASSED, "")
