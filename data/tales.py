"""Four children's books as short passages: what q10 trains on where there is no TinyStories.

The books come as plain text from Project Gutenberg: headings in capitals, lines that end at a
margin, footnotes, and capitals or underlines for emphasis. The outcome reads like a collection of
short stories: passages of whole paragraphs, each paragraph one line. A chapter's passages all train
or all validate.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from data.source import Contents
from data.stories import pack

TITLES = ("bryant-stories", "burgess-busterbrown", "carroll-alice", "edgeworth-parents")
MEMBERS = tuple(f"package/gutenberg/{title}.txt" for title in TITLES)
VALIDATION_SHARE = 0.05  # of the characters of a book, at most
LONGEST = 1200  # characters of a passage, unless one paragraph alone is longer
SHORTEST = 200  # a shorter end of a chapter stays with the passage before it

HEADING = re.compile(r"[A-Z][^a-z]*| *CHAPTER .*", re.DOTALL)
DRAMA = re.compile(r"ETON MONTEM|OLD POZ|SCENE|(WO)?MEN\.")  # headings of the two plays among them
ASIDE = re.compile(r" *[*\[]")  # how footnotes, captions, lines of stars and the title begin
BROKEN_WORD = re.compile(r"(?<=\w)-\n\s*(?=\w)")
MARKS = re.compile(r" ?\*+|_")
# The second group is a word in capitals, the first what stands before it where a sentence begins.
EMPHASIS = re.compile(r"(^|[.!?]['\"]? |['\"])?\b([A-Z][A-Z']+)\b")
QUOTES = (  # one book quotes with single marks
    (re.compile(r"(?<![\w.,!?;:-])'(?!(?:tis|twas|em)\b)(?=[\w-])"), '"'),
    (re.compile(r"(?<=[.,!?;:-])'"), '"'),
)


def from_books(contents: Contents) -> tuple[bytes, bytes]:
    """The passages to train on and those to validate, the books mixed."""
    train: list[str] = []
    validation: list[str] = []
    for book in contents.values():
        found = list(chapters(book.decode()))
        held_out = _held_out(found)
        for chapter in found:
            (validation if chapter in held_out else train).extend(passages(chapter))
    # Whoever reads only the beginning, or forgets what is long past, is to meet every book.
    return pack(sorted(train, key=_sum)), pack(sorted(validation, key=_sum))


def chapters(book: str) -> Iterator[str]:
    """Every chapter or story of a book, paragraphs being divided by an empty line."""
    single = '"' not in book[:5000]
    heading, paragraphs = "", []
    for block in [*re.split(r"\n\s*\n", book.replace("\r\n", "\n").strip("\n")), "THE END"]:
        if not HEADING.fullmatch(block):
            if text := plain(block, single):
                paragraphs.append(text)
            continue
        if paragraphs and not DRAMA.match(heading):
            yield "\n\n".join(paragraphs)
        heading, paragraphs = block, []


def plain(block: str, single: bool = False) -> str:
    """One paragraph in one line, or nothing if it is no part of the story.

    Args:
        block: its lines.
        single: whether it quotes with single marks.
    """
    if ASIDE.match(block):
        return ""
    text = MARKS.sub("", " ".join(BROKEN_WORD.sub("-", block).split()))
    text = re.sub(r"\bi'", "I'", EMPHASIS.sub(_without_capitals, text))
    if single:
        for quote, double in QUOTES:
            text = quote.sub(double, text)
    return text


def passages(chapter: str) -> Iterator[str]:
    """A chapter cut between paragraphs."""
    start = 0
    while len(chapter) - start > LONGEST + SHORTEST:
        end = chapter.rfind("\n\n", start, start + LONGEST)
        if end < start + SHORTEST:
            end = chapter.find("\n\n", start + LONGEST)
        if end < 0:
            break
        yield chapter[start:end]
        start = end + 2
    yield chapter[start:]


def _without_capitals(found: re.Match[str]) -> str:
    before, word = found.groups()
    return word.lower() if before is None else before + word.capitalize()


def _held_out(found: list[str]) -> set[str]:
    """Chapters of a book that validate: by their sums, those that still fit into the share."""
    left = VALIDATION_SHARE * sum(map(len, found))
    chosen = set()
    for chapter in sorted(found, key=_sum):
        if len(chapter) <= left:
            chosen.add(chapter)
            left -= len(chapter)
    return chosen


def _sum(text: str) -> bytes:
    """Sorting by it mixes texts, on every machine in the same way."""
    return hashlib.sha256(text.encode()).digest()
