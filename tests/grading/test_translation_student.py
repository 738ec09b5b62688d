"""The translator in the original homework's files earns all points; and what BLEU is given for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grading.checks.q11_written import FILE
from grading.results import CheckResult, Status
from tests.grading.conftest import Examine
from tests.grading.synthetic_pairs import synthetic_pairs
from tests.mutants import copy_solution
from tests.stubs import stub_solution

SUBMISSION = Path(__file__).resolve().parents[1] / "submissions" / "translation_student"


def test_four_files_for_an_older_pytorch_earn_all_but_bleu(examine: Examine) -> None:
    report = examine(SUBMISSION, "q11")
    failed = [check for check in report.checks if check.status is not Status.PASSED]
    assert [(check.id, check.status) for check in failed] == [("q11.bleu", Status.NOT_STARTED)], (
        failed
    )
    assert "sh run.sh test" in failed[0].feedback.got
    assert (report.earned, report.points) == (35, 39)
    assert not [check.note for check in report.checks if check.note]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("enc_masks.byte()", "enc_masks.bool()", id="bool"),
        pytest.param('-float("inf")', "-1e9", id="large-number"),
        pytest.param("(dec_hidden, a_t)", "(a_t, dec_hidden)", id="order"),
        pytest.param(
            "self.dropout(torch.tanh(V_t))",
            "F.dropout(torch.tanh(V_t), self.dropout_rate, self.training)",
            id="dropout",
        ),
        pytest.param(
            "torch.bmm(enc_hiddens_proj, dec_hidden.unsqueeze(2)).squeeze(2)",
            'torch.einsum("bsh,bh->bs", self.att_projection(enc_hiddens), dec_hidden)',
            id="keys-anew",
        ),
    ],
)
def test_another_way_to_write_a_step_passes(
    old: str, new: str, tmp_path: Path, examine: Examine
) -> None:
    folder = tmp_path / "hw"
    shutil.copytree(SUBMISSION, folder)
    file = folder / "nmt_model.py"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    steps = ("q11.even", "q11.step_state", "q11.scores", "q11.combined", "q11.step_dropout")
    report = examine(folder, *steps, "q11.forward", "q11.alone", "q11.beam")
    assert {check.status for check in report.checks} == {Status.PASSED}, report.checks


def test_stubs_earn_nothing_and_are_not_started(tmp_path: Path, examine: Examine) -> None:
    report = examine(stub_solution(tmp_path / "stubs"), "q11")
    assert (report.earned, report.points) == (0, 39)
    assert {check.status for check in report.checks} == {Status.NOT_STARTED}


REFERENCES = synthetic_pairs().test.target  # type: ignore[union-attr]
SOURCES = synthetic_pairs().test.source  # type: ignore[union-attr]
RIGHT = [" ".join(words) for words in REFERENCES]
PART = [" ".join(words[: max(1, len(words) - 1)]) for words in REFERENCES]


@pytest.mark.parametrize(
    ("lines", "status", "told"),
    [
        pytest.param(PART, Status.PASSED, "above 21 passes", id="good"),
        pytest.param(RIGHT, Status.FAILED, "word for word", id="the-references"),
        pytest.param([*RIGHT[1:], RIGHT[0]], Status.FAILED, "corpus BLEU 0.00", id="shifted"),
        pytest.param(RIGHT[:-1], Status.FAILED, "39 lines", id="one-too-few"),
        pytest.param(
            [f"<s> {line} </s>" for line in RIGHT], Status.FAILED, "<s> 80 times", id="marks"
        ),
        pytest.param(
            [" ".join(words) for words in SOURCES], Status.FAILED, "40 lines that", id="source"
        ),
        pytest.param([""] * 40, Status.FAILED, "corpus BLEU 0.00", id="blank"),
        pytest.param(["\udcff"] * 40, Status.FAILED, "at place 0", id="no-utf-8"),
    ],
)
def test_bleu_is_measured_on_the_file_that_is_handed_in(
    lines: list[str], status: Status, told: str, tmp_path: Path, examine: Examine
) -> None:
    check = graded(lines, tmp_path, examine)
    assert check.status is status, check.feedback
    assert told in f"{check.note} {check.feedback.got}"
    assert check.earned == (4 if status is Status.PASSED else 0)


def test_words_may_be_cut_in_another_way_than_the_references(
    tmp_path: Path, examine: Examine
) -> None:
    plain = graded(PART, tmp_path / "plain", examine)
    spaced = graded([line.replace(" ", "  ") + " \r" for line in PART], tmp_path / "2", examine)
    assert plain.note == spaced.note


def graded(lines: list[str], folder: Path, examine: Examine) -> CheckResult:
    file = copy_solution(folder / "hw") / FILE
    file.parent.mkdir()
    text = "".join(f"{line}\n" for line in lines)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    (check,) = examine(folder / "hw", "q11.bleu").checks
    return check
