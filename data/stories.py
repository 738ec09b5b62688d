"""Short stories to train a language model on (q10).

From TinyStories (Eldan and Li, 2023, https://arxiv.org/abs/2305.07759), of which the first stories
of each file are read, or else from children's books (see `data.tales`). Either way a file holds
one story after the other, each followed by the line that is `SEPARATOR`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from data.source import Contents
from data.splits import Edition, Splits

SEPARATOR = "<|endoftext|>"


class Stories(Sequence[str]):
    """Stories in a fixed order; a slice of them is `Stories` again.

    Args:
        texts: each story's text.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = tuple(texts)

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Stories: ...
    def __getitem__(self, place: int | slice) -> str | Stories:
        if isinstance(place, slice):
            return Stories(self._texts[place])
        return self._texts[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)


def pack(texts: Iterable[str]) -> bytes:
    """The content of a file with these stories."""
    return "".join(f"{text}\n{SEPARATOR}\n" for text in texts).encode()


def unpack(content: bytes) -> Stories:
    """The stories of a file, without those that are empty."""
    # One character that is no UTF-8 must not make a hundred thousand stories unreadable.
    pieces = content.decode(errors="replace").split(SEPARATOR)
    return Stories(story for piece in pieces if (story := piece.strip()))


def read(edition: Edition, contents: Contents) -> Splits[Stories]:
    """The stories of the first file to train on, and those of the second to validate."""
    train, validation = map(unpack, contents.values())
    return Splits(train, validation, None, edition)
