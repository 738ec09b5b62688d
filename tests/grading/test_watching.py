"""The loop of ``--watch``: what runs after which save, in which order, and what is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder import exit_code
from grading.options import Options, UsageError
from grading.report.blocks import Manner
from grading.results import Status
from grading.watching import watch
from tests.grading.scripted import Scene, spoiled

Q6 = ["q6.layers", "q6.shapes", "q6.values", "q6.causal"]
ATTENTION = "models/attention.py"
SLIPS = {
    "visible == 9": spoiled("q6.causal", mistake="the mask is missing"),
    "visible == 8": spoiled("q6.causal", mistake="the mask is on the wrong triangle"),
    "mse_loss(prediction, target) / 2": spoiled("q2.loss"),
    "nn.Linear(PIXELS, 9)": spoiled("q3.shape"),
    "Adam(5)": spoiled("q3.learns"),
    "import maths": spoiled("*", Status.CRASHED, where=f"{ATTENTION}:12"),
    "return torch.softmaxx": spoiled("q6.layers", Status.CRASHED, where=f"{ATTENTION}:61"),
}
UNMASK = ("visible == 0", "visible == 9")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "hw", SLIPS)


def test_a_save_runs_the_checks_of_the_questions_that_it_affects(scene: Scene) -> None:
    report = scene.watch("q2", "q6", edits=[scene.edit(ATTENTION, *UNMASK)])
    assert scene.examiner.ran[1:] == [Q6]
    assert "since the last run: q6.causal fails now (7 points -> 6)\nTotal: 6/7 " in scene.told
    assert "*** FAIL: q6.causal (0/1)" in scene.told
    assert exit_code(report) == 1


def test_a_mended_check_is_told_to_pass(scene: Scene) -> None:
    edits = [scene.edit(ATTENTION, *UNMASK), scene.edit(ATTENTION, *reversed(UNMASK))]
    report = scene.watch("q6", edits=edits)
    assert "since the last run: q6.causal now passes (1 point -> 2)\nTotal: 2/2 " in scene.told
    assert exit_code(report) == 0


def test_another_mistake_is_news(scene: Scene) -> None:
    edits = [scene.edit(ATTENTION, *UNMASK), scene.edit(ATTENTION, "visible == 9", "visible == 8")]
    scene.watch("q6", edits=edits)
    assert "since the last run: q6.causal fails in another way\n" in scene.told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("# A buffer", "# The buffer", id="comment"),
        pytest.param("Compute how much", "Say how much", id="docstring"),
        pytest.param("1, 1, block_size", "1,  1, block_size", id="layout"),
    ],
)
def test_a_save_that_changes_no_code_runs_nothing(old: str, new: str, scene: Scene) -> None:
    scene.watch("q6", edits=[scene.edit(ATTENTION, old, new)])
    assert len(scene.examiner.ran) == 1
    assert f"{ATTENTION}: nothing that the checks use has changed" in scene.told


def test_a_notice_without_a_difference_is_not_even_mentioned(scene: Scene) -> None:
    scene.watch("q6", edits=[lambda: None])
    assert scene.told.strip() == ""


def test_what_failed_elsewhere_waits_for_a_save_of_its_own(scene: Scene) -> None:
    halve = scene.edit(
        "losses.py", "mse_loss(prediction, target)", "mse_loss(prediction, target) / 2"
    )
    halve()
    scene.watch("q2.loss", "q6", edits=[scene.edit(ATTENTION, *UNMASK)])
    assert scene.examiner.ran[1:] == [Q6]


def test_what_failed_runs_again_with_its_question(scene: Scene) -> None:
    scene.edit("losses.py", "mse_loss(prediction, target)", "mse_loss(prediction, target) / 2")()
    edits = [scene.edit("models/regression.py", "nn.Linear(", "nn.Linear(0 + ")]
    scene.watch("q2.shape", "q2.loss", "q2.gradient", edits=edits)
    assert scene.examiner.ran[1:] == [["q2.shape", "q2.loss"]]


def test_checks_that_train_come_after_the_quick_ones(scene: Scene) -> None:
    scene.watch("q3", edits=[scene.edit("models/digits.py", "PIXELS, 256", "PIXELS, 255")])
    assert scene.examiner.ran[1:] == [["q3.shape", "q3.scores"], ["q3.learns"]]


def test_a_check_that_trains_and_whose_rung_fails_is_skipped(scene: Scene) -> None:
    edits = [scene.edit("models/digits.py", "nn.Linear(PIXELS, 256)", "nn.Linear(PIXELS, 9)")]
    report = scene.watch("q3", edits=edits)
    assert scene.examiner.ran[1:] == [["q3.shape"]]
    assert {check.id: check.status for check in report.checks}["q3.learns"] is Status.SKIPPED
    assert "q3.shape fails now; q3.scores and q3.learns are skipped now (5 points -> 1)" in (
        " ".join(scene.told.split())
    )


def test_what_was_skipped_runs_once_its_rung_is_mended(scene: Scene) -> None:
    slip = ("nn.Linear(PIXELS, 256)", "nn.Linear(PIXELS, 9)")
    edits = [scene.edit("models/digits.py", *pair) for pair in (slip, slip[::-1])]
    scene.watch("q3", edits=edits)
    assert scene.examiner.ran[2:] == [["q3.shape", "q3.scores"], ["q3.learns"]]


def test_a_newer_save_cancels_training_and_the_latest_wins(scene: Scene) -> None:
    def save_while_training(check: str) -> None:
        if check == "q3.learns" and len(scene.examiner.ran) == 3:
            third = scene.edit("models/digits.py", "PIXELS, 255", "PIXELS, 254")
            scene.saves.meanwhile.append(third)

    scene.examiner.before = save_while_training
    report = scene.watch("q3", edits=[scene.edit("models/digits.py", "PIXELS, 256", "PIXELS, 255")])
    quick = ["q3.shape", "q3.scores"]
    assert scene.examiner.ran[1:] == [quick, ["q3.learns"], quick, ["q3.learns"]]
    assert exit_code(report) == 0


def test_a_comment_saved_meanwhile_cancels_nothing(scene: Scene) -> None:
    scene.saves.meanwhile.append(scene.edit(ATTENTION, "# A buffer", "# The buffer"))
    scene.watch("q6", edits=[])
    assert scene.examiner.ran == [Q6]


def test_a_save_during_the_first_run_takes_over(scene: Scene) -> None:
    scene.saves.meanwhile.append(scene.edit(ATTENTION, *UNMASK))
    report = scene.watch("q6", edits=[])
    assert scene.examiner.ran == [["q6.layers"], Q6]
    assert [check.status for check in report.checks] == [Status.PASSED] * 3 + [Status.FAILED]


def test_a_syntax_error_is_one_line_and_the_watch_goes_on(scene: Scene) -> None:
    slip = ("return torch.softmax(", "return torch.softmax((")
    edits = [scene.edit(ATTENTION, *slip), scene.edit(ATTENTION, *reversed(slip))]
    report = scene.watch("q6", edits=edits)
    assert scene.examiner.ran == [Q6]
    (line,) = [line for line in scene.told.splitlines() if "SyntaxError" in line]
    assert line.startswith(f"{ATTENTION}:")
    assert exit_code(report) == 0


def test_ctrl_c_while_the_code_cannot_be_read_is_no_pass(scene: Scene) -> None:
    report = scene.watch("q6", edits=[scene.edit(ATTENTION, "import math", "import (math")])
    assert {check.status for check in report.checks} == {Status.PENDING}
    assert exit_code(report) == 1


def test_an_editor_that_empties_a_file_before_it_writes_is_waited_for(scene: Scene) -> None:
    text = (scene.folder / ATTENTION).read_text(encoding="utf-8")
    scene.saves.second_writes.append(scene.write(ATTENTION, text.replace(*UNMASK)))
    scene.watch("q6", edits=[scene.write(ATTENTION, "")])
    assert scene.examiner.ran[1:] == [Q6]
    assert "q6.causal fails now (2 points -> 1)" in scene.told


def test_a_folder_in_the_middle_of_a_checkout_is_waited_for(scene: Scene) -> None:
    away = scene.folder.with_name("away")
    edits = [lambda: scene.folder.rename(away) and None, lambda: away.rename(scene.folder) and None]
    report = scene.watch("q6", edits=edits)
    assert "there is no submission" in scene.told
    assert scene.examiner.ran == [Q6]
    assert exit_code(report) == 0


def test_what_failed_faces_the_draw_that_it_failed_with(scene: Scene) -> None:
    edits = [scene.edit(ATTENTION, *UNMASK), scene.edit(ATTENTION, *reversed(UNMASK))]
    scene.watch("q6", edits=edits)
    assert [request.replays for request in scene.examiner.requests] == [{}, {}, {"q6.causal": 2}]


def test_a_seed_that_was_asked_for_is_kept(scene: Scene) -> None:
    edits = [scene.edit(ATTENTION, *UNMASK), scene.edit(ATTENTION, *reversed(UNMASK))]
    scene.watch("q6", edits=edits, seed=7)
    assert [(r.seed, r.replays) for r in scene.examiner.requests] == [(7, {})] * 3


def test_an_import_that_fails_ends_checks_until_any_imported_file_is_mended(scene: Scene) -> None:
    slip = ("import math\n", "import maths\n")
    scene.edit(ATTENTION, *slip)()
    report = scene.watch("q1.weights", "q6", edits=[scene.edit(ATTENTION, *reversed(slip))])
    assert sorted(scene.examiner.ran[1]) == sorted(["q1.weights", *Q6])
    assert exit_code(report) == 0


def test_an_import_that_fails_says_whom_else_it_stops(scene: Scene) -> None:
    edits = [scene.edit(ATTENTION, "import math\n", "import maths\n")]
    scene.watch("q1.weights", "q6", edits=edits)
    assert f"note: {ATTENTION}:12 runs at import; q1 cannot pass meanwhile" in scene.told


def test_a_crash_inside_a_function_concerns_its_own_question(scene: Scene) -> None:
    scene.edit(ATTENTION, "return torch.softmax", "return torch.softmaxx")()
    edits = [scene.edit("models/digits.py", "PIXELS, 256", "PIXELS, 255")]
    scene.watch("q3.shape", "q6", edits=edits)
    assert scene.examiner.ran[1:] == [["q3.shape"]]


def test_the_results_file_holds_every_check_after_every_run(scene: Scene, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    scene.watch("q2.loss", "q6", edits=[scene.edit(ATTENTION, *UNMASK)], results=results)
    assert [request.results for request in scene.examiner.requests] == [results, None]
    written = json.loads(results.read_text(encoding="utf-8"))
    assert (written["earned"], written["points"], written["complete"]) == (2, 3, True)


def test_ctrl_c_during_the_first_run_is_an_interruption(scene: Scene) -> None:
    def interrupt(check: str) -> None:
        raise KeyboardInterrupt

    scene.examiner.before = interrupt
    assert exit_code(scene.watch("q6", edits=[])) == 130


def test_ctrl_c_during_a_later_run_leaves_the_last_state(scene: Scene) -> None:
    def interrupt(check: str) -> None:
        if len(scene.examiner.ran) == 2 and check == "q6.values":
            raise KeyboardInterrupt

    scene.examiner.before = interrupt
    report = scene.watch("q6", edits=[scene.edit(ATTENTION, *UNMASK)])
    statuses = {check.id: check.status for check in report.checks}
    assert statuses["q6.shapes"] is Status.PASSED
    assert statuses["q6.causal"] is Status.PENDING
    assert exit_code(report) == 1


def test_a_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hw.zip").touch()
    with pytest.raises(UsageError, match=r"--watch needs a folder, and .*hw\.zip is a file"):
        watch(Options(tmp_path / "hw.zip"), Manner())


def test_windows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--watch opens no windows"):
        watch(Options(tmp_path, watched=True), Manner())
