import pytest

from data.sentences import NAMES
from data.talk_pairs import MEMBERS, from_homework

LINES = {
    "train.es": "Hola a todos.\nYa estaba.\nY esto, también.\n\n",
    "train.en": "Hello, everybody.\nIt was there.\nThis, too.\nnobody\n",
    "dev.es": "Uno.",
    "dev.en": "One.",
    "test.es": "Ya ESTABA\n",
    "test.en": "It's been there\n",
}
CONTENTS = dict(zip(MEMBERS, (LINES[name].encode() for name in NAMES), strict=True))


def test_the_split_is_kept_but_what_tests_does_not_train() -> None:
    files = dict(zip(NAMES, (file.decode() for file in from_homework(CONTENTS)), strict=True))
    assert files == {
        "train.es": "Hola a todos .\nY esto , también .\n",
        "train.en": "Hello , everybody .\nThis , too .\n",
        "dev.es": "Uno .\n",
        "dev.en": "One .\n",
        "test.es": "Ya ESTABA\n",
        "test.en": "It's been there\n",
    }


def test_what_is_no_text_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"test\.en is no UTF-8 in line 1"):
        from_homework({**CONTENTS, MEMBERS[-1]: b"\xff\n"})
