"""The reports' questions, in place of the real ones."""

import pytest

from tests.grading.report import reports


@pytest.fixture(autouse=True)
def _questions_of_the_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grading.questions.questions", reports.questions)
