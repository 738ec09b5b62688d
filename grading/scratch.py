"""Removes what a run has made, whatever a submission has put there, or is still putting there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def remove(folder: Path) -> None:
    """Remove a folder and all below it, as far as the system lets us.

    Folders that cannot be read are opened first, and a nested one is moved to the top before it
    is emptied: a thousand levels would be too deep for `shutil.rmtree`, and for a path. No link is
    followed, not even one that takes a folder's place meanwhile.
    """
    if os.open not in os.supports_dir_fd:  # Windows, where it takes rights to make a link
        shutil.rmtree(folder, ignore_errors=True)
        return
    number = 0
    pending = [folder]
    while pending:
        current = pending.pop()
        with suppress(OSError), _opened(current) as descriptor:
            for name in os.listdir(descriptor):
                with suppress(OSError):
                    os.unlink(name, dir_fd=descriptor)
                    continue
                with suppress(OSError):
                    _unlock(name, descriptor)
                    moved = folder.with_name(f"{folder.name}.{number}")
                    os.rename(name, moved, src_dir_fd=descriptor)
                    number += 1
                    pending.append(moved)
        for end in (os.rmdir, os.unlink):  # it may be a link by now
            with suppress(OSError):
                end(current)


def empty(folder: Path, user: int | None = None) -> None:
    """Remove all that is in a folder, or what belongs to one user there.

    It goes into a new folder first, beside which nothing waits under a name that `remove` needs.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        found = [
            entry for entry in entries if user in (None, entry.stat(follow_symlinks=False).st_uid)
        ]
        if not found:
            return
        gone = Path(tempfile.mkdtemp(dir=folder))
        for entry in found:
            with suppress(OSError):  # a folder that is locked cannot be moved
                _unlock(entry.path)
            with suppress(OSError):
                os.rename(entry.path, gone / entry.name)
        remove(gone)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    _unlock(folder)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _unlock(folder: str | Path, within: int | None = None) -> None:
    """Let us read, empty and move a folder.

    Raises:
        OSError: if it is none, or not ours.
    """
    if os.chmod in os.supports_follow_symlinks:
        os.chmod(folder, 0o700, dir_fd=within, follow_symlinks=False)
        return
    flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW
    descriptor = os.open(folder, flags, dir_fd=within)
    try:
        os.chmod(f"/proc/self/fd/{descriptor}", 0o700)
    finally:
        os.close(descriptor)
