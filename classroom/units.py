"""A unit of work: one submission and one question, named by everything that its result depends on.

The address is a hash of the submission's bytes, the checks asked, the grader's own sources, the
editions of the data and the seed. What has an address in the ledger is never graded again; what
changes gets another address. Two people who hand in the same bytes share a unit.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grading.archive import RefusedSubmission
from grading.submission import files_of

ROOT = Path(__file__).resolve().parents[1]
FORMAT = 1
GRADER_FILES = (".py", ".ini", ".json")


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
            examiner takes, or the reason why it takes none.

    Raises:
        OSError: if they cannot be read.
    """
    digest = hashlib.sha256()
    if path.is_file():
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    else:
        try:
            for file, content in files_of(path):
                name = os.fsencode(file)
                digest.update(b"%d %d\n%b\n" % (len(name), len(content), name))
                digest.update(content)
        except RefusedSubmission as refusal:
            digest.update(os.fsencode(str(refusal)))
    return digest.hexdigest()


@cache
def grader_version(root: Path = ROOT) -> str:
    """A hash of `grading` and of `data`, whose code draws what checks ask: what marks hang on."""
    return digest_of(
        (path.relative_to(root).as_posix(), path.read_bytes())
        for path in sorted([*(root / "grading").rglob("*"), *(root / "data").rglob("*.py")])
        if path.suffix in GRADER_FILES and path.is_file()
    )


def digest_of(files: Iterable[tuple[str, bytes]]) -> str:
    """A hash of files by their names."""
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:40]
