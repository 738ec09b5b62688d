"""BLEU as the examiner counts it: worked by hand, and against counting one by one."""

from __future__ import annotations

import math
import random

import pytest

from grading.checks._bleu import corpus_bleu


def words(text: str) -> list[str]:
    return text.split()


def test_a_sentence_by_hand() -> None:
    translation, reference = words("the cat sat on a mat"), words("the cat sat on the mat")
    precisions = [5 / 6, 3 / 5, 2 / 4, 1 / 3]  # of "the", once; on a; and so on
    assert corpus_bleu([translation], [reference]) == pytest.approx(
        100 * math.prod(precisions) ** 0.25
    )


def test_a_translation_that_is_too_short_pays_for_it() -> None:
    reference = words("one two three four five six")
    assert corpus_bleu([reference[:5]], [reference]) == pytest.approx(100 * math.exp(1 - 6 / 5))
    assert corpus_bleu([reference], [reference]) == pytest.approx(100)


def test_a_word_counts_as_often_as_in_the_reference() -> None:
    fours = [words("a a a a a a"), words("b c d e f")], [words("a x a a a a"), words("b c d e f")]
    precisions = [10 / 11, (3 + 4) / 9, (2 + 3) / 7, (1 + 2) / 5]
    assert corpus_bleu(*fours) == pytest.approx(100 * math.prod(precisions) ** 0.25)


def test_without_a_hit_it_is_zero() -> None:
    assert corpus_bleu([words("a b c")], [words("a b c")]) == 0  # there is no 4-gram
    assert corpus_bleu([words("")], [words("a b c d")]) == 0


def test_it_equals_counting_one_by_one() -> None:
    numbers = random.Random(0)
    for _ in range(200):
        pairs = [
            [numbers.choices("abc", k=numbers.randint(0, 9)) for _ in range(2)] for _ in range(5)
        ]
        translations, references = ([pair[side] for pair in pairs] for side in (0, 1))
        assert corpus_bleu(translations, references) == pytest.approx(
            counted(translations, references)
        )


def counted(translations: list[list[str]], references: list[list[str]]) -> float:
    logs = 0.0
    for size in (1, 2, 3, 4):
        hits = total = 0
        for translation, reference in zip(translations, references, strict=True):
            left = [reference[at : at + size] for at in range(len(reference) - size + 1)]
            grams = [translation[at : at + size] for at in range(len(translation) - size + 1)]
            total += max(1, len(grams))
            for gram in grams:
                if gram in left:
                    left.remove(gram)
                    hits += 1
        if not hits:
            return 0.0
        logs += math.log(hits / total) / 4
    mine, theirs = (sum(map(len, each)) for each in (translations, references))
    return 100 * math.exp(logs + min(0.0, 1 - theirs / mine))


def test_translations_and_references_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="1 translations, 2 references"):
        corpus_bleu([["a"]], [["a"], ["b"]])
