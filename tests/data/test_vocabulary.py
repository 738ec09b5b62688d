import hashlib
import json

import pytest

from data import vocabulary
from data.catalogue import WORDFREQ
from data.words import LETTERS, decode

LANGUAGES = 5


@pytest.fixture(scope="module")
def derived() -> bytes:
    (content,) = vocabulary.from_wordfreq({})
    return content


def test_the_words_are_the_same_on_every_machine(derived: bytes) -> None:
    (file,) = WORDFREQ.files
    assert hashlib.sha256(derived).hexdigest() == file.sha256


def test_every_split_holds_its_number_of_fitting_words(derived: bytes) -> None:
    splits = json.loads(derived)
    assert {name: [len(words) for words in lists] for name, lists in splits.items()} == {
        "train": [3500] * LANGUAGES,
        "validation": [100] * LANGUAGES,
        "test": [100] * LANGUAGES,
    }
    words = [word for lists in splits.values() for part in lists for word in part]
    assert all(2 <= len(word) <= 10 and set(word) <= set(LETTERS) for word in words)
    assert len(words) == len(set(words))  # so no word has two languages or stands in two splits


def test_the_splits_are_read_as_one_hot_words_in_balance(derived: bytes) -> None:
    splits = vocabulary.read(WORDFREQ.edition, {"words": derived})
    for name, part in splits.parts().items():
        assert part.x.shape == (vocabulary.SIZES[name] * LANGUAGES, 10, 47)
        assert part.y.sum(axis=0).tolist() == [vocabulary.SIZES[name]] * LANGUAGES
    assert splits.test is not None
    assert decode(splits.test.x[:LANGUAGES]) == [words[0] for words in json.loads(derived)["test"]]


def test_a_word_that_another_language_has_at_any_rank_is_left_out() -> None:
    own = [f"{vowel}{first}{second}" for vowel in "aei" for first in LETTERS for second in LETTERS]
    ranked = [[f"{own_word}{language}" for own_word in own] for language in "bcdfg"]
    ranked[0][0] = ranked[3][-1] = "shared"
    ranked[1][:4] = ["xx", "Capital", "aword2", "a"]
    chosen = vocabulary.choose(ranked)
    words = [word for lists in chosen.values() for part in lists for word in part]
    assert not {"shared", "xx", "Capital", "aword2", "a"} & set(words)


def test_the_pool_decides_how_rare_a_word_may_be() -> None:
    own = [f"{vowel}{first}{second}" for vowel in "aei" for first in LETTERS for second in LETTERS]
    ranked = [[f"{own_word}{language}" for own_word in own] for language in "bcdfg"]
    chosen = vocabulary.choose(ranked, pool=3700)
    first = [word for lists in chosen.values() for word in lists[0]]
    assert set(first) == set(ranked[0][:3700])
