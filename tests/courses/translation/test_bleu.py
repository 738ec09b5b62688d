"""BLEU by hand: the homework's example, every rule, and what NLTK and sacrebleu find."""

import math
import random
import sys
import warnings
from fractions import Fraction

import pytest
import sacrebleu
from nltk.translate import bleu_score

from courses.translation import bleu
from courses.translation.bleu import Precision, corpus_bleu, sentence_bleu

BOTH = [reference.split() for reference in bleu.REFERENCES]
FIRST, SECOND = (candidate.split() for candidate in bleu.CANDIDATES)
HALVES = (0.5, 0.5)


@pytest.mark.parametrize(
    ("candidate", "references", "p1", "p2", "length", "penalty", "score"),
    [
        pytest.param(FIRST, BOTH, (3, 5), (2, 4), 4, 1, math.sqrt(0.3), id="c1, both"),
        pytest.param(SECOND, BOTH, (4, 5), (2, 4), 4, 1, math.sqrt(0.4), id="c2, both"),
        pytest.param(
            FIRST, BOTH[:1], (3, 5), (2, 4), 6, math.exp(-0.2), math.sqrt(0.3), id="c1, r1"
        ),
        pytest.param(
            SECOND, BOTH[:1], (2, 5), (1, 4), 6, math.exp(-0.2), math.sqrt(0.1), id="c2, r1"
        ),
    ],
)
def test_the_homeworks_example(candidate, references, p1, p2, length, penalty, score):
    found = sentence_bleu(candidate, references, HALVES)
    assert found.precisions == (Precision(*p1), Precision(*p2))
    assert (found.candidate_length, found.reference_length) == (5, length)
    assert found.brevity_penalty == pytest.approx(penalty)
    assert found.score == pytest.approx(penalty * score)
    assert found.score == pytest.approx(bleu_score.sentence_bleu(references, candidate, HALVES))


def test_an_ngram_counts_at_most_as_often_as_in_one_reference():
    assert bleu.modified_precision(["the"] * 7, [["the", "the"], ["the"]], 1) == Precision(2, 7)
    assert Precision(2, 4).fraction == Fraction(1, 2)
    assert Precision(0, 0).fraction == 0


@pytest.mark.parametrize(
    ("lengths", "closest"),
    [
        pytest.param([3, 9], 3, id="nearer below"),
        pytest.param([7, 3], 3, id="a tie, the longer first"),
        pytest.param([3, 7], 3, id="a tie, the shorter first"),
        pytest.param([1, 6, 12], 6, id="nearer above"),
    ],
)
def test_the_closest_reference_and_the_shorter_at_a_tie(lengths, closest):
    assert bleu.closest_length(["a"] * 5, [["b"] * length for length in lengths]) == closest


def test_a_weight_of_zero_skips_its_ngrams():
    references = [["a", "b", "c"]]
    candidate = ["b", "a", "c"]
    assert sentence_bleu(candidate, references, (1, 0)).score == 1
    assert "p2" not in str(sentence_bleu(candidate, references, (1, 0)))
    assert sentence_bleu(candidate, references, HALVES).score == 0
    assert sentence_bleu(FIRST, BOTH, (0.5, 0.5, 0, 0)).score == pytest.approx(math.sqrt(0.3))


@pytest.mark.parametrize(
    ("candidate", "references"),
    [
        pytest.param([], [["a"]], id="an empty candidate"),
        pytest.param([], [[]], id="nothing at all"),
        pytest.param(["a"], [[]], id="an empty reference"),
        pytest.param(["a"], [["b"]], id="no word in common"),
        pytest.param(["a", "b"], [["a", "b"]], id="too short for 4-grams"),
    ],
)
def test_a_precision_of_zero_makes_zero(candidate, references):
    assert sentence_bleu(candidate, references).score == 0
    assert "BLEU = " in str(sentence_bleu(candidate, references))


