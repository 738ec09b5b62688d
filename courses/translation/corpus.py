"""The sentences that the commands read: files that the user names, or the folder en_es_data.

A file holds one sentence a line with a space between two words, in UTF-8.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from data.pair_folder import DEFAULT, TO_MAKE, build
from data.sentence_pairs import SentencePairs

FOLDER = Path(DEFAULT)


def read_sentences(path: Path | str) -> list[list[str]]:
    """Read the sentences of a file; a blank line is a sentence of no words.

    Raises:
        ValueError: if the file is missing or empty, or is no UTF-8.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}; {TO_MAKE}") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no UTF-8 ({error.reason}); save it as UTF-8") from error
    if not text.strip():
        raise ValueError(f"{path} is empty; expected one sentence a line")
    # Other line breaks than the usual one may stand within a sentence.
    return [line.split() for line in text.removesuffix("\n").split("\n")]


def read_pairs(source: Path | str, target: Path | str) -> SentencePairs:
    """Read sentences and their translations, without the pairs of which one side is blank.

    Raises:
        ValueError: if a file cannot be read, or one has more lines than the other.
    """
    sources, targets = read_sentences(source), read_sentences(target)
    if len(sources) != len(targets):
        raise ValueError(
            f"{source} has {len(sources):,} lines but {target} has {len(targets):,}; expected as "
            "many, the translation of a sentence on the line of the same number"
        )
    kept = [pair for pair in zip(sources, targets, strict=True) if all(pair)]
    if not kept:
        raise ValueError(f"{source} and {target} have no line in which both hold a sentence")
    return SentencePairs([source for source, _ in kept], [target for _, target in kept])


def digest(*parts: SentencePairs) -> str:
    """Tell data apart: the same sentences in the same order have the same sum."""
    found = hashlib.sha256()
    for pairs in parts:
        for sentences in (pairs.source, pairs.target):
            found.update("\n".join(map(" ".join, sentences)).encode() + b"\0")
    return found.hexdigest()


def find_pairs(source: Path | str, target: Path | str) -> SentencePairs:
    """Read sentences and their translations; the homework's folder is made if it is not there.

    Raises:
        FetchError: if the folder has to be made and no source of it answers.
        ValueError: as `read_pairs` does.
    """
    asked_for = FOLDER in Path(source).parents or FOLDER in Path(target).parents
    if asked_for and not FOLDER.exists():
        print(f"there is no folder {FOLDER} yet: making it", flush=True)
        written = build(FOLDER)
        print(f"{FOLDER}: {written.about['edition']['description']}", flush=True)
    return read_pairs(source, target)
