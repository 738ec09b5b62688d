"""Corpus BLEU with one reference for each translation, counted as the homework counts it: by NLTK.

Source: K. Papineni et al. (2002), https://aclanthology.org/P02-1040. A translation that is too
short to have any n-gram counts as one miss, as in NLTK; a precision of 0 makes BLEU 0.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

LONGEST_GRAM = 4
Words = Sequence[str]


def corpus_bleu(translations: Sequence[Words], references: Sequence[Words]) -> float:
    """How close translations are to their references, from 0 to 100.

    Raises:
        ValueError: if there are not equally many, or none.
    """
    if not translations or len(translations) != len(references):
        raise ValueError(f"{len(translations)} translations, {len(references)} references")
    matches, totals = [0] * LONGEST_GRAM, [0] * LONGEST_GRAM
    for translation, reference in zip(translations, references, strict=True):
        for size in range(1, LONGEST_GRAM + 1):
            mine, theirs = _grams(translation, size), _grams(reference, size)
            matches[size - 1] += (mine & theirs).total()
            totals[size - 1] += max(1, mine.total())
    if 0 in matches:
        return 0.0
    mine_long, theirs_long = (sum(map(len, each)) for each in (translations, references))
    brevity = min(0.0, 1 - theirs_long / mine_long)
    logs = [math.log(hit / all_) for hit, all_ in zip(matches, totals, strict=True)]
    return 100 * math.exp(brevity + sum(logs) / LONGEST_GRAM)


def _grams(words: Words, size: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[start:] for start in range(size)), strict=False))
