"""Question 11: files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: str | Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and then put it there, in place of an older one.

    Args:
        path: the file.
        write: writes it to the path that it is given.
    """
    path = Path(path)
    # Two processes that write at once write to files of their own.
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        write(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
