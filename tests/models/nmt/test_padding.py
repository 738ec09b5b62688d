import pytest

from models import pad_sents


@pytest.mark.parametrize(
    ("sents", "padded"),
    [
        pytest.param(
            [["a"], ["b", "c", "d"], ["e", "f"]],
            [["a", "_", "_"], ["b", "c", "d"], ["e", "f", "_"]],
            id="words",
        ),
        pytest.param([["a", "b"], [], ["c"]], [["a", "b"], ["_", "_"], ["c", "_"]], id="an-empty"),
        pytest.param([["a", "b"], ["c", "d"]], [["a", "b"], ["c", "d"]], id="nothing-to-do"),
        pytest.param([[], []], [[], []], id="only-empty-sentences"),
        pytest.param([], [], id="no-sentences"),
    ],
)
def test_short_sentences_are_filled_up_on_the_right(sents, padded):
    assert pad_sents(sents, "_") == padded


def test_ids_are_padded_like_words():
    assert pad_sents([[5], [4, 3]], 0) == [[5, 0], [4, 3]]


def test_the_sentences_given_stay_as_they_are():
    sents = [["a"], ["b", "c"]]
    padded = pad_sents(sents, "_")
    padded[1].append("changed")
    assert sents == [["a"], ["b", "c"]]
