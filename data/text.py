"""Text, character by character (q7): a corpus, its alphabet and random windows of it.

Shapes: `B` batch, `T` characters in a window.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from data.source import Contents
from data.splits import Edition, Splits

VALIDATION_SHARE = 0.1


class Text:
    """A text as numbers, one for each character.

    Args:
        characters: the text.
        alphabet: every character that can stand in it, each once; a character's number is its
            place there. Left out, it is what the text uses, sorted.

    Attributes:
        characters: the text.
        alphabet: as above.
        tokens: (N,) int64, the text's characters as numbers.

    Raises:
        ValueError: if the text has a character that the alphabet lacks.
    """

    def __init__(self, characters: str, alphabet: str | None = None) -> None:
        self.characters = characters
        self.alphabet = "".join(sorted(set(characters))) if alphabet is None else alphabet
        known = _codes(self.alphabet)
        self._place = np.zeros(int(known.max(initial=0)) + 1, dtype=np.int64)  # by code point
        self._place[known] = np.arange(len(known))
        self.tokens = self.encode(characters)

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, characters: str) -> Tensor:
        """(N,) int64 numbers of the characters.

        Raises:
            ValueError: if the alphabet lacks one of them.
        """
        strange = "".join(sorted(set(characters) - set(self.alphabet)))
        if strange:
            raise ValueError(
                f"the alphabet has no {strange!r}; use only characters of {self.alphabet!r}"
            )
        return torch.from_numpy(self._place[_codes(characters)])

    def decode(self, tokens: Tensor) -> str:
        """The characters that (N,) numbers stand for."""
        return "".join(self.alphabet[token] for token in tokens.tolist())

    def windows(
        self, block_size: int, batch_size: int, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Windows that start at random places, and the same windows one character further on.

        Args:
            block_size: T, characters in a window.
            batch_size: B, how many windows.
            generator: draws the places; left out, torch's own.

        Returns:
            inputs: (B, T) int64.
            targets: (B, T) int64, at each position the character that follows the input's.

        Raises:
            ValueError: if the text is too short for one window and its next character.
        """
        if len(self) <= block_size:
            raise ValueError(
                f"the text has {len(self)} characters; windows of {block_size} need at least "
                f"{block_size + 1}"
            )
        starts = torch.randint(len(self) - block_size, (batch_size, 1), generator=generator)
        places = starts + torch.arange(block_size + 1)  # (B, T + 1)
        drawn = self.tokens[places]
        return drawn[:, :-1], drawn[:, 1:]


def read(edition: Edition, contents: Contents) -> Splits[Text]:
    """The corpus: its last tenth validates, the rest trains; both have the whole's alphabet."""
    (content,) = contents.values()
    characters = content.decode()
    alphabet = "".join(sorted(set(characters)))
    end = len(characters) - int(len(characters) * VALIDATION_SHARE)
    return Splits(Text(characters[:end], alphabet), Text(characters[end:], alphabet), None, edition)


def _codes(characters: str) -> NDArray[np.uint32]:
    """(N,) code points, without a Python loop over millions of characters."""
    return np.frombuffer(characters.encode("utf-32-le"), dtype="<u4")
