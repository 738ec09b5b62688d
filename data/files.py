"""Write a file in one step, so that nobody ever reads half of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial-"  # how the name of a file begins that is being written


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file so that a reader, or a crash, meets the old one or the new one, whole.

    Args:
        path: the file to replace; its folder is made if need be.
        write: writes the content to the path that it is given, in the same folder and with the
            same ending. What a kill leaves there is replaced by the next one that is written.

    Raises:
        OSError: if it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{PARTIAL}{path.name}")
    try:
        write(partial)
        # Without this the new name could reach the disk before the content does.
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write the content as `write_atomically` does."""
    write_atomically(path, lambda partial: partial.write_bytes(content))


@contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Tell which folder of a command's ``--out`` cannot be written, and what to do.

    Raises:
        OSError: with these words in the place of the system's own.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror
        if isinstance(error, FileExistsError | NotADirectoryError):
            reason = "it is not a folder"
        raise OSError(
            f"{folder} cannot be written ({reason}); make room there or name another folder "
            "with --out"
        ) from error
