"""Question 11: files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: str | Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and then put it there, in place of an older one.

    `data.files` does the same for everything else; models import nothing from there, since they
    are handed in without it.

    Args:
        path: the file.
        write: writes it to the path that it is given. What a kill leaves there is replaced by the
            next one that is written.
    """
    path = Path(path)
    partial = path.with_name(f".partial-{path.name}")
    try:
        write(partial)
        # Without this the new name could reach the disk before the content does.
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
