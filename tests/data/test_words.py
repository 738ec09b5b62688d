import numpy as np
import pytest
import torch

from data.words import (
    LANGUAGES,
    LETTERS,
    TrainingWords,
    Words,
    as_examples,
    decode,
    encode,
    one_hot_languages,
)

LISTS = [["the", "of"], ["que", "la"], ["on", "ei"], ["het", "van"], ["źle", "jest"]]


def test_the_alphabet_and_the_languages_are_those_of_the_homework() -> None:
    assert len(LETTERS) == len(set(LETTERS)) == 47
    assert LETTERS[:3] == "abc"
    assert LANGUAGES == ("English", "Spanish", "Finnish", "Dutch", "Polish")


def test_a_word_is_one_letter_a_row_and_zeros_after_it() -> None:
    x = encode(["ab", "ż"])
    assert x.shape == (2, 10, 47)
    assert x.dtype == np.float32
    assert x.sum(axis=2).tolist() == [[1, 1] + [0] * 8, [1] + [0] * 9]
    assert x[0, 0, 0] == x[0, 1, 1] == x[1, 0, 46] == 1


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("", id="empty"),
        pytest.param("a" * 11, id="too-long"),
        pytest.param("Ab", id="capital"),
        pytest.param("ß", id="strange-letter"),
    ],
)
def test_a_word_that_does_not_fit_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="cannot encode"):
        encode(["fine", word])


def test_words_are_decoded_as_they_were_encoded() -> None:
    assert decode(encode(["käärme", "a"])) == ["käärme", "a"]
    assert decode(torch.from_numpy(encode(["łódź"]))) == ["łódź"]


def test_examples_take_the_languages_in_turns() -> None:
    words = as_examples(LISTS)
    assert decode(words.x) == [word for turn in zip(*LISTS, strict=True) for word in turn]
    assert words.y.argmax(axis=1).tolist() == [0, 1, 2, 3, 4] * 2
    np.testing.assert_array_equal(words.y, one_hot_languages([0, 1, 2, 3, 4] * 2))


def test_evaluation_batches_hold_words_of_one_length_without_padding() -> None:
    words = as_examples(LISTS)
    spelled, languages = [], []
    for letters, labels in words.batches(batch_size=3):
        assert letters.shape[1:] == (len(labels), 47)
        assert letters.sum(dim=2).eq(1).all()  # a letter in every row: (L, B)
        spelled += decode(letters.movedim(0, 1))
        languages += labels.argmax(1).tolist()
    by_word = {word: at for at, part in enumerate(LISTS) for word in part}
    assert dict(zip(spelled, languages, strict=True)) == by_word


def test_training_words_measure_on_whole_words_of_one_length() -> None:
    words = as_examples(LISTS)
    shapes: list[tuple[int, ...]] = []

    def predict(letters: torch.Tensor) -> torch.Tensor:
        shapes.append(tuple(letters.shape))
        return torch.eye(5)[[0] * letters.shape[1]]

    training = TrainingWords(words.x, words.y, validation=words, predict=predict)
    assert training.get_validation_accuracy() == pytest.approx(0.2)
    assert shapes == [(2, 4, 47), (3, 5, 47), (4, 1, 47)]
    assert training[:4]["x"].shape == (4, 10, 47)


def test_words_of_another_shape_or_without_letters_are_refused() -> None:
    with pytest.raises(ValueError, match="must have the shape"):
        Words(np.ones((2, 470)), np.ones((2, 5)))
    with pytest.raises(ValueError, match="no first letter"):
        Words(np.zeros((2, 10, 47)), np.ones((2, 5)))
