import pytest
import torch
from torch import nn

from models.nmt.likeliest import BLOCK, largest, likeliest_words


@pytest.mark.parametrize(
    "width",
    [pytest.param(n, id=f"V{n}") for n in (5, BLOCK, 6 * BLOCK - 1, 6 * BLOCK, 9 * BLOCK + 7)],
)
@pytest.mark.parametrize("count", [1, 5])
def test_the_largest_are_those_of_a_sorted_row(width, count):
    scores = torch.randn(7, width)
    scores[0, -count:] += 50  # behind the last whole block
    scores[1, :count] += 50  # all in one block
    scores[2, :: max(1, width // count)] += 50  # one a block
    values, places = largest(scores, count)
    want = scores.sort(dim=1, descending=True)
    assert torch.equal(values, want.values[:, :count])
    assert torch.equal(places, want.indices[:, :count])


def test_equal_scores_are_all_different_places():
    _, places = largest(torch.zeros(2, 20 * BLOCK), 5)
    assert all(len(set(row)) == 5 for row in places.tolist())


@pytest.mark.parametrize("entries", [1, 10**6])
def test_the_likeliest_words_and_their_log_probabilities(entries, monkeypatch):
    monkeypatch.setattr("models.nmt.likeliest.ENTRIES_AT_ONCE", entries)
    projection, outputs = nn.Linear(5, 997, bias=False), torch.randn(6, 5)
    log_chances, words = likeliest_words(outputs, projection, 4)
    assert log_chances.shape == words.shape == (6, 4)
    want = torch.log_softmax(projection(outputs), dim=1).sort(dim=1, descending=True)
    assert torch.equal(words, want.indices[:, :4])
    torch.testing.assert_close(log_chances, want.values[:, :4])


def test_a_small_vocabulary_has_no_more_words_than_it_has():
    assert likeliest_words(torch.randn(2, 3), nn.Linear(3, 4), 9)[1].shape == (2, 4)
