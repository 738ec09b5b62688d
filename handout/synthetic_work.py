"""What a synthetic student writes, and which checks it passes, known without grading it.

The solution passes every check, the stubs none, and no question needs the student's work on another
(`handout verify` proves the three). What a missing region costs stands in `NEEDED_BY`; what a slip
costs stands in the mutant's own table. A check whose rung is broken is skipped. Nothing else is
handed in here, so nothing is left to guess.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grading.claims import Claim
from grading.questions import Question, questions
from grading.shipping import names_used
from handout.build import homework
from handout.matching import all_regions
from handout.regions import Region, stub_source
from tests.cheats import TOLD, Cheat, all_cheats
from tests.mutants import Mutant, all_mutants

NEEDED_BY = {
    "q1.weights": ("q1.weights",),
    "q1.score": ("q1.score", "q1.update", "q1.learns"),
    "q1.prediction": ("q1.prediction", "q1.update", "q1.learns"),
    "q1.training": ("q1.update", "q1.learns"),
    "q2.layers": ("q2.shape",),
    "q2.predict": ("q2.shape",),
    "q2.loss": ("q2.loss", "q2.gradient", "q2.learns"),
    "q2.training": ("q2.learns",),
    "q5.convolve": ("q5.shape", "q5.model"),
    "q5.layers": ("q5.model",),
    "q5.scores": ("q5.model",),
    "q5.loss": ("q5.loss", "q5.learns"),
    "q5.training": ("q5.learns",),
    "q6.scores": ("q6.layers",),
    "q6.mix": ("q6.layers",),
}
"""The checks that call a region's code; what stands on them is skipped."""

# Where code that never ends, or takes all memory, is met once and by a check with a short limit.
FIRST_MET = {"q6": "q6.mix", "q1": "q1.weights", "q2": "q2.layers", "q5": "q5.layers"}
ENDLESS = "while True:\n{indent}    pass"
HUNGRY = 'return [bytearray(b"x" * (1 << 28)) for _ in range(24)]'  # 6 GiB, all written to

# Kinds of cheats that harm nobody at any level of isolation, and end by themselves.
HARMLESS = ("answers", "frames", "patches")
SLOW = frozenset({"frames/half_a_frame", "frames/never_reads"})
NOWHERE = "/nonexistent"
PLACE = {
    **dict.fromkeys(("ROOT", "OUTSIDE", "RESULTS", "UNIX"), NOWHERE),
    **dict.fromkeys(("ABSTRACT", "MARK"), "nobody"),
    **dict.fromkeys(("PORT", "LISTEN"), 9),
}
MARKER = re.compile(r"^[ \t]*# (?:BEGIN|END) SOLUTION q[^\n]*\n", re.MULTILINE)


@dataclass(frozen=True)
class Work:
    """What is handed in.

    Attributes:
        about: what is special about it, in a few words.
        files: paths with their contents.
        passes: the checks that it passes.
    """

    about: str
    files: dict[str, bytes] = field(repr=False)
    passes: frozenset[str] = frozenset()


def fallen(checks: Iterable[Claim], broken: Iterable[str]) -> frozenset[str]:
    """The checks that do not pass: the broken ones, and all that stands on them."""
    found = set(broken)
    for check in checks:  # declared after what they stand on
        if found & set(check.after):
            found.add(check.id)
    return frozenset(found)