def test_no_sentences_make_zero():
    assert corpus_bleu([], []).score == 0


def test_the_working_is_written_out():
    lines = str(sentence_bleu(SECOND, BOTH[:1], HALVES)).splitlines()
    assert lines == [
        "p1 = 2/5 = 0.4000",
        "p2 = 1/4 = 0.2500",
        "len(c) = 5",
        "len(r) = 6",
        "BP = exp(1 - 6/5) = 0.8187",
        "BLEU = BP exp(0.5 ln p1 + 0.5 ln p2) = 0.2589",
    ]


def sentence(draw, shortest, longest):
    return [draw.choice("abcdefg") for _ in range(draw.randint(shortest, longest))]


def cases(count, shortest):
    """Random candidates with one to four references; some are copies with a word changed."""
    draw = random.Random(11)
    for _ in range(count):
        references = [sentence(draw, 0, 15) for _ in range(draw.randint(1, 4))]
        candidate = sentence(draw, shortest, 15)
        likest = max(references, key=len)
        if draw.random() < 0.6 and len(likest) > shortest:
            candidate = [*likest]
            candidate[draw.randrange(len(likest))] = "z"
        yield candidate, references, draw


def weights_of(draw):
    raw = [draw.choice([0, 1, 2, 3]) for _ in range(draw.randint(1, 5))]
    return tuple(weight / sum(raw) for weight in raw) if any(raw) else (1.0,)


def as_nltk_has_it(found):
    """Our counts with NLTK's decision: a tiny float in place of 0."""
    if not found.precisions[0].matches:
        return 0
    logs = []
    for weight, (matches, total) in zip(found.weights, found.precisions, strict=True):
        share = matches / total if matches else sys.float_info.min
        logs.append(weight * math.log(share))
    return found.brevity_penalty * math.exp(math.fsum(logs))


def test_nltk_finds_the_same_for_a_thousand_sentences():
    zeros = 0
    for candidate, references, draw in cases(1000, 0):
        weights = weights_of(draw)
        found = sentence_bleu(candidate, references, weights)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about precisions of 0
            nltk = bleu_score.sentence_bleu(references, candidate, weights)
        if found.score:
            assert found.score == pytest.approx(nltk)
        else:
            zeros += 1
            assert nltk == pytest.approx(as_nltk_has_it(found))
    assert 100 < zeros < 900


def test_nltk_finds_the_same_for_a_thousand_corpora():
    for _, _, draw in cases(1000, 0):
        pairs = [(one, many) for one, many, _ in draw_corpus(draw, shortest=4)]
        candidates, references = (list(column) for column in zip(*pairs, strict=True))
        found = corpus_bleu(candidates, references)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nltk = bleu_score.corpus_bleu(references, candidates)
        assert nltk == pytest.approx(found.score or as_nltk_has_it(found))


def draw_corpus(draw, shortest):
    for _ in range(draw.randint(1, 6)):
        references = [sentence(draw, shortest, 12) for _ in range(draw.randint(1, 3))]
        candidate = [*draw.choice(references)]
        if draw.random() < 0.7 and candidate:
            candidate[draw.randrange(len(candidate))] = "z"
        yield candidate, references, draw


def test_nltk_counts_a_missed_ngram_for_each_candidate_that_has_none():
    candidates, references = [["a"], list("bcdef")], [[["a"]], [list("bcdef")]]
    found = corpus_bleu(candidates, references)
    assert found.score == 1
    missed = [1, 4 / 5, 3 / 4, 2 / 3]
    nltk = bleu_score.corpus_bleu(references, candidates)
    assert nltk == pytest.approx(math.prod(missed) ** 0.25)


