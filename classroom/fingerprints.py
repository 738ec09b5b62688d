"""Who has written the same code as whom, by winnowing (copydetect), question by question.

Names, comments and spaces do not count. What everybody was given is taken out first, and so is
what more people share than a few: an exercise that leaves little choice makes honest people alike,
so a passage tells of two people only where most have written something else. Whoever has the same
code as many still shows up, as a group.

Source: S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting" (2003).
"""

from __future__ import annotations

import io
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from classroom.passages import Passage

NOISE = 25  # signs of the simplified code; a shorter match is chance
LEAST = 3 * NOISE  # signs of its own that a text must have to be compared
ALIKE = 0.5  # of either text; below this a pair is not shown
FEW_PEOPLE, FEW_SHARE = 3, 0.1
Slices = list[tuple[int, int]]


@dataclass(frozen=True)
class Text:
    """One person's code for one question.

    Attributes:
        who: whose it is; what an older year's is called.
        older: whether it is from another year.
        passages: where it stands.
    """

    who: str
    older: bool
    passages: tuple[Passage, ...]

    @property
    def code(self) -> str:
        """All of it."""
        return "\n".join(passage.text for passage in self.passages)


@dataclass(frozen=True)
class Pair:
    """Two texts that are alike.

    Attributes:
        question: of which.
        left: one of this year's.
        right: another.
        shares: of each text's own signs, how many stand in the other.
        slices: where, in each text's code.
    """

    question: str
    left: Text
    right: Text
    shares: tuple[float, float]
    slices: tuple[Slices, Slices]

    @property
    def likeness(self) -> float:
        """The larger share: somebody may have copied a part."""
        return max(self.shares)


@dataclass(frozen=True)
class Group:
    """People whose code for a question is the same but for names, comments and spaces.

    Attributes:
        question: of which.
        people: who.
        many: whether they are more than a few of those who solved it.
    """

    question: str
    people: tuple[str, ...]
    many: bool


def few(people: int) -> int:
    """How many may share a passage for it to tell something of them."""
    return max(FEW_PEOPLE, math.ceil(FEW_SHARE * people))


def compare(
    question: str, texts: Sequence[Text], given: Iterable[Passage]
) -> tuple[list[Pair], list[Group]]:
    """Every two texts of a question that are alike, and the groups that are the same.

    The first of a group stands for all of it.

    Raises:
        ModuleNotFoundError: if copydetect is not installed.
    """
    known = _fingerprint("\n".join(passage.text for passage in given)).hashes
    prints = _prints(texts, known)
    same: dict[str, list[Text]] = defaultdict(list)
    for text, each in prints:
        if not text.older:
            same[each.filtered_code].append(text)
    most = few(len({text.who for text, _ in prints if not text.older}))
    spread = Counter(mark for hashes in _by_person(prints).values() for mark in hashes)
    common = {mark for mark, count in spread.items() if count > most}
    distinct = {(text.older, each.filtered_code): (text, each) for text, each in reversed(prints)}
    own = [(text, each.without(common)) for text, each in reversed(distinct.values())]
    own = [(text, each) for text, each in own if each.token_coverage >= LEAST]
    pairs = [*_pairs(question, own), *_first_two(question, own, same)]
    return (
        sorted((pair for pair in pairs if pair.likeness >= ALIKE), key=lambda p: -p.likeness),
        list(_groups(question, same.values(), most)),
    )


def _prints(texts: Iterable[Text], known: set[int]) -> list[tuple[Text, Fingerprint]]:
    """The texts that hold enough of their own, each with its fingerprint; equal ones share one."""
    found: dict[str, Fingerprint] = {}
    for text in texts:
        if text.code not in found:
            found[text.code] = _fingerprint(text.code).without(known)
    prints = [(text, found[text.code]) for text in texts]
    return [(text, each) for text, each in prints if each.token_coverage >= LEAST]


class Fingerprint:
    """copydetect's fingerprint of a text, from which marks can be taken out.

    The library's own way to leave out what is given takes out all that repeats as well.

    Args:
        whole: the library's.
        left: the marks that are left; None for all.
    """

    def __init__(self, whole: Any, left: set[int] | None = None) -> None:
        from copydetect.utils import get_token_coverage

        self.whole = whole
        self.hashes: set[int] = whole.hashes if left is None else left
        self.hash_idx = {mark: whole.hash_idx[mark] for mark in self.hashes}
        self.filtered_code: str = whole.filtered_code
        self.offsets, self.k = whole.offsets, NOISE
        self.token_coverage = get_token_coverage(self.hash_idx, NOISE, len(self.filtered_code))

    def without(self, marks: set[int]) -> Fingerprint:
        """The same but for some marks."""
        return Fingerprint(self.whole, self.hashes - marks)


def _fingerprint(code: str) -> Fingerprint:
    from copydetect import CodeFingerprint
    from numpy import maximum

    found = CodeFingerprint("code.py", NOISE, 1, fp=io.StringIO(code), language="python")
    if len(found.offsets):
        # They only ever grow; the library lets them fall back at the name of a class.
        found.offsets[:, 1] = maximum.accumulate(found.offsets[:, 1])
    return Fingerprint(found)


def _by_person(prints: Iterable[tuple[Text, Fingerprint]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for text, each in prints:
        if not text.older:
            found[text.who] |= each.hashes
    return found


def _groups(question: str, same: Iterable[list[Text]], most: int) -> Iterator[Group]:
    for texts in same:
        people = sorted({text.who for text in texts})
        if len(people) > 1:
            yield Group(question, tuple(people), len(people) > most)


def _pairs(question: str, prints: Sequence[tuple[Text, Fingerprint]]) -> Iterator[Pair]:
    for (left, one), (right, other) in combinations(prints, 2):
        if (left.older and right.older) or left.who == right.who:
            continue
        # Counting is cheap; where few marks are shared, nothing needs to be looked up.
        least = min(len(one.hashes), len(other.hashes))
        if len(one.hashes & other.hashes) >= ALIKE / 2 * least:
            yield _pair(question, *((right, other), (left, one))[:: 1 if left.older else -1])


def _first_two(
    question: str, prints: Iterable[tuple[Text, Fingerprint]], same: Mapping[str, list[Text]]
) -> Iterator[Pair]:
    """The first two people of each group whose text is not what many have."""
    for text, each in prints:
        twins = [it for it in same[each.filtered_code] if it.who != text.who]
        if twins and not text.older:
            yield _pair(question, (text, each), (twins[0], each))


def _pair(question: str, one: tuple[Text, Fingerprint], other: tuple[Text, Fingerprint]) -> Pair:
    from copydetect import compare_files

    _, shares, slices = compare_files(one[1], other[1])
    return Pair(
        question,
        one[0],
        other[0],
        (min(1.0, float(shares[0])), min(1.0, float(shares[1]))),
        (_merged(slices[0], len(one[0].code)), _merged(slices[1], len(other[0].code))),
    )


def _merged(slices: Any, length: int) -> Slices:
    """Ranges in order, that neither overlap nor end outside."""
    found: Slices = []
    if len(slices) < 2:
        return found
    for start, end in sorted(zip(slices[0].tolist(), slices[1].tolist(), strict=True)):
        begin, stop = max(0, int(start)), min(length, int(end))
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        elif begin < stop:
            found.append((begin, stop))
    return found