class Desk:
    """Where submissions for some questions are written.

    Args:
        root: of the repository, with its tests.
        chosen: the questions of the class with the checks that count; other questions are always
            solved.
        draw: makes every choice.
    """

    def __init__(self, root: Path, chosen: Sequence[Question], draw: random.Random) -> None:
        self.root, self.draw = root, draw
        self.asked = tuple(question.id for question in chosen)
        self.chosen = [check for question in chosen for check in question.checks]
        self.checks = [c for q in questions() if q.id in self.asked for c in q.checks]
        self.regions = {region.id: region for region in all_regions(root)}
        solved = {region.question for region in self.regions.values()}
        self.solution = homework(root, solved)
        self.stubs = homework(root)
        self.mutants = [mutant for mutant in all_mutants() if self._is_certain(mutant)]
        self.cheats = [cheat for cheat in all_cheats() if self._earns_nothing(cheat)]

    def good(self) -> Work:
        """Everything solved."""
        return self._work("all of it", self.solution, ())

    def stub(self) -> Work:
        """Nothing solved."""
        return Work("the stubs", dict(self.stubs))

    def partial(self) -> Work:
        """At least one region of the asked questions is not solved, and seldom all."""
        choices = [self._gaps(question) for question in self.asked]
        count = self.draw.randint(1, min(2, len(choices)))
        missing = [name for gaps in self.draw.sample(choices, count) for name in gaps]
        broken = [check for name in missing for check in self._lost_with(name)]
        return self._work(f"without {' '.join(missing)}", self._without(missing), broken)

    def mistake(self) -> Work:
        """One slip, in one question.

        Raises:
            LookupError: if no mutant of the asked questions is certain to fail what it names.
        """
        mutant = self._one_of(self.mutants, "mutant")
        edits = [(mutant.file, *edit) for edit in mutant.edits]
        changed: dict[str, str] = {}
        for file, old, new in (*edits, *mutant.also):
            text = changed.get(file) or (self.root / file).read_text(encoding="utf-8")
            changed[file] = text.replace(old, new)
        files = {path: MARKER.sub("", text).encode() for path, text in changed.items()}
        return self._work(f"{mutant.question}: {mutant.name}", self.solution | files, mutant.fails)

    def endless(self) -> Work:
        """Code that never ends; it costs one check's time limit."""
        return self._with_bomb("an endless loop", ENDLESS)

    def hungry(self) -> Work:
        """Code that takes more memory than a worker may have."""
        return self._with_bomb("a memory bomb", HUNGRY)

    def cheat(self) -> Work:
        """A cheat of the corpus, one that needs no guards; it does not solve anything.

        Raises:
            LookupError: if no cheat is certain to earn nothing in the asked questions.
        """
        cheat = self._one_of(self.cheats, "cheat")
        told = TOLD.read_text(encoding="utf-8")
        told += "\n" + "".join(f"{name} = {value!r}\n" for name, value in PLACE.items())
        return Work(cheat.name, {cheat.file: cheat.path.read_bytes(), "told.py": told.encode()})

    def _one_of(self, choices: list[Mutant] | list[Cheat], what: str) -> Any:
        if not choices:
            raise LookupError(f"no {what} is certain in {', '.join(self.asked)}")
        return self.draw.choice(choices)

    def _work(self, about: str, files: dict[str, bytes], broken: Iterable[str]) -> Work:
        lost = fallen(self.checks, broken)
        passes = frozenset(check.id for check in self.checks if check.id not in lost)
        return Work(about, dict(files), passes)

    def _gaps(self, question: str) -> list[str]:
        """Regions of a question to leave out: one whose cost is known, or all."""
        own = [name for name, region in self.regions.items() if region.question == question]
        known = [name for name in own if name in NEEDED_BY]
        return [self.draw.choice(known)] if known else own

    def _lost_with(self, region: str) -> tuple[str, ...]:
        """The checks that a region is needed by; without a table, all of its question."""
        question = region.partition(".")[0]
        every = tuple(check.id for check in self.checks if check.question == question)
        return NEEDED_BY.get(region, every)

    def _without(self, missing: Iterable[str]) -> dict[str, bytes]:
        """The solution but for some regions."""
        missing = set(missing)
        kept = [name for name in self.regions if name not in missing]
        files = {self.regions[name].file for name in missing}
        return self.solution | {file: self._stubbed(file, kept).encode() for file in files}

    def _stubbed(self, file: str, kept: list[str]) -> str:
        return stub_source((self.root / file).read_text(encoding="utf-8"), file, kept)

    def _with_bomb(self, about: str, code: str) -> Work:
        known = [name for question, name in FIRST_MET.items() if question in self.asked]
        others = [r.id for r in self.regions.values() if r.question in self.asked]
        region = self.regions[(known or others)[0]]
        files = self._without([region.id])
        text = files[region.file].decode()
        files[region.file] = _armed(text, region, code).encode()
        return self._work(f"{about} in {region.id}", files, self._lost_with(region.id))

    def _is_certain(self, mutant: Mutant) -> bool:
        """Whether the outcome of every check that counts is known.

        A mutant's table is silent about training that it does not name, and about checks that were
        skipped: where the broken rung does not count, they are asked all the same.
        """
        if type(mutant) is not Mutant or mutant.question not in self.asked:
            return False
        lost = fallen(self.checks, mutant.fails)
        counted = {check.id for check in self.chosen}
        told = fallen(self.chosen, counted & set(mutant.fails))
        own = [check for check in self.chosen if check.question == mutant.question]
        return lost & counted <= told and all(c.id in lost for c in own if c.trains)

    def _earns_nothing(self, cheat: Cheat) -> bool:
        """Whether it was made to earn nothing wherever the class's questions give points."""
        if cheat.kind not in HARMLESS or cheat.name in SLOW:
            return False
        at_stake = [c for c in self.chosen if c.points and c.id not in cheat.checks]
        text = cheat.path.read_text(encoding="utf-8")
        return not any(name in text for check in at_stake for _, name in names_used(check))


def _armed(text: str, region: Region, code: str) -> str:
    """A stub's text with other code where it says that it is not written."""
    pattern = re.compile(rf'^(?P<indent> *)raise NotImplementedError\("{region.id}:[^\n]*', re.M)
    (found,) = pattern.finditer(text)
    indent = found["indent"]
    return text[: found.start()] + indent + code.format(indent=indent) + text[found.end() :]
