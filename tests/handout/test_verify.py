"""The proofs can fail: each is shown something wrong, and says so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grading.questions import questions
from handout import trials, verify
from handout.trials import ALONE, MUTANTS, REGIONS, SOLUTION, Trial, all_trials
from tests.mutants import all_mutants

ROOT = Path(__file__).resolve().parents[2]


def outcomes(**statuses: str) -> dict[str, dict[str, object]]:
    """Outcomes from ``q1_score="passed"``."""
    return {
        name.replace("_", ".", 1): {"status": status, "earned": 0, "mistake": "", "got": "it"}
        for name, status in statuses.items()
    }


def trial(proof: str, name: str) -> Trial:
    (found,) = (
        each for each in all_trials(ROOT, False) if (each.proof, each.name) == (proof, name)
    )
    return found


def test_nothing_trains_to_its_end_unless_asked() -> None:
    trains = {check.id for question in questions() for check in question.checks if check.trains}
    quick = [each for each in all_trials(ROOT, False) if each.proof == SOLUTION]
    full = [each for each in all_trials(ROOT, True) if each.proof == SOLUTION]
    assert not trains & {name for each in quick for name in each.asked}
    assert trains <= {name for each in full for name in each.asked}


def test_every_question_region_and_mutant_is_tried() -> None:
    every = all_trials(ROOT, False)
    count = {proof: sum(each.proof == proof for each in every) for proof in (ALONE, MUTANTS)}
    assert count == {ALONE: len(questions()), MUTANTS: len(all_mutants())}
    assert {each.name for each in every if each.proof == REGIONS} >= {"q6.mix", "q2.training"}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param({"q6_values": "passed", "q1_score": "not started"}, "", id="holds"),
        pytest.param({"q6_values": "failed"}, "q6.values failed", id="own-check-fails"),
        pytest.param(
            {"q6_values": "passed", "q1_score": "passed"}, "q1.score", id="another-passes"
        ),
        pytest.param(
            {"q6_values": "passed", "q7_block": "passed"}, "q7.block", id="a-later-passes"
        ),
    ],
)
def test_a_question_alone_must_pass_alone(found: dict[str, str], said: str) -> None:
    (question,) = (each for each in questions() if each.id == "q6")
    problem = trials._judge_alone(question)(outcomes(**found))
    assert said in problem
    assert bool(problem) == bool(said)


@pytest.mark.parametrize(
    ("found", "holds"),
    [
        pytest.param({"q6_values": "not started", "q6_layers": "passed"}, True, id="not-started"),
        pytest.param({"q6_values": "passed"}, False, id="nobody-notices"),
        pytest.param({"q6_values": "not started", "q6_layers": "crashed"}, False, id="crashed"),
    ],
)
def test_a_region_that_is_taken_out_must_be_noticed(found: dict[str, str], holds: bool) -> None:
    assert bool(trial(REGIONS, "q6.mix").judge(outcomes(**found))) != holds


def test_a_mutant_must_fail_exactly_what_it_names() -> None:
    mutant = all_mutants()[0]
    name = mutant.fails[0].replace(".", "_", 1)
    found = outcomes(**{name: "failed"})
    found[mutant.fails[0]]["mistake"] = mutant.mistake
    judge = trial(MUTANTS, f"{mutant.question} {mutant.name}").judge
    assert judge(found) == ""
    assert "should fail" in judge({**found, **outcomes(q1_other="failed")})
    assert "should fail" in judge(outcomes(**{name: "passed"}))
    found[mutant.fails[0]]["mistake"] = "another"
    assert "should name" in judge(found)


def test_a_check_without_a_mutant_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not trials.checks_without_a_mutant()
    monkeypatch.setattr(trials, "all_mutants", lambda: all_mutants()[1:1])
    assert len(trials.checks_without_a_mutant()) == len(trials._every_check())


def test_a_problem_ends_with_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verify, "_stubs", lambda root: ["the stubs earn 3"])
    monkeypatch.setattr(verify, "all_trials", lambda *_: [])
    assert not verify.verify(ROOT, full=False, jobs=1)
    printed = capsys.readouterr().out
    assert "- the stubs earn 3" in printed
    assert re.findall(r"^(\w+)  +1 ", printed, re.MULTILINE) == ["proved", "proved", "FAILED"]
    assert "Not proved" in printed


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_wrong_folder_is_told_by_the_graders(tmp_path: Path) -> None:
    """Through the real grading process: a stub is not the solution."""

    def make(folder: Path) -> Path:
        return trials.write(trials.homework(ROOT), folder)

    wrong = Trial(SOLUTION, "stubs", make, ("q6.layers",), trial(SOLUTION, "q6").judge)
    proofs = {SOLUTION: verify.Proof(SOLUTION)}
    verify._run([wrong], proofs, tmp_path, ROOT, jobs=1)
    assert proofs[SOLUTION].tried == 1
    assert "q6.layers not started" in proofs[SOLUTION].problems[0]


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(900)
def test_both_editions_are_proved() -> None:
    done = subprocess.run(
        # test_mutants.py goes through the mutants, in less time.
        [sys.executable, "-m", "handout", "verify", "--no-mutants"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
