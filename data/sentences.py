"""Sentences as lists of words, and which sentence belongs to which split (q11).

What every edition of the sentence pairs has in common: how text is normalised and cut into words,
and a split that is the same on every machine. Upper and lower case stay apart, as in the homework's
data, so a translation's BLEU is the strict one: "the" for "The" is a mistake.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Pair: TypeAlias = tuple[str, str]  # a Spanish sentence and its English one, words between spaces

SPLITS = ("train", "dev", "test")
LANGUAGES = ("es", "en")  # what is translated, and into what
NAMES = tuple(f"{name}.{language}" for name in SPLITS for language in LANGUAGES)
SHARE = 20  # one sentence in so many goes to test, and one to dev

LONGEST = 50  # words of a sentence
TIMES, MORE = 2, 3  # the longer side has at most `TIMES` the words of the other, and `MORE`

# One form for marks that are typed in several ways. Guillemets and dashes keep their own.
SAME = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{GRAVE ACCENT}": "'",
        "\N{ACUTE ACCENT}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{NON-BREAKING HYPHEN}": "-",
    }
)
# Marks join words only from within: don't, double-click, 7.4, index.html, 1,000 and 10:30.
TOKEN = re.compile(r"\w+(?:(?:['.-]|(?<=\d)[,:](?=\d))\w+)*|\S")
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[¿¡«\"(]*[^\W\d_a-zß-öø-ÿ])")


def normal(text: str) -> str:
    """The text in Unicode's composed form, on one line, without characters that cannot be seen."""
    text = unicodedata.normalize("NFC", " ".join(text.split())).translate(SAME)
    if text.isprintable():
        return text
    return "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")


def tokenize(text: str) -> list[str]:
    """The words and marks of a text, in the case in which they stand there.

    A mark is a word of its own unless it stands within one. Words that are joined with spaces and
    tokenized again are the same words.
    """
    return TOKEN.findall(normal(text))


def sentences(text: str) -> list[str]:
    """A paragraph cut where a mark ends a sentence and the next begins with a capital letter."""
    return SENTENCE_END.split(normal(text))


def pairs(spanish: str, english: str) -> Iterator[Pair]:
    """The sentence pairs of two paragraphs that translate each other.

    A paragraph that has more sentences in one language than in the other is left out, since nobody
    knows which of them belong together; so are the pairs that `fits` refuses.
    """
    sources, targets = sentences(spanish), sentences(english)
    if len(sources) == len(targets):
        for source, target in zip(map(tokenize, sources), map(tokenize, targets), strict=True):
            if fits(source, target):
                yield " ".join(source), " ".join(target)


def fits(source: list[str], target: list[str]) -> bool:
    """Whether these are sentences, short enough, that translate each other."""
    mine, theirs = _words(source), _words(target)
    return (
        min(len(mine), len(theirs)) >= 2
        and max(len(source), len(target)) <= LONGEST
        and _equally_long(source, target)
        # Formulas, code, lists of names.
        and 2 * len(mine) > len(source)
        and 2 * len(theirs) > len(target)
        # What is still in English, in whole or in part.
        and 2 * len(set(mine) & set(theirs)) <= min(len(set(mine)), len(set(theirs)))
    )


def split(found: Iterable[Pair]) -> dict[str, list[Pair]]:
    """One pair for each English sentence, the first, in the splits of `SPLITS`.

    Sentences that differ only in case, digits or marks count as one: they would be in train what
    they are in test. The sum of the `essence` decides, and `apart` sees to the Spanish side.
    """
    splits: dict[str, list[Pair]] = {name: [] for name in SPLITS}
    seen: set[str] = set()
    for pair in found:
        key = essence(pair[1])
        if key not in seen:
            seen.add(key)
            splits[_split_of(key)].append(pair)
    return apart(splits)


def apart(splits: dict[str, list[Pair]]) -> dict[str, list[Pair]]:
    """The splits without those pairs of which a later split of `SPLITS` holds one side."""
    taken: set[tuple[int, str]] = set()
    result = {}
    for name in reversed(SPLITS):
        sides = [{(side, essence(pair[side])) for side in (0, 1)} for pair in splits[name]]
        result[name] = [
            pair for pair, its in zip(splits[name], sides, strict=True) if not its & taken
        ]
        taken = taken.union(*sides)
    return {name: result[name] for name in SPLITS}


def essence(sentence: str) -> str:
    """What two sentences have in common that differ only in case, digits or marks."""
    return " ".join(re.findall(r"[^\W\d_]+", sentence.casefold()))


def packed(splits: dict[str, list[Pair]]) -> list[bytes]:
    """The contents of the files of `NAMES`, one sentence a line."""
    return [
        "".join(f"{pair[side]}\n" for pair in splits[name]).encode()
        for name in SPLITS
        for side in range(len(LANGUAGES))
    ]


def _words(tokens: list[str]) -> list[str]:
    return [token.casefold() for token in tokens if WORD.fullmatch(token)]


def _equally_long(source: list[str], target: list[str]) -> bool:
    shorter, longer = sorted((len(source), len(target)))
    return longer <= TIMES * shorter + MORE


def _split_of(key: str) -> str:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % SHARE
    return {0: "test", 1: "dev"}.get(number, "train")
