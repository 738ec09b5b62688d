"""What `verify` grades: folders, the checks asked of them, and what must come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.claims import Claim
from grading.questions import Question, questions
from grading.spellings import HOMEWORK_TEXTS
from handout.build import homework, write
from handout.matching import all_regions
from tests.mutants import Mutant, all_mutants

Outcomes = Mapping[str, Mapping[str, Any]]
"""Each check's id with its status, earned points, mistake and what it got."""

SOLUTION = "the solution passes every check"
ALONE = "one question filled in earns exactly its own points"
REGIONS = "each region taken out leaves a check of its question not started"
MUTANTS = "each mutant fails exactly the checks that it names"
PASSED, NOT_STARTED, SKIPPED, FAULT = "passed", "not started", "skipped", "grader fault"


@dataclass(frozen=True)
class Trial:
    """One folder to be graded.

    Attributes:
        proof: the sentence that it helps to prove.
        name: what is special about it, in a few words.
        make: writes the folder.
        asked: the checks to run.
        judge: takes the outcomes to what is wrong with them; "" if nothing is.
    """

    proof: str
    name: str
    make: Callable[[Path], Path]
    asked: tuple[str, ...]
    judge: Callable[[Outcomes], str]


def all_trials(root: Path, full: bool) -> list[Trial]:
    """Every trial; without `full`, no check trains to its end."""
    return [
        *_solution(root, full),
        *_questions_alone(root, full),
        *_regions_out(root),
        *map(_mutant, all_mutants()),
    ]


def _ids(claims: Iterable[Claim], full: bool) -> tuple[str, ...]:
    return tuple(claim.id for claim in claims if full or not claim.trains)


def _every_check() -> list[Claim]:
    return [claim for question in questions() for claim in question.checks]


def _folder(root: Path, keep: Iterable[str]) -> Callable[[Path], Path]:
    kept = tuple(keep)
    return lambda folder: write(homework(root, kept), folder)


def _whole_folder(root: Path, keep: Iterable[str]) -> Callable[[Path], Path]:
    """The same with the texts that a training has written, where one has run here."""
    texts = [name for name in HOMEWORK_TEXTS if (root / name).is_file()]
    written = {name: (root / name).read_bytes() for name in texts}
    kept = tuple(keep)
    return lambda folder: write(homework(root, kept) | written, folder)


def _solution(root: Path, full: bool) -> Iterator[Trial]:
    everything = [question.id for question in questions()]
    for question in questions():
        asked = _ids(question.checks, full)
        make = _whole_folder(root, everything)
        yield Trial(SOLUTION, question.id, make, asked, lambda found: _all(found, PASSED))


def _questions_alone(root: Path, full: bool) -> Iterator[Trial]:
    for question in questions():
        # Stubs end at once, so a check that trains may always be asked of the other questions.
        asked = tuple(
            claim.id
            for claim in _every_check()
            if full or not claim.trains or claim.question != question.id
        )
        make = _folder(root, (question.id,))
        yield Trial(ALONE, question.id, make, asked, _judge_alone(question))


def _judge_alone(question: Question) -> Callable[[Outcomes], str]:
    own = {claim.id for claim in question.checks}

    def judge(found: Outcomes) -> str:
        inside = {name: found[name] for name in found if name in own}
        outside = {name: found[name] for name in found if name not in own}
        return _all(inside, PASSED) or _all(outside, NOT_STARTED)

    return judge


def _regions_out(root: Path) -> Iterator[Trial]:
    regions = all_regions(root)
    for region in regions:
        make = _folder(root, [other.id for other in regions if other is not region])
        (question,) = (each for each in questions() if each.id == region.question)
        # Training that is taken out ends at once; other regions are judged without training.
        asked = _ids(question.checks, full=region.file.startswith("train"))
        yield Trial(REGIONS, region.id, make, asked, _judge_region)


def _judge_region(found: Outcomes) -> str:
    statuses = {outcome["status"] for outcome in found.values()}
    if NOT_STARTED not in statuses:
        return "no check is not started: " + _described(found)
    return "" if statuses <= {PASSED, NOT_STARTED} else _described(found)


def _mutant(mutant: Mutant) -> Trial:
    (question,) = (each for each in questions() if each.id == mutant.question)
    asked = tuple(c.id for c in question.checks if not c.trains or c.id in mutant.fails)
    name = f"{mutant.question} {mutant.name}"
    return Trial(MUTANTS, name, mutant.build, asked, lambda found: _judge_mutant(mutant, found))


def _judge_mutant(mutant: Mutant, found: Outcomes) -> str:
    broken = {name for name, one in found.items() if one["status"] not in (PASSED, SKIPPED)}
    if broken != set(mutant.fails):
        return f"should fail {', '.join(mutant.fails)}: " + _described(found)
    if any(outcome["status"] == FAULT for outcome in found.values()):
        return _described(found)
    named = {found[name]["mistake"] for name in mutant.fails}
    if mutant.mistake and mutant.mistake not in named:
        return f"the feedback should name {mutant.mistake!r}, got {sorted(named)}"
    return ""


def _all(found: Outcomes, status: str) -> str:
    others = {name: one for name, one in found.items() if one["status"] != status}
    return f"should be {status}: {_described(others)}" if others else ""


def _described(found: Outcomes) -> str:
    return "; ".join(
        f"{name} {one['status']}" + (f" ({one['got']})" if one["got"] else "")
        for name, one in found.items()
    )


def checks_without_a_mutant() -> list[str]:
    """The checks that no mutant names."""
    named = {name for mutant in all_mutants() for name in mutant.fails}
    return [claim.id for claim in _every_check() if claim.id not in named]
