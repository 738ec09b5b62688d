"""Sentence pairs to learn translation from (q11): Spanish sentences with their English ones.

Three editions, best first: the homework's own pairs out of talks, some 200,000 (see
`data.talk_pairs`), 28,000 out of help pages (`data.help_pairs`) and 26,000 verses
(`data.verse_pairs`). All are kept in the form of the homework's files, one sentence a line, with a
space between two words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.sentences import LANGUAGES, NAMES, SPLITS
from data.source import Contents
from data.splits import Edition, Splits


@dataclass(frozen=True)
class SentencePairs:
    """Sentences and their translations, in order.

    Attributes:
        source: N Spanish sentences, each a list of words.
        target: N English sentences, each a list of words.

    Raises:
        ValueError: if there are not equally many of both.
    """

    source: list[list[str]]
    target: list[list[str]]

    def __post_init__(self) -> None:
        if len(self.source) != len(self.target):
            raise ValueError(
                f"source has {len(self.source)} sentences but target has {len(self.target)}; "
                "give one translation for each sentence"
            )

    def __len__(self) -> int:
        return len(self.source)

    def __iter__(self) -> Iterator[tuple[list[str], list[str]]]:
        return iter(zip(self.source, self.target, strict=True))


def read(edition: Edition, contents: Contents) -> Splits[SentencePairs]:
    """The pairs of the six files, which come in the order of `NAMES`; see `parse`."""
    train, dev, test = parse(list(contents.values())).values()
    return Splits(train, dev, test, edition)


def parse(contents: Sequence[bytes]) -> dict[str, SentencePairs]:
    """What six files hold, by the name of the split; a pair of which one side is blank is left out.

    Args:
        contents: in the order of `NAMES`.

    Raises:
        ValueError: if a file is empty or no UTF-8, or has more lines than its translation; the
            message names the file.
    """
    found = {name: sentences_in(it, name) for name, it in zip(NAMES, contents, strict=True)}
    return {name: _together(name, found) for name in SPLITS}


def sentences_in(content: bytes, name: str) -> list[list[str]]:
    """The sentences of a file, as lists of words; a blank line is a sentence of no words.

    Args:
        content: one sentence a line, with a space between two words, in UTF-8.
        name: of the file, as an error gives it.

    Raises:
        ValueError: if the file is empty or no UTF-8.
    """
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{name} is no UTF-8 in line {line:,} ({error.reason}); save it as UTF-8"
        ) from error
    if not text.strip():
        raise ValueError(f"{name} is empty; expected one sentence a line")
    # Other line breaks than the usual one may stand within a sentence.
    return [line.split() for line in text.removesuffix("\n").split("\n")]


def paired(
    sources: Sequence[list[str]], targets: Sequence[list[str]], names: tuple[str, str]
) -> SentencePairs:
    """The sentences of two files as pairs, without those of which one side is blank.

    Raises:
        ValueError: if one has more lines than the other, or no line is left; it gives the names.
    """
    source, target = names
    if len(sources) != len(targets):
        raise ValueError(
            f"{source} has {len(sources):,} lines but {target} has {len(targets):,}; expected as "
            "many, the translation of a sentence on the line of the same number"
        )
    kept = [pair for pair in zip(sources, targets, strict=True) if all(pair)]
    if not kept:
        raise ValueError(f"{source} and {target} have no line in which both hold a sentence")
    return SentencePairs([one for one, _ in kept], [other for _, other in kept])


def _together(split: str, found: dict[str, list[list[str]]]) -> SentencePairs:
    source, target = (f"{split}.{language}" for language in LANGUAGES)
    return paired(found[source], found[target], (source, target))
