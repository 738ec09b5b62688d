"""The sentences that the commands read: files that the user names, or the folder en_es_data.

A file holds one sentence a line with a space between two words, in UTF-8.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from data.pair_folder import DEFAULT, TO_MAKE, build
from data.sentence_pairs import SentencePairs, paired, sentences_in

FOLDER = Path(DEFAULT)


def read_sentences(path: Path | str) -> list[list[str]]:
    """Read the sentences of a file; a blank line is a sentence of no words.

    Raises:
        ValueError: if the file is missing or empty, or is no UTF-8.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}; {TO_MAKE}") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    return sentences_in(content, str(path))


def read_pairs(source: Path | str, target: Path | str) -> SentencePairs:
    """Read sentences and their translations, without the pairs of which one side is blank.

    Raises:
        ValueError: if a file cannot be read, or one has more lines than the other.
    """
    return paired(read_sentences(source), read_sentences(target), (str(source), str(target)))


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
