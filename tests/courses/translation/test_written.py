"""The worked answers hold what the code computes."""

import math
import re
from collections import Counter
from pathlib import Path

import pytest
import torch

from courses.translation import bleu
from models import NMT, Vocab

COURSE = Path(__file__).resolve().parents[3] / "courses/translation"
WRITTEN = " ".join((COURSE / "WRITTEN.md").read_text(encoding="utf-8").split())
ROW = re.compile(r"\| (c\d) \| (r[^|]+) \| ([^|]+) \| ([^|]+) " + r"\| (\S+) " * 6 + r"\|")
NUMBER = re.compile(r"(?<![\w.])\d+\.\d{4}(?!\d)")


def ngrams(sentence, n):
    words = sentence.split()
    return Counter(" ".join(words[at : at + n]) for at in range(len(words) - n + 1))


def numbered(letter, sentences):
    return {f"{letter}{number}": sentence for number, sentence in enumerate(sentences, 1)}


def rows():
    return [match.groups() for match in ROW.finditer(WRITTEN)]


def test_both_candidates_are_measured_with_both_references_and_with_one():
    assert [row[:2] for row in rows()] == [
        ("c1", "r1, r2"),
        ("c2", "r1, r2"),
        ("c1", "r1"),
        ("c2", "r1"),
    ]


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row[0]} by {row[1]}") for row in rows()])
def test_bleu_by_hand_is_bleu_by_the_program(row):
    candidate = numbered("c", bleu.CANDIDATES)[row[0]]
    references = [numbered("r", bleu.REFERENCES)[name] for name in row[1].split(", ")]
    found = bleu.sentence_bleu(candidate.split(), [each.split() for each in references], (0.5, 0.5))
    for n, listed in ((1, row[2]), (2, row[3])):
        allowed = Counter()
        for reference in references:
            allowed |= ngrams(reference, n)
        matches = sorted((ngrams(candidate, n) & allowed).elements())
        assert listed == ", ".join(matches)
        assert found.precisions[n - 1].matches == len(matches)
    assert row[4:6] == tuple(f"{matches}/{total}" for matches, total in found.precisions)
    assert row[6:8] == (str(found.candidate_length), str(found.reference_length))
    assert row[8:] == (f"{found.brevity_penalty:.4f}", f"{found.score:.4f}")


def test_the_verdicts_are_those_of_the_numbers():
    first, second, alone, beside = (float(row[-1]) for row in rows())
    assert second > first
    assert alone > beside
    assert f"fell from {second:.4f} to {beside:.4f}" in WRITTEN


def test_every_long_number_is_one_of_these():
    known = {cell for row in rows() for cell in row} | {without_a_mask()}
    assert set(NUMBER.findall(WRITTEN)) <= known


def without_a_mask():
    weights = torch.softmax(torch.tensor([2.0, 1, 0, 0, 0]), dim=0)
    return f"{weights[2:].sum():.4f}"


def test_padding_takes_weight_without_a_mask():
    assert f"three padding words together take {without_a_mask()} of the weight" in WRITTEN


def test_the_parameters_of_the_attentions_are_the_models():
    counts = {}
    for attention in ("dot", "multiplicative", "additive"):
        model = NMT(3, 256, Vocab.build([["a"]], [["b"]], 9, 1), attention=attention)
        parts = [model.att_projection, model.additive_score or torch.nn.Identity()]
        counts[attention] = sum(it.numel() for part in parts for it in part.parameters())
    assert counts["dot"] == 0
    assert f"$W$ takes {counts['multiplicative']:,} parameters" in WRITTEN
    assert f"{counts['additive']:,} parameters in $W_1$, $W_2$ and $v$" in WRITTEN
    assert model.encoder.hidden_size * 2 == 512


def test_hectares_are_acres():
    acre = 4046.8564224  # square metres
    assert f"100,000 hectares are {100_000 * 10_000 / acre:,.0f} acres" in WRITTEN


def test_the_brevity_penalty_is_worked_out():
    assert rf"\exp(1 - 6/5) = {math.exp(1 - 6 / 5):.4f}" in WRITTEN
