"""Sentence pairs out of two translations of the Bible, verse by verse (q11).

The Spanish is the Reina-Valera of 1909, the English the World English Bible. Both are in the public
domain; the database also holds translations that are not, and those are never asked for.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from data.sentences import Pair, fits, packed, split, tokenize
from data.source import Contents

SPANISH, ENGLISH = "v", "4"  # what the database calls them
QUERY = """
    SELECT spanish.vNumber, spanish.vText, english.vText
    FROM bible AS spanish JOIN bible AS english USING (bNumber, cNumber, vNumber)
    WHERE spanish.bbName = ? AND english.bbName = ?
    ORDER BY bNumber, cNumber, vNumber
"""

# The heading of the next psalm stands at the end of the one before.
HEADING = re.compile(r"\s*(BOOK [IVX]+\s+)?Psalm \d+\b.*", re.DOTALL)
LOST_MARK = "\xad"  # a soft hyphen stands where "¡" once stood
# A chapter begins with a word in capitals, or with a short word and then one.
INITIALS = re.compile(r"^(\w )?([A-ZÁÉÍÓÚÜÑ]{2,})\b")


def from_bible(contents: Contents) -> list[bytes]:
    """The six files of sentence pairs, a verse being a sentence."""
    (content,) = contents.values()
    with tempfile.TemporaryDirectory(prefix="coursework-verses-") as name:
        file = Path(name) / "bible.db"
        file.write_bytes(content)
        with contextlib.closing(sqlite3.connect(file)) as database:
            verses = list(database.execute(QUERY, (SPANISH, ENGLISH)))
    return packed(split(_pairs(verses)))


def _pairs(verses: list[tuple[int, str, str]]) -> Iterator[Pair]:
    for number, spanish, english in verses:
        source, target = tokenize(plain_spanish(spanish, number)), tokenize(plain_english(english))
        if fits(source, target):
            yield " ".join(source), " ".join(target)


def plain_spanish(verse: str, number: int) -> str:
    """The verse with its lost marks, and without the capitals that begin a chapter."""
    verse = verse.replace(LOST_MARK, "¡").strip()
    return INITIALS.sub(_without_capitals, verse) if number == 1 else verse


def plain_english(verse: str) -> str:
    """The verse without a psalm's heading and without the brackets around words supplied."""
    return HEADING.sub("", verse).replace("[", "").replace("]", "")


def _without_capitals(found: re.Match[str]) -> str:
    before, word = found.groups()
    return word.capitalize() if before is None else before + word.lower()
