"""The homework's own sentence pairs, out of talks (q11).

They come in a zip file with the homework's code, as six files of sentences that are not cut into
words. Their split is kept, so that a BLEU compares with those reported elsewhere, except that what
stands in dev or test does not train.
"""

from __future__ import annotations

from data.sentence_pairs import parse
from data.sentences import NAMES, Pair, apart, packed, tokenize
from data.source import Contents

FOLDER = "a4/en_es_data"
MEMBERS = tuple(f"{FOLDER}/{name}" for name in NAMES)


def from_homework(contents: Contents) -> list[bytes]:
    """The six files of sentence pairs.

    Raises:
        ValueError: if these are no files of sentences; see `parse`.
    """
    splits = parse([contents[member] for member in MEMBERS])
    return packed(apart({name: list(map(_tokenized, pairs)) for name, pairs in splits.items()}))


def _tokenized(pair: tuple[list[str], list[str]]) -> Pair:
    source, target = (" ".join(tokenize(" ".join(side))) for side in pair)
    return source, target
