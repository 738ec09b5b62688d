"""Unpacks a submitted zip as one unpacks a parcel from a stranger."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from grading.temporary import blame_no_room

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    RuntimeError,  # a password
    ValueError,  # a name that is no UTF-8 though it says so
    OSError,
    EOFError,
)
USUAL = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others announce gigabytes to work in
MOST_FILES = 500
MOST_DEPTH = 50  # of folders
MOST_BYTES = 50 * 1024 * 1024
MOST_RATIO = 200
IGNORED_PARTS = frozenset(
    {"__MACOSX", "__pycache__", ".git", ".DS_Store", ".venv", "venv", "env"}
    | {"site-packages", "node_modules"}
)


class RefusedSubmission(Exception):
    """The submission cannot be graded as it is; the message says what to change."""


def unpack_zip(archive: Path, folder: Path) -> None:
    """Extract a zip's files into `folder`.

    Args:
        archive: the zip.
        folder: an empty folder; nothing is ever written outside it.

    Raises:
        RefusedSubmission: if the file is no zip, or holds a link, an absolute or parent path,
            too many files, too many bytes, a file that was packed absurdly small or in an unusual
            way, or one too many folders deep.
        UsageError: if there is no room for its files.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            entries = [entry for entry in packed.infolist() if not _is_ignored(entry)]
            _check_total(entries)
            for entry in entries:
                _check_entry(entry)
                _extract(packed, entry, folder)
    except UNREADABLE as error:
        blame_no_room(error)
        why = getattr(error, "strerror", None) or error  # no path: equal zips share a refusal
        raise RefusedSubmission(f"the zip cannot be unpacked: {why}") from error


def _is_ignored(entry: zipfile.ZipInfo) -> bool:
    return entry.is_dir() or not IGNORED_PARTS.isdisjoint(PurePosixPath(entry.filename).parts)


def _check_total(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise RefusedSubmission(
            f"the zip holds {len(entries):,} files; submit only the homework's own, "
            f"at most {MOST_FILES}"
        )
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES:
        raise RefusedSubmission(
            f"the zip unpacks to {size:,} bytes; leave data and checkpoints out "
            f"(at most {MOST_BYTES:,})"
        )


def _check_entry(entry: zipfile.ZipInfo) -> None:
    held = f"the zip holds {entry.filename!r}"
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
        raise RefusedSubmission(f"{held}, which points outside the submission")
    if len(path.parts) > MOST_DEPTH:
        raise RefusedSubmission(f"the zip holds a file more than {MOST_DEPTH} folders deep")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise RefusedSubmission(f"{held}, a link; submit the file itself")
    if entry.compress_type not in USUAL:
        raise RefusedSubmission(f"{held}, packed in an unusual way; make a usual zip (deflate)")
    if entry.file_size > 1 << 20 and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
        raise RefusedSubmission(f"{held}, which unpacks suspiciously large")


def _extract(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    """Write one file, reading no more than its announced size."""
    target = folder / PurePosixPath(entry.filename.replace("\\", "/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with packed.open(entry) as source:
        content = source.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise RefusedSubmission(f"{entry.filename!r} is not as large as the archive says")
    target.write_bytes(content)
