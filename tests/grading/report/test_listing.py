from dataclasses import dataclass

from grading.report.listing import list_questions


@dataclass(frozen=True)
class Check:
    id: str
    claim: str
    points: int


@dataclass(frozen=True)
class Question:
    id: str
    title: str
    checks: tuple[Check, ...]


QUESTIONS = (
    Question("q6", "Attention", (Check("q6.a", "One.", 1), Check("q6.causal", "Two " * 40, 1))),
    Question("q7", "Character GPT", (Check("q7.a", "Three.", 0),)),
)


def test_every_check_is_listed_with_its_points() -> None:
    lines = list_questions(QUESTIONS).split("\n")
    assert lines[0] == "q6  Attention (2 points)"
    assert lines[1] == "    q6.a       1  One."
    assert lines[2].startswith("    q6.causal  1  Two Two")
    assert "q7  Character GPT (for fun, no points)" in lines
    assert lines[-1].startswith("2 points in all.")


def test_long_claims_are_wrapped() -> None:
    assert max(map(len, list_questions(QUESTIONS).split("\n"))) <= 100
