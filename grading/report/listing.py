"""``--list``: the questions and their checks, and which of them a user can have meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from grading.report.text import counted, paragraph


class ListedCheck(Protocol):
    """What a listing reads of a check."""

    @property
    def id(self) -> str:
        """For instance ``q6.causal``."""

    @property
    def claim(self) -> str:
        """The sentence that it tests."""

    @property
    def points(self) -> int:
        """What it is worth."""


class ListedQuestion(Protocol):
    """What a listing reads of a question."""

    @property
    def id(self) -> str:
        """For instance ``q6``."""

    @property
    def title(self) -> str:
        """For instance ``Attention``."""

    @property
    def checks(self) -> Sequence[ListedCheck]:
        """In their printed order."""


def worth(question: ListedQuestion) -> int:
    """What the question's checks are worth together."""
    return sum(check.points for check in question.checks)


def list_questions(questions: Sequence[ListedQuestion]) -> str:
    """Every question with its checks below it."""
    lines: list[str] = []
    for question in questions:
        points = worth(question)
        lines.append(
            f"{question.id}  {question.title} "
            f"({counted(points, 'point') if points else 'for fun, no points'})"
        )
        wide = max((len(check.id) for check in question.checks), default=0)
        for check in question.checks:
            opening = f"    {check.id.ljust(wide)}  {check.points}  "
            lines += paragraph(check.claim, opening, " " * len(opening))
        lines.append("")
    total = sum(map(worth, questions))
    return "\n".join([*lines, f"{counted(total, 'point')} in all. Run one: -q q3, or -q q6.causal"])
