"""Trainings that went the same way, and answers that are the same, under different names.

When is that evidence? A class is graded with one seed, so whoever has the same layers in the same
order, the same step size, batches and passes gets the same curve, bit for bit. Where an exercise
leaves no choice (a perceptron), all honest people are alike, and nothing follows. Where it leaves
the network and its training open, the same measurements again and again mean the same choices
throughout. So a curve tells something only if

- a few people share it, while others who trained have another;
- it says enough: several measurements with several different values, not all at 100 %;
- and where the seeds differ, it tells more: such training did not depend on the draw, so weights
  were loaded, or both have fixed the same seed of their own.

Weights never reach the examiner. Answers do where a homework asks for them as a file, as q11 does
for translations: thousands of sentences that agree are one training handed in twice, or two with
the same code and seed on the same machine. That it is evidence, and no proof, the page says.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom.fingerprints import few
from classroom.records import Mark
from grading.spellings import HOMEWORK_TEXTS

EARLY = 6  # measurements
DIFFERENT = 3  # values among them
LEAST_LINES = 20
Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Twins:
    """People whose trainings or answers are the same.

    Attributes:
        what: the check, or the file with the answers.
        people: who.
        said: what is the same, in a sentence.
    """

    what: str
    people: tuple[str, ...]
    said: str


def twin_curves(marks: Iterable[Mark], owner: Mapping[str, str]) -> list[Twins]:
    """Curves that a few people share and others do not.

    Args:
        marks: of the attempts that are looked at.
        owner: the person of each attempt.
    """
    curves: dict[str, list[tuple[str, Curve, Any]]] = defaultdict(list)
    for mark in marks:
        for check in mark.result.get("checks", []) if mark.handed_in in owner else []:
            curve = tuple((float(at), float(value)) for at, value in check.get("curve", []))
            if curve:
                seed = mark.run.get("seed")
                curves[str(check["id"])].append((owner[mark.handed_in], curve, seed))
    return [twins for check, each in sorted(curves.items()) for twins in _alike(check, each)]


def _alike(check: str, curves: list[tuple[str, Curve, Any]]) -> Iterator[Twins]:
    everybody = {who for who, _, _ in curves}
    groups: dict[Curve, list[tuple[str, Curve, Any]]] = defaultdict(list)
    for who, curve, seed in curves:
        if _says_enough(curve[:EARLY]):
            groups[curve[:EARLY]].append((who, curve, seed))
    for group in groups.values():
        people = {who for who, _, _ in group}
        if 1 < len(people) <= few(len(everybody)) and len(people) < len(everybody):
            yield Twins(check, tuple(sorted(people)), _in_words(group, len(everybody)))


def _says_enough(early: Curve) -> bool:
    return len(early) == EARLY and len({value for _, value in early}) >= DIFFERENT


def _in_words(group: list[tuple[str, Curve, Any]], everybody: int) -> str:
    lengths = {len(curve) for _, curve, _ in group}
    whole = len({curve for _, curve, _ in group}) == 1
    same = f"all {max(lengths)} measurements" if whole else f"the first {EARLY} measurements"
    seeds = {str(seed) for _, _, seed in group}
    drawn = (
        "although the seeds differ, so the training does not depend on the draw"
        if len(seeds) > 1
        else "with the same seed: the same layers, steps and batches in the same order"
    )
    others = everybody - len({who for who, _, _ in group})
    return f"{same} of the validation accuracy agree, {drawn}; {others} others differ"


def twin_answers(folders: Mapping[str, Path]) -> list[Twins]:
    """Files of answers that are the same.

    Args:
        folders: each person's unpacked submission.
    """
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    handed_in: dict[str, set[str]] = defaultdict(set)
    for who, folder in folders.items():
        for name in HOMEWORK_TEXTS:
            if (folder / name).is_file():
                lines = [line.strip() for line in (folder / name).read_bytes().split(b"\n")]
                handed_in[name].add(who)
                if len(set(lines)) >= LEAST_LINES:
                    groups[name, hashlib.sha256(b"\n".join(lines)).hexdigest()].add(who)
    return [
        Twins(
            name,
            tuple(sorted(people)),
            f"the same answers, line for line; {len(handed_in[name] - people)} others differ",
        )
        for (name, _), people in sorted(groups.items())
        if 1 < len(people) <= few(len(handed_in[name]))
    ]
