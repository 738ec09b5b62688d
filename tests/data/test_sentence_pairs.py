import re

import pytest

from data.sentence_pairs import SentencePairs, parse, read
from data.sentences import NAMES
from data.splits import Edition

EDITION = Edition("toy", "for a test", "nowhere", "none")
GOOD = [b"uno dos\ntres\n", b"one two\nthree\n", b"a\n", b"b\n", b"c d\n", b"e\n"]


def changed(**contents: bytes) -> list[bytes]:
    by_name = dict(zip(NAMES, GOOD, strict=True))
    by_name.update({name.replace("_", "."): content for name, content in contents.items()})
    return list(by_name.values())


def test_pairs_are_lists_of_words() -> None:
    splits = read(EDITION, dict(zip(NAMES, GOOD, strict=True)))
    assert splits.edition is EDITION
    assert splits.train == SentencePairs([["uno", "dos"], ["tres"]], [["one", "two"], ["three"]])
    assert list(splits.train) == [(["uno", "dos"], ["one", "two"]), (["tres"], ["three"])]
    assert {name: len(part) for name, part in splits.parts().items()} == {
        "train": 2,
        "validation": 1,
        "test": 1,
    }


def test_both_sides_have_one_length() -> None:
    with pytest.raises(ValueError, match=r"source has 1 sentences but target has 0; give one"):
        SentencePairs([["uno"]], [])


@pytest.mark.parametrize(
    ("spanish", "want"),
    [
        pytest.param(b"uno dos\r\ntres\r\n", [["uno", "dos"], ["tres"]], id="windows"),
        pytest.param(b"\xef\xbb\xbfuno\ndos", [["uno"], ["dos"]], id="mark and no last break"),
        pytest.param("uno\u2028y\ndos\x85y".encode(), [["uno", "y"], ["dos", "y"]], id="unicode"),
        pytest.param(b"\t\ndos\n", [["dos"]], id="blank"),
    ],
)
def test_lines_end_where_the_usual_break_stands(spanish: bytes, want: list[list[str]]) -> None:
    assert parse(changed(train_es=spanish))["train"].source == want


def test_a_pair_with_a_blank_side_is_left_out_on_both() -> None:
    train = parse(changed(train_es=b"uno\n\ntres\n", train_en=b"one\ntwo\nthree\n"))["train"]
    assert train == SentencePairs([["uno"], ["tres"]], [["one"], ["three"]])


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        pytest.param(
            changed(dev_en=b"b\nc\n"), "dev.es has 1 lines but dev.en has 2; expected", id="lines"
        ),
        pytest.param(changed(test_es=b" \n"), "test.es is empty; expected one", id="empty"),
        pytest.param(
            changed(train_es=b"uno\na\xf1o\n"), "train.es is no UTF-8 in line 2 (", id="utf-8"
        ),
        pytest.param(
            changed(train_es=b"uno\n\n", train_en=b"\none\n"),
            "train.es and train.en have no line in which both hold a sentence",
            id="blank",
        ),
    ],
)
def test_an_error_names_the_file(contents: list[bytes], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse(contents)
