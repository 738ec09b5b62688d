"""A unit of work: one submission and one question, named by everything that its result depends on.

The address is a hash of the submission's bytes, the checks asked, the grader's own sources, the
editions of the data and the seed. What has an address in the ledger is never graded again; what
changes gets another address. Two people who hand in the same bytes share a unit.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grading.archive import IGNORED_PARTS
from grading.spellings import HOMEWORK_TEXTS

ROOT = Path(__file__).resolve().parents[1]
FORMAT = 1
GRADER_FILES = (".py", ".ini", ".json")
MOST_NAMES = 20_000  # in a folder; beyond, the examiner refuses it in any case


@dataclass(frozen=True)
class Task:
    """A question as it is asked of every submission.

    Attributes:
        question: for instance ``q5``.
        asked: the question, or the checks of it that are wanted.
        seconds: the sum of its checks' time limits.
        editions: of the data that it trains on.
    """

    question: str
    asked: tuple[str, ...]
    seconds: float = 0.0
    editions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unit:
    """One submission and one question.

    Attributes:
        address: its name in the ledger.
        task: the question.
        path: the folder or zip.
        content: what `content_of` said of it.
    """

    address: str
    task: Task
    path: Path
    content: str


def address(content: str, task: Task, seed: int) -> str:
    """The name of a unit's result.

    Args:
        content: what `content_of` says of the submission.
        task: the question.
        seed: of the class.
    """
    parts = [FORMAT, content, task.question, *task.asked, grader_version(), *task.editions, seed]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def content_of(path: Path) -> str:
    """A hash of the bytes that were handed in.

    Args:
        path: a zip, which is hashed as it is, or a folder, of which the files count that an
            examiner would look at.

    Raises:
        OSError: if they cannot be read.
    """
    digest = hashlib.sha256()
    if path.is_file():
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    else:
        for name, file in sorted(_looked_at(path)):
            content = b"" if file is None else file.read_bytes()
            digest.update(b"%d %d\n%b\n" % (len(name), len(content), name))
            digest.update(content)
    return digest.hexdigest()


def _looked_at(folder: Path) -> Iterator[tuple[bytes, Path | None]]:
    """Names below a folder; with a path where the content counts too."""
    count, above = 0, len(str(folder)) + 1
    for place, folders, files in os.walk(folder, onerror=_fail):
        folders[:] = [name for name in folders if name not in IGNORED_PARTS]
        count += len(folders) + len(files)
        if count > MOST_NAMES:
            return
        for name in folders:
            yield os.fsencode(os.path.join(place, name)[above:]), None
        for name in files:
            whole = os.path.join(place, name)
            inner = whole[above:]
            counts = name.endswith(".py") or inner.replace(os.sep, "/") in HOMEWORK_TEXTS
            plain = counts and not os.path.islink(whole) and os.path.isfile(whole)
            yield os.fsencode(inner), Path(whole) if plain else None


def _fail(error: OSError) -> None:
    raise error


@cache
def grader_version(root: Path = ROOT) -> str:
    """A hash of everything in `grading`: other sources may give other marks."""
    return digest_of(
        (path.relative_to(root).as_posix(), path.read_bytes())
        for path in sorted((root / "grading").rglob("*"))
        if path.suffix in GRADER_FILES and path.is_file()
    )


def digest_of(files: Iterable[tuple[str, bytes]]) -> str:
    """A hash of files by their names."""
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:40]
