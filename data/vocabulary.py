"""The words of q4: common words that stand in the frequency list of one language only.

From wordfreq (Robyn Speer, https://github.com/rspeer/wordfreq): each of the five languages' large
lists, most frequent first, is cut down to words of 2 to 10 letters of the alphabet, with a vowel,
that no other of the five lists holds at any rank. Out of the `POOL` most frequent ones the order of
their sha256 sums chooses, so that every machine has the same words in the same splits.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence

from data.source import Contents
from data.splits import Edition, Splits
from data.words import LETTERS, LONGEST, Words, as_examples

CODES = ("en", "es", "fi", "nl", "pl")  # in the order of data.words.LANGUAGES
SHORTEST = 2
POOL = 10_000
SIZES = {"train": 3500, "validation": 100, "test": 100}  # words a language

WORD = re.compile(f"[{LETTERS}]{{{SHORTEST},{LONGEST}}}")
VOWEL = re.compile("[aeiouyáäèéêëíïóöúüąę]")  # what has none is an abbreviation


def from_wordfreq(_: Contents) -> tuple[bytes]:
    """The splits as JSON, ``{"train": [[words of the first language], …], …}``."""
    import wordfreq

    ranked = [list(wordfreq.iter_wordlist(code, wordlist="large")) for code in CODES]
    return (json.dumps(choose(ranked), ensure_ascii=False).encode(),)


def choose(ranked: Sequence[Sequence[str]], pool: int = POOL) -> dict[str, list[list[str]]]:
    """The words of each split and language.

    Args:
        ranked: every language's words, most frequent first.
        pool: how many of a language's most frequent fitting words to draw from.

    Returns:
        For each split a list of words for each language.
    """
    splits: dict[str, list[list[str]]] = {name: [] for name in SIZES}
    for language, words in enumerate(ranked):
        others = set().union(*(other for at, other in enumerate(ranked) if at != language))
        start = 0
        chosen = sorted(_fitting(words, others)[:pool], key=_sum)
        for name, size in SIZES.items():
            splits[name].append(chosen[start : start + size])
            start += size
    return splits


def read(edition: Edition, contents: Contents) -> Splits[Words]:
    """Words in five languages: train, validation and test."""
    (content,) = contents.values()
    splits = {name: as_examples(words) for name, words in json.loads(content).items()}
    return Splits(splits["train"], splits["validation"], splits["test"], edition)


def _fitting(words: Iterable[str], others: set[str]) -> list[str]:
    return [
        word for word in words if WORD.fullmatch(word) and VOWEL.search(word) and word not in others
    ]


def _sum(word: str) -> bytes:
    return hashlib.sha256(word.encode()).digest()
