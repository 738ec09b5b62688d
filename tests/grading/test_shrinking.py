from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grading.results import CheckResult, Feedback, Status
from grading.shrinking import SECONDS, TRIES, Sizes, with_smallest_case
from tests.grading.conftest import Examine
from tests.mutants import Mutant, all_mutants

FEEDBACK = Feedback(tried="23 words", think="Which axis?", mistake="a slip")
FAILED = CheckResult("q9.x", "a claim", 1, Status.FAILED, FEEDBACK, seconds=0.1)
TAKEN = {"B": 23, "T": 19, "C": 17}
LEAST = {"B": 1, "T": 2, "C": 3}


class Trials:
    """Runs a check that fails where a condition on its sizes holds."""

    def __init__(self, fails: Callable[[Sizes], bool], **differently: str) -> None:
        self.fails = fails
        self.feedback = Feedback(
            **{"tried": "fewer", "think": "Which axis?", "mistake": "a slip", **differently}
        )
        self.asked: list[dict[str, int]] = []

    def __call__(self, sizes: Sizes, seconds: float) -> CheckResult:
        assert 0 < seconds <= SECONDS
        self.asked.append(dict(sizes))
        status = Status.FAILED if self.fails(sizes) else Status.PASSED
        return CheckResult("q9.x", "a claim", 1, status, self.feedback)


def test_a_check_that_fails_at_every_size_is_told_at_the_smallest_after_one_try() -> None:
    trials = Trials(lambda _: True)
    found = with_smallest_case(FAILED, TAKEN, LEAST, trials)
    assert trials.asked == [LEAST]
    assert found.feedback.tried == "fewer"
    assert found.feedback.smallest == "failing case: B=1, T=2, C=3"


@pytest.mark.parametrize("needed", [pytest.param(n, id=str(n)) for n in (3, 4, 9, 18, 19)])
def test_the_one_size_that_matters_is_found(needed: int) -> None:
    found = with_smallest_case(FAILED, TAKEN, LEAST, Trials(lambda sizes: sizes["T"] >= needed))
    assert f"B=1, T={needed}, C=" in found.feedback.smallest


@pytest.mark.parametrize(
    "differently",
    [
        pytest.param({"mistake": "another slip"}, id="mistake"),
        pytest.param({"think": "Which sign?"}, id="question"),
    ],
)
def test_a_smaller_case_that_fails_in_another_way_does_not_count(
    differently: dict[str, str],
) -> None:
    trials = Trials(lambda _: True, **differently)
    found = with_smallest_case(FAILED, TAKEN, LEAST, trials)
    assert found.feedback.tried == FEEDBACK.tried
    assert found.feedback.smallest == "failing case: B=23, T=19, C=17"


def test_neither_tries_nor_time_are_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = Trials(lambda _: False)
    with_smallest_case(FAILED, {**TAKEN, "H": 23}, {**LEAST, "H": 1}, trials)
    assert len(trials.asked) == TRIES
    clock = iter(range(0, 100, 2))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    late = Trials(lambda _: False)
    with_smallest_case(FAILED, TAKEN, LEAST, late)
    assert late.asked == []


def test_whatever_is_found_the_outcome_stays() -> None:
    found = with_smallest_case(FAILED, TAKEN, LEAST, Trials(lambda _: True))
    assert (found.status, found.points, found.seconds) == (Status.FAILED, 1, 0.1)


def test_a_check_without_named_sizes_is_not_tried_again() -> None:
    trials = Trials(lambda _: True)
    assert with_smallest_case(FAILED, {}, {}, trials) == FAILED
    assert not trials.asked


def mutant(question: str, name: str) -> Mutant:
    (found,) = (each for each in all_mutants() if (each.question, each.name) == (question, name))
    return found


def test_a_student_reads_the_smallest_case(tmp_path: Path, examine: Examine) -> None:
    submission = mutant("q6", "not scaled").build(tmp_path / "hw")
    (check,) = examine(submission, "q6.values").checks
    assert check.feedback.smallest == "failing case: B=1, T=2, C=3"
    assert check.feedback.mistake == "not scaled"
    assert check.status is Status.FAILED


def test_a_crash_is_not_tried_again(tmp_path: Path, examine: Examine) -> None:
    submission = mutant("q6", "the mask is not cut to the sequence").build(tmp_path / "hw")
    (check,) = examine(submission, "q6.shapes").checks
    assert check.status is Status.CRASHED
    assert not check.feedback.smallest
