"""The questions and their checks, in printed order, and how a request selects among them."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grading.claims import REGISTRY, Claim
from grading.options import UsageError

TITLES = {
    "q1": "Perceptron",
    "q2": "Non-linear regression",
    "q3": "Digit classification",
    "q4": "Language identification",
    "q5": "Convolution",
    "q6": "Attention",
    "q7": "Character GPT (for fun)",
    "q8": "A network from scratch",
    "q9": "Learning by hand",
    "q10": "A recurrent language model",
    "q11": "Spanish-English translation",
}

# Each homework has a folder of its name in courses/; the first that is there is graded unless
# something else is asked for.
HOMEWORKS = {
    "machine_learning": ("q1", "q2", "q3", "q4", "q5", "q6", "q7"),
    "mlp_from_scratch": ("q8", "q9"),
    "recurrent_lm": ("q10",),
    "translation": ("q11",),
}
EVERYTHING = "all"
COURSES = Path(__file__).resolve().parents[1] / "courses"


@dataclass(frozen=True)
class Question:
    """A question and its checks."""

    id: str
    title: str
    checks: tuple[Claim, ...]

    @property
    def points(self) -> int:
        """What its checks are worth together."""
        return sum(claim.points for claim in self.checks)


@lru_cache(maxsize=1)
def questions() -> tuple[Question, ...]:
    """All questions; the first call imports the checks, and torch with them.

    Raises:
        UsageError: if the file of rules says something that has no meaning.
    """
    from grading import checks
    from grading.rules import PATH, load_rules

    load_rules(PATH)

    names = sorted(found.name for found in pkgutil.iter_modules(checks.__path__))
    for module in (name for name in names if not name.startswith("_")):
        importlib.import_module(f"grading.checks.{module}")
    return tuple(
        Question(id, title, tuple(c for c in REGISTRY.values() if c.question == id))
        for id, title in TITLES.items()  # noqa: A001 - the field's name
        if any(c.question == id for c in REGISTRY.values())
    )


def select(asked: tuple[str, ...]) -> tuple[list[Question], list[str]]:
    """Choose the checks of a request.

    Args:
        asked: ids of questions and checks, names of homeworks, or "all"; empty means the first
            homework of this edition.

    Returns:
        The chosen questions with only their chosen checks, and the ids of checks that those
        stand on but which were not asked for (they are assumed to pass).

    Raises:
        UsageError: if an id is unknown; the message lists the known ones.
    """
    everything = questions()
    known = {question.id for question in everything} | set(REGISTRY) | {EVERYTHING, *HOMEWORKS}
    for wanted in asked:
        if wanted not in known:
            raise UsageError(_unknown(wanted, everything))
    ids = set(asked or (first_homework(),))
    for name in ids & {EVERYTHING, *HOMEWORKS}:
        ids |= set(HOMEWORKS.get(name, TITLES))
    chosen = []
    for question in everything:
        claims = tuple(claim for claim in question.checks if question.id in ids or claim.id in ids)
        if claims:
            chosen.append(Question(question.id, question.title, claims))
    return chosen, _assumed([claim for question in chosen for claim in question.checks])


def first_homework() -> str:
    """The homework that is graded where none is named: the first whose folder is there."""
    there = (name for name in HOMEWORKS if (COURSES / name).is_dir())
    return next(there, EVERYTHING)


def _assumed(claims: list[Claim]) -> list[str]:
    """What the chosen checks stand on, directly or not, without being chosen themselves."""
    chosen = {claim.id for claim in claims}
    open_ends = [rung for claim in claims for rung in claim.after]
    found: set[str] = set()
    while open_ends:
        rung = open_ends.pop()
        if rung not in found:
            found.add(rung)
            open_ends += REGISTRY[rung].after
    return [id for id in REGISTRY if id in found - chosen]  # noqa: A001


def _unknown(wanted: str, everything: tuple[Question, ...]) -> str:
    """Say what is known: the checks of a known question, or all questions."""
    for question in everything:
        if wanted.startswith(f"{question.id}."):
            return f"there is no check {wanted}; {question.id} has " + ", ".join(
                claim.id for claim in question.checks
            )
    names = ", ".join([*(q.id for q in everything), *HOMEWORKS, EVERYTHING])
    return f"there is no question {wanted}; there are {names}"
