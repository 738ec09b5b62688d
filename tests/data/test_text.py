import pytest
import torch

from data import plays, text
from data.splits import Edition
from data.text import Text

EDITION = Edition("toy", "", "", "")


def test_text_is_encoded_by_places_in_its_sorted_alphabet() -> None:
    corpus = Text("banana!")
    assert corpus.alphabet == "!abn"
    assert corpus.tokens.tolist() == [2, 1, 3, 1, 3, 1, 0]
    assert corpus.tokens.dtype == torch.int64
    assert corpus.decode(corpus.encode("nab")) == "nab"
    assert len(corpus) == 7


@pytest.mark.parametrize(
    "strange", [pytest.param("cab", id="between"), pytest.param("nax", id="beyond")]
)
def test_a_character_outside_the_alphabet_is_named(strange: str) -> None:
    with pytest.raises(ValueError, match=r"the alphabet has no '[cx]'"):
        Text("banana").encode(strange)


def test_windows_are_pieces_of_the_text_and_what_follows() -> None:
    corpus = Text("abcdefghijklmnopqrstuvwxyz")
    inputs, targets = corpus.windows(5, 300, torch.Generator().manual_seed(0))
    assert inputs.shape == targets.shape == (300, 5)
    assert torch.equal(inputs[:, 1:], targets[:, :-1])
    assert torch.equal(inputs + 1, targets)
    assert set(inputs[:, 0].tolist()) == set(range(21))  # every start, the last one included
    again, _ = corpus.windows(5, 300, torch.Generator().manual_seed(0))
    assert torch.equal(inputs, again)


def test_a_text_that_is_too_short_for_a_window_is_refused() -> None:
    assert Text("abcdef").windows(5, 2)[1].tolist() == [[1, 2, 3, 4, 5]] * 2
    with pytest.raises(ValueError, match="need at least 7"):
        Text("abcdef").windows(6, 2)


def test_the_last_tenth_validates_with_the_alphabet_of_the_whole() -> None:
    splits = text.read(EDITION, {"input.txt": b"a" * 90 + b"b" * 10})
    assert splits.validation is not None
    assert splits.test is None
    assert splits.train.characters == "a" * 90
    assert splits.validation.characters == "b" * 10
    assert splits.train.alphabet == splits.validation.alphabet == "ab"


def test_a_play_becomes_speeches_with_names_and_nothing_else() -> None:
    play = """# The Play

## ACT I

### SCENE I. A place.

_Enter two,
talking_

**FIRST MAN**\x20\x20
Speak, friend\u2014softly [_Aside_]\x20\x20
and caf\u00e9.

**SECOND**\x20\x20
_Exit_

**SECOND**\x20\x20
\\[Reads\\] Well *[He laughs.]* then &c.\x20\x20
"""
    assert plays.plain(play) == (
        "FIRST MAN:\nSpeak, friend--softly\nand cafe.\n\nSECOND:\nWell then &c.\n"
    )


def test_the_plays_are_joined_in_order() -> None:
    (joined,) = plays.from_markdown({"a": b"**A**\nYes.\n", "b": b"**B**\nNo.\n"})
    assert joined == b"A:\nYes.\n\nB:\nNo.\n"
    assert len(plays.MEMBERS) == len(set(plays.MEMBERS)) == 38
