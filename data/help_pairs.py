"""Sentence pairs out of an office suite's help pages in Spanish and in English (q11).

LibreOffice's help (The Document Foundation, https://help.libreoffice.org) has one HTML page for
each subject and language. A paragraph has the same id in every language, so a page's name and an id
say which Spanish paragraph translates which English one.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from data.sentences import Pair, packed, pairs, split
from data.source import Contents

SPANISH = "usr/share/libreoffice/help/es/text/"
ENGLISH = "usr/share/libreoffice/help/en-US/text/"

# The subject's own text; before and after it stand menus, which every page has.
START, END = 'id="DisplayArea"', 'id="DEBUG"'
PARAGRAPHS = ("p", "h1", "h2", "h3", "h4", "h5")


def from_help(contents: Contents) -> list[bytes]:
    """The six files of sentence pairs, from the pages that both languages have."""
    return packed(split(_all_pairs(contents)))


def _all_pairs(contents: Contents) -> Iterator[Pair]:
    """Page after page in the order of their names."""
    for path in sorted(contents):
        spanish = contents.get(SPANISH + path.removeprefix(ENGLISH))
        if path.startswith(ENGLISH) and path.endswith(".html") and spanish is not None:
            yield from page_pairs(spanish.decode(), contents[path].decode())


def page_pairs(spanish: str, english: str) -> Iterator[Pair]:
    """The sentence pairs of one page."""
    translated = paragraphs(spanish)
    for name, text in paragraphs(english).items():
        if name in translated:
            yield from pairs(translated[name], text)


def paragraphs(page: str) -> dict[str, str]:
    """Each paragraph's text by its id, without markup; where an id comes twice, the first."""
    reader = _Page()
    reader.feed(page[max(0, page.find(START)) :].partition(END)[0])
    reader.close()
    return reader.paragraphs


class _Page(HTMLParser):
    """Collects paragraphs.

    A word that differs between systems is in the page in all its forms, each in a hidden span: the
    usual one has no class, and another one, which has (``MAC``, ``WIN``), is passed over.
    """

    def __init__(self) -> None:
        super().__init__()
        self.paragraphs: dict[str, str] = {}
        self._id = ""
        self._text: list[str] = []
        self._spans: list[bool] = []  # for each open span whether it is passed over

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a paragraph, or a span of one."""
        given = dict(attrs)
        if tag in PARAGRAPHS:
            is_code = "code" in (given.get("class") or "")
            self._id = "" if is_code else given.get("id") or ""
            self._text, self._spans = [], []
        elif tag == "span":
            self._spans.append("hidden" in given and bool(given.get("class")))
        elif tag in ("br", "img"):
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph, or a span of one."""
        if tag in PARAGRAPHS and self._id:
            self.paragraphs.setdefault(self._id, "".join(self._text))
            self._id = ""
        elif tag == "span" and self._spans:
            self._spans.pop()

    def handle_data(self, data: str) -> None:
        """Add text to the paragraph."""
        if self._id and not any(self._spans):
            self._text.append(data)
