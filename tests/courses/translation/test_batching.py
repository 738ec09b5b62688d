"""Batches: order, padding and reproducible shuffling."""

import torch

from courses.translation.batching import Examples, mixed, shuffled
from data.sentence_pairs import SentencePairs
from models import Vocab

PAIRS = SentencePairs(
    [["uno"], ["uno", "dos", "tres"], ["dos", "nunca"]],
    [["one"], ["one", "two"], ["two", "never", "two"]],
)
VOCAB = Vocab.build([["uno", "dos", "tres"]], [["one", "two"]], freq_cutoff=1)
DOS, TRES, UNO = 4, 5, 6
ONE, TWO = 4, 5


def test_the_longest_source_comes_first_and_targets_are_wrapped():
    source, lengths, target = Examples(PAIRS, VOCAB).batch([0, 1, 2])
    assert source.T.tolist() == [[UNO, DOS, TRES], [DOS, 3, 0], [UNO, 0, 0]]
    assert lengths == [3, 2, 1]
    assert target.T.tolist() == [[1, ONE, TWO, 2, 0], [1, TWO, 3, TWO, 2], [1, ONE, 2, 0, 0]]
    assert source.dtype == target.dtype == torch.int64


def test_predicted_words_are_all_but_the_first():
    assert Examples(PAIRS, VOCAB).words([0, 2]) == 2 + 4


def test_batches_for_measuring_hold_every_sentence_once():
    assert list(Examples(PAIRS, VOCAB).batches(2)) == [[1, 2], [0]]


def test_an_order_depends_on_its_seeds_alone():
    torch.manual_seed(5)
    assert shuffled(50, 0, 1) == shuffled(50, 0, 1)
    assert sorted(shuffled(50, 0, 1)) == list(range(50))
    assert len({tuple(shuffled(50, *seeds)) for seeds in ((0, 1), (0, 2), (1, 1), (1, 0))}) == 4


def test_mixed_seeds_differ_and_fit_a_generator():
    seeds = {mixed(0, at, rank) for at in range(100) for rank in range(3)}
    assert len(seeds) == 300
    assert all(0 <= seed < 2**63 for seed in seeds)
