"""The homework's folder of sentence pairs: six files, read from a user's own or written for `run`.

A folder holds train, dev and test as .es and .en, one sentence a line with a space between two
words. One that was written here says in ``about.json`` which edition it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data.files import writing_into
from data.sentence_pairs import SentencePairs, parse
from data.sentences import NAMES, SPLITS, packed
from data.splits import Edition, Splits

ABOUT = "about.json"
DEFAULT = "en_es_data"  # where the homework's commands look
TINY = {"train": 400, "dev": 50, "test": 50}
TINY_LONGEST = 12  # words of a sentence
SHOWN = 3  # pairs of the summary
TO_MAKE = "to make such a folder: python -m data pairs"


def read_folder(folder: Path | str) -> Splits[SentencePairs]:
    """The pairs of a folder; its dev is called ``validation``.

    Raises:
        OSError: if a file is missing or cannot be read.
        ValueError: if a file is empty or no UTF-8, or has more lines than its translation.
    """
    folder = Path(folder)
    missing = [name for name in NAMES if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{folder} lacks {', '.join(missing)}; expected the six files {', '.join(NAMES)}; "
            f"{TO_MAKE}"
        )
    contents = [(folder / name).read_bytes() for name in NAMES]
    try:
        splits = parse(contents)
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from error
    train, dev, test = splits.values()
    return Splits(train, dev, test, _edition(folder, contents))


def _edition(folder: Path, contents: list[bytes]) -> Edition:
    """What the folder says of itself, if its files are still those that it says it of."""
    try:
        about = json.loads((folder / ABOUT).read_bytes())
        if about["sha256"] == _sums(dict(zip(NAMES, contents, strict=True))):
            return Edition(**about["edition"])
    except (OSError, ValueError, TypeError, KeyError):
        pass  # not written here, or changed since
    return Edition("own-pairs", "sentence pairs of your own", str(folder), "that of their owner")


@dataclass(frozen=True)
class Written:
    """A folder that was written.

    Attributes:
        folder: where.
        about: what its ``about.json`` says.
        pairs: what its files hold, by the name of the split.
    """

    folder: Path
    about: dict[str, Any]
    pairs: dict[str, SentencePairs]


def build(folder: Path, tiny: bool = False) -> Written:
    """Fetch the best edition if need be, and write the folder; the same edition, the same bytes.

    Args:
        folder: made if need be; files of an earlier build are replaced, others stay.
        tiny: a few hundred short sentences only, for a training of seconds.

    Raises:
        FetchError: if no source of the pairs answers.
        OSError: if the folder cannot be written.
    """
    from data.loading import load

    found = load("es_en")
    if found.validation is None or found.test is None:
        raise ValueError(f"{found.edition.name} has no sentences to validate or to test on")
    parts = (found.train, found.validation, found.test)
    pairs = dict(zip(SPLITS, parts, strict=True))
    if tiny:
        pairs = {name: shortened(pairs[name], TINY[name]) for name in SPLITS}
    lines = {name: [(" ".join(a), " ".join(b)) for a, b in pairs[name]] for name in SPLITS}
    contents = dict(zip(NAMES, packed(lines), strict=True))
    about = {
        "edition": asdict(_tiny_of(found.edition) if tiny else found.edition),
        "pairs": {name: len(part) for name, part in pairs.items()},
        "sha256": _sums(contents),
    }
    _write(folder, {**contents, ABOUT: (json.dumps(about, indent=2) + "\n").encode()})
    return Written(folder, about, pairs)


def shortened(pairs: SentencePairs, most: int) -> SentencePairs:
    """The first pairs of which both sentences are short; fewer than ``most`` if there are fewer."""
    short = [pair for pair in pairs if max(map(len, pair)) <= TINY_LONGEST][:most]
    return SentencePairs([source for source, _ in short], [target for _, target in short])


def _tiny_of(edition: Edition) -> Edition:
    """No pass mark of the whole edition holds for a part of it."""
    return Edition(
        f"{edition.name}-tiny",
        f"a few hundred short ones: {edition.description}",
        edition.source,
        edition.licence,
    )


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Put the files there once all of them are written: a failure leaves what was there before."""
    with writing_into(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as name:
            for file, content in contents.items():
                (Path(name) / file).write_bytes(content)
            for file in contents:
                os.replace(Path(name) / file, folder / file)


def _sums(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def summary(written: Written) -> str:
    """What was written, some of it, and what to do with it."""
    edition = written.about["edition"]
    lines = [
        f"{written.folder}: {edition['name']}, {edition['description']}",
        f"  {edition['source']}; {edition['licence']}",
    ]
    for name, pairs in written.pairs.items():
        words = [sum(map(len, side)) / len(pairs) for side in (pairs.source, pairs.target)]
        lines.append(
            f"  {name}.es and {name}.en  {len(pairs):,} pairs of {words[0]:.1f} and {words[1]:.1f} "
            "words"
        )
    train = written.pairs["train"]
    lines.append("Some to train on:")
    for place in range(0, len(train), len(train) // SHOWN)[:SHOWN]:
        lines += [f"  {' '.join(train.source[place])}", f"    {' '.join(train.target[place])}"]
    return "\n".join([*lines, _what_next(written.folder)])


def _what_next(folder: Path) -> str:
    if folder == Path(DEFAULT):
        return "To train on them: sh run.sh vocab, then sh run.sh train"
    name = shlex.quote(str(folder))
    return (
        "To train on them, name the files to vocab.py and run.py:\n"
        f"  --train-src={name}/train.es --train-tgt={name}/train.en"
    )
