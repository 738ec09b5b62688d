import pytest

from data import stories
from data.splits import Edition
from data.stories import Stories

EDITION = Edition("toy", "", "", "")


def test_stories_are_a_sequence_of_texts() -> None:
    three = Stories(["Once.", "Twice.", "Thrice."])
    assert len(three) == 3
    assert list(three) == ["Once.", "Twice.", "Thrice."]
    assert three[0] == "Once."
    assert three[-1] == "Thrice."
    assert isinstance(three[1:], Stories)
    assert list(three[1:]) == ["Twice.", "Thrice."]
    assert "Twice." in three
    with pytest.raises(IndexError):
        three[3]


def test_stories_come_back_from_a_file_and_empty_ones_do_not() -> None:
    texts = ["One day,\n\nshe said: caf\u00e9.", "The end."]
    assert list(stories.unpack(stories.pack(texts))) == texts
    file = b"\nOne.\n<|endoftext|>\n\n<|endoftext|>\nTwo.\nlines\n<|endoftext|>"
    assert list(stories.unpack(file)) == ["One.", "Two.\nlines"]


def test_bytes_that_are_no_utf8_spoil_one_character_only() -> None:
    assert list(stories.unpack(b"a\xff b\n<|endoftext|>\nc\n")) == ["a\ufffd b", "c"]


def test_the_first_file_trains_and_the_second_validates() -> None:
    contents = {"b": stories.pack(["One.", "Two."]), "a": stories.pack(["Three."])}
    splits = stories.read(EDITION, contents)
    assert list(splits.train) == ["One.", "Two."]
    assert splits.validation is not None
    assert list(splits.validation) == ["Three."]
    assert splits.test is None
    assert splits.edition is EDITION
