"""Sentence pairs that need no download: drawn words, and the same words in another language."""

from __future__ import annotations

import random

from data import Edition, Splits
from data.sentence_pairs import SentencePairs

EDITION = Edition("cs224n-a4", "synthetic pairs", "drawn by a test", "MIT (made here)")


def synthetic_pairs(train: int = 60, held_out: int = 40) -> Splits[SentencePairs]:
    """Splits under the name of an edition whose pass mark is known."""
    numbers = random.Random(0)

    def part(count: int) -> SentencePairs:
        drawn = [numbers.choices(range(200), k=numbers.randint(4, 12)) for _ in range(count)]
        source, target = ([[f"{it}{n}" for n in one] for one in drawn] for it in ("es", "en"))
        return SentencePairs(source, target)

    return Splits(part(train), part(held_out), part(held_out), EDITION)
