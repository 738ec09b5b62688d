"""BLEU from two programs, compared with the one by hand."""

import random

import pytest

from courses.translation.bleu import corpus_bleu
from courses.translation.scoring import score

SENTENCES = [["one", "two", "three", "four", "five"], ["six", "seven", "eight", "nine"]]


def test_what_equals_its_reference_has_100():
    scores = score(SENTENCES, SENTENCES)
    assert scores.nltk == pytest.approx(100)
    assert scores.sacrebleu == pytest.approx(100)
    assert "|tok:none|" in scores.signature


def test_all_three_ways_agree_on_long_sentences():
    draw = random.Random(0)
    references = [draw.choices("abcde", k=draw.randint(8, 20)) for _ in range(40)]
    # One word in ten is replaced, and some sentences lack their end.
    changed = [[it if draw.random() < 0.9 else "x" for it in words] for words in references]
    translations = [words[: len(words) - draw.randint(0, 2)] for words in changed]
    scores = score(translations, references)
    by_hand = 100 * corpus_bleu(translations, [[it] for it in references]).score
    assert 40 < by_hand < 95
    assert scores.nltk == pytest.approx(by_hand, abs=1e-6)
    assert scores.sacrebleu == pytest.approx(by_hand, abs=1e-6)


def test_nothing_in_common_is_0_without_a_warning():
    scores = score([["x"] * 5, []], SENTENCES)
    assert scores.nltk == pytest.approx(0, abs=1e-6)
    assert scores.sacrebleu == pytest.approx(0, abs=1e-6)


def test_the_lines_end_with_the_homeworks_number():
    first, last = str(score(SENTENCES, SENTENCES)).splitlines()
    assert first.startswith("sacrebleu: 100.00 (nrefs:1|")
    assert last == "Corpus BLEU: 100.0000"


def test_as_many_references_are_needed():
    with pytest.raises(ValueError, match="2 translations but 1 references"):
        score(SENTENCES, SENTENCES[:1])
