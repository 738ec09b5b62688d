"""Every check can fail, and every usual slip fails exactly what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.questions import questions
from grading.results import Status
from tests.grading.conftest import Examine
from tests.mutants import Mutant, all_mutants

MUTANTS = all_mutants()


def first_of_its_check(mutant: Mutant) -> bool:
    """Whether it fails a check that none before it fails."""
    before = MUTANTS[: MUTANTS.index(mutant)]
    return not {name for one in before for name in one.fails}.issuperset(mutant.fails)


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(
            mutant,
            id=f"{mutant.question}-{mutant.name}",
            marks=[] if first_of_its_check(mutant) else [pytest.mark.slow],
        )
        for mutant in MUTANTS
    ],
)
def test_a_mutant_fails_exactly_the_checks_it_names(
    mutant: Mutant, tmp_path: Path, examine: Examine
) -> None:
    report = examine(mutant.build(tmp_path / "submission"), *_asked(mutant))
    outcomes = {check.id: check for check in report.checks}
    broken = {check.id for check in report.checks if check.status is not Status.PASSED}
    skipped = {check.id for check in report.checks if check.status is Status.SKIPPED}
    described = "\n".join(f"{check.id} {check.status}: {check.feedback}" for check in report.checks)
    assert broken - skipped == set(mutant.fails), described
    named = {outcomes[name].feedback.mistake for name in mutant.fails}
    assert not mutant.mistake or mutant.mistake in named, described
    assert not any(check.status is Status.GRADER_FAULT for check in report.checks), described


def _asked(mutant: Mutant) -> list[str]:
    """The question's checks, without training where the mutant is not about training."""
    (question,) = (one for one in questions() if one.id == mutant.question)
    return [claim.id for claim in question.checks if not claim.trains or claim.id in mutant.fails]


def test_every_check_has_a_mutant() -> None:
    every_check = {claim.id for question in questions() for claim in question.checks}
    assert every_check == {name for mutant in MUTANTS for name in mutant.fails}
