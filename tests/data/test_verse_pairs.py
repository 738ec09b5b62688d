import contextlib
import sqlite3
from pathlib import Path

import pytest

from data.verse_pairs import from_bible, plain_english, plain_spanish

VERSES = {
    ("v", 1): "EN el principio fué así.",
    ("4", 1): "In the beginning it was [so].",
    ("9", 1): "Texto protegido de otro.",
    ("v", 2): "Y dijo: \xadHeme aquí!",
    ("4", 2): "He said, I don`t stay. Psalm 2 For the Chief Musician.",
    ("k", 2): "Text of somebody else.",
    ("4", 3): "This one has no pair.",
}


def database(file: Path) -> bytes:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "CREATE TABLE bible (id INTEGER, bbName TEXT, bNumber INTEGER, cNumber INTEGER, "
            "vNumber INTEGER, vText TEXT)"
        )
        for (version, verse), text in VERSES.items():
            connection.execute(
                "INSERT INTO bible VALUES (0, ?, 1, 1, ?, ?)", (version, verse, text)
            )
        connection.commit()
    return file.read_bytes()


def test_verses_of_the_two_free_versions_are_paired(tmp_path: Path) -> None:
    files = from_bible({"data/bible.db": database(tmp_path / "toy.db")})
    spanish = "".join(content.decode() for content in files[::2]).splitlines()
    english = "".join(content.decode() for content in files[1::2]).splitlines()
    assert sorted(zip(spanish, english, strict=True)) == [
        ("En el principio fué así .", "In the beginning it was so ."),
        ("Y dijo : ¡ Heme aquí !", "He said , I don't stay ."),
    ]


@pytest.mark.parametrize(
    ("verse", "number", "plain"),
    [
        pytest.param("Y LLAMO Jehová", 1, "Y llamo Jehová", id="second word"),
        pytest.param("¿POR qué?", 1, "¿POR qué?", id="mark"),
        pytest.param("YO SOY", 14, "YO SOY", id="inside a chapter"),
    ],
)
def test_capitals_that_begin_a_chapter_go(verse: str, number: int, plain: str) -> None:
    assert plain_spanish(verse, number) == plain


def test_the_next_psalm_s_heading_goes() -> None:
    assert plain_english("So he died. BOOK I Psalm 1") == "So he died."
    assert plain_english("Sing a psalm to him.") == "Sing a psalm to him."
