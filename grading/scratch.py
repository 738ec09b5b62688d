"""Removes what a run has made, whatever a submission has put there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def remove(folder: Path) -> None:
    """Remove a folder and all below it, as far as the system lets us.

    Folders that cannot be read are opened first, and a nested one is moved to the top before it
    is emptied: a thousand levels would be too deep for `shutil.rmtree`, and for a path.
    """
    if folder.is_symlink():
        folder.unlink()
        return
    number = 0
    pending = [folder]
    while pending:
        current = pending.pop()
        for entry in _entries(current):
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)
                    moved = folder.with_name(f"{folder.name}.{number}")
                    os.rename(entry.path, moved)
                    number += 1
                    pending.append(moved)
                else:
                    os.unlink(entry.path)
        with suppress(OSError):
            os.rmdir(current)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(OSError):
        os.chmod(folder, 0o700)
        with os.scandir(folder) as entries:
            return list(entries)
    return []
