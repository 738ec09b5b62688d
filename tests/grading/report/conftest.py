"""The reports' questions, in place of the real ones."""

import pytest

from grading.claims import Check, Claim
from grading.questions import Question
from tests.grading.report.reports import ended


@pytest.fixture(autouse=True)
def _questions_of_the_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    known = tuple(
        Question(
            question.id,
            question.title,
            tuple(
                Claim(check.id, check.claim, check.points, (), 1.0, (), False, Check)
                for check in question.checks
            ),
        )
        for question in ended().questions
    )
    monkeypatch.setattr("grading.questions.questions", lambda: known)