def test_sacrebleu_finds_the_same_for_a_thousand_corpora():
    draw = random.Random(5)
    zeros = 0
    for _ in range(1000):
        streams = draw.randint(1, 3)
        candidates, references = [], []
        for candidate, _, _ in draw_corpus(draw, shortest=0):
            candidates.append(candidate)
            its = [sentence(draw, 1, 12) for _ in range(streams - 1)]
            references.append([[*candidate, "x"] if draw.random() < 0.5 else ["y", "x"], *its])
        ours = corpus_bleu(candidates, references)
        theirs = sacrebleu.corpus_bleu(
            [" ".join(candidate) for candidate in candidates],
            [[" ".join(each[at]) for each in references] for at in range(streams)],
            tokenize="none",
            smooth_method="none",
            force=True,
        )
        assert theirs.counts == [each.matches for each in ours.precisions]
        assert theirs.totals == [each.total for each in ours.precisions]
        assert (theirs.sys_len, theirs.ref_len) == (ours.candidate_length, ours.reference_length)
        assert theirs.score == pytest.approx(100 * ours.score)
        zeros += ours.score == 0
    assert 50 < zeros < 950


def test_smoothing_is_that_of_lin_and_och():
    method = bleu_score.SmoothingFunction().method2
    for candidate, references, _ in cases(300, 4):
        nltk = bleu_score.sentence_bleu(references, candidate, smoothing_function=method)
        assert sentence_bleu(candidate, references).smoothed().score == pytest.approx(nltk)


def test_smoothing_leaves_a_perfect_short_sentence_perfect():
    found = sentence_bleu(["yes"], [["yes"]]).smoothed()
    assert found.score == 1
    assert found.precisions == (Precision(1, 1),) * 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(([["a"]], [[["a"]]], (0.5, 0.4)), "sum to 1", id="too little"),
        pytest.param(([["a"]], [[["a"]]], (1.5, -0.5)), "from 0 on", id="negative"),
        pytest.param(([["a"]], [[["a"]]], (math.nan, 1)), "sum to 1", id="not a number"),
        pytest.param(([["a"]], [[["a"]]], ()), "sum to 1", id="no weights"),
        pytest.param(([["a"]], []), "references for 0", id="references are missing"),
        pytest.param(([["a"]], [[]]), "'a' has no reference", id="no reference"),
        pytest.param((["a b"], [[["a"]]]), "split 'a b' first", id="a string as candidate"),
        pytest.param(([["a"]], [["a b"]]), "split 'a b' first", id="a string as reference"),
        pytest.param(([["a"]], ["a b"]), "split 'a b' first", id="a string as references"),
    ],
)
def test_what_cannot_be_measured_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        corpus_bleu(*arguments)


def test_the_command_works_out_the_example(capsys):
    assert bleu.main([]) == 0
    printed = capsys.readouterr().out
    scores = [line.split()[-1] for line in printed.splitlines() if "BLEU" in line]
    assert scores == ["0.5477", "0.6325", "0.4484", "0.2589"]
    assert printed.count("r2: ") == 1


def test_the_command_measures_sentences_of_ones_own(capsys):
    words = ["--candidate=a b", "--candidate=b a", "--reference=a b", "--weights=1"]
    assert bleu.main(words) == 0
    printed = capsys.readouterr().out
    assert printed.count("BLEU = BP exp(1 ln p1) = 1.0000") == 2
    assert "r2" not in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["--candidate=a"], "give at least one --reference as well", id="one side"),
        pytest.param(["--reference=a"], "give at least one --candidate as well", id="other side"),
        pytest.param(["--weights=a,b"], "give numbers such as 0.5,0.5", id="no numbers"),
        pytest.param(["--weights=0.5"], "sum to 1", id="too little"),
        pytest.param(["--loud"], "--help shows examples", id="no such option"),
    ],
)
def test_a_wrong_command_line_is_explained(words, message, capsys):
    assert bleu.main(words) == 2
    assert message in capsys.readouterr().err


def test_help_shows_examples(capsys):
    assert bleu.main(["--help"]) == 0
    assert "Examples:" in capsys.readouterr().out
