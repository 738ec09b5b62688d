"""Question 11: sentences of one length.

A tensor has straight edges and the sentences of a batch have not, so the shorter ones are filled
up with a word that means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Word = TypeVar("Word", str, int)


def pad_sents(sents: Sequence[Sequence[Word]], pad_token: Word) -> list[list[Word]]:
    """Fill every sentence up to the length of the longest.

    Args:
        sents: sentences as lists of words (or of their ids), in any order; none of them is changed.
        pad_token: the word that fills up.

    Returns:
        The sentences in the same order, all of one length, padded on the right.
    """
    # BEGIN SOLUTION q11.pad: as many padding words as each sentence lacks
    longest = max(map(len, sents), default=0)  # a batch of no sentences is a batch, too
    return [[*sent, *[pad_token] * (longest - len(sent))] for sent in sents]
    # END SOLUTION q11.pad
