"""The folder in which fetched files stay: `data/cache/`, or the one that COURSEWORK_DATA names.

A folder that cannot be written, such as a class's shared copy, is read all the same; what it
lacks then goes into `data/cache/`.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from data.files import write_whole
from data.progress import say
from data.source import Contents, File, Recipe

VARIABLE = "COURSEWORK_DATA"
DEFAULT = Path(__file__).resolve().parent / "cache"


def folders() -> list[Path]:
    """Where files are looked for, in order."""
    named = os.environ.get(VARIABLE)
    if not named:
        return [DEFAULT]
    first = Path(named).expanduser().absolute()
    return [first] if _is_writable(first) else [first, DEFAULT]


@contextlib.contextmanager
def folder_to_write() -> Iterator[Path]:
    """Where new files go; a folder that is gone afterwards if nothing else can be written."""
    for folder in folders():
        if _is_writable(folder):
            yield folder
            return
    with tempfile.TemporaryDirectory(prefix="coursework-data-") as name:
        say(f"{folders()[-1]} cannot be written, so nothing is kept; set {VARIABLE} to a folder")
        yield Path(name)


def contents_of(recipe: Recipe, places: Sequence[Path] | None = None) -> Contents | None:
    """The contents of an edition's files by path, or None if any of them is missing.

    Args:
        recipe: the edition.
        places: where to look instead of in the cache's folders.
    """
    contents = {}
    for file in recipe.files:
        content = read(file, folders() if places is None else places)
        if content is None:
            return None
        contents[file.path] = content
    return contents


def read(file: File, places: Sequence[Path]) -> bytes | None:
    """The checked content of a file, decompressed, or None if no place holds the right one."""
    for path in (place / file.path for place in places):
        if not path.is_file():
            continue
        try:
            content = unpacked(path.read_bytes(), file.path)
        except (OSError, EOFError, zlib.error) as error:
            say(f"passing over {path}: it cannot be read ({error})")
            continue
        expected = file.sha256 or _recorded_sum(path)
        if hashlib.sha256(content).hexdigest() == expected:
            return content
        if expected is None:
            say(f"passing over {path}: its sum, {_sum_beside(path).name}, is not there")
        elif file.sha256 is None:
            say(f"passing over {path}: its content is not what was fetched")
        else:
            say(f"passing over {path}: its content is not that of the published file")
    return None


def _sum_beside(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _recorded_sum(path: Path) -> str | None:
    """What was written down when the file was fetched."""
    try:
        return _sum_beside(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def size_of(recipe: Recipe) -> int:
    """Bytes that an edition's files take up in the cache."""
    found = [
        next((place / file.path for place in folders() if (place / file.path).is_file()), None)
        for file in recipe.files
    ]
    return sum(path.stat().st_size for path in found if path is not None)


def unpacked(content: bytes, path: str) -> bytes:
    """The content, decompressed if the name says that it is compressed."""
    return gzip.decompress(content) if path.endswith(".gz") else content


def write(folder: Path, file: File, content: bytes) -> None:
    """Put a file into the cache in one step, so that nobody ever reads half of it.

    Raises:
        ValueError: if the content is not what the file is known to hold.
    """
    got = hashlib.sha256(content).hexdigest()
    if file.sha256 not in (None, got):
        raise ValueError(f"{file.path} has sha256 {got}; expected {file.sha256}")
    packed = content
    if file.path.endswith(".gz"):
        packed = gzip.compress(content, compresslevel=6, mtime=0)
    write_whole(folder / file.path, packed)
    if file.sha256 is None:
        write_whole(_sum_beside(folder / file.path), f"{got}\n".encode())


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from fetching into the same folder; the lock ends with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "ab") as stream:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _is_writable(folder: Path) -> bool:
    """Whether files can be added, the folder itself being made if need be."""
    while not folder.exists():
        folder = folder.parent
    # The mode is asked too, since root may write everywhere and a shared copy is to stay as it is.
    return folder.is_dir() and os.access(folder, os.W_OK) and bool(folder.stat().st_mode & 0o222)
