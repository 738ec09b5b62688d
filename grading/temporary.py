"""The folder that a run works in, and what runs that were killed have left of theirs.

A run holds a lock on its folder, and the system lets go of it when the process ends in whatever
way. A marked folder without a lock is therefore nobody's, and the next run removes it.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from grading.launcher import end_all_of
from grading.options import UsageError
from grading.scratch import remove

if sys.platform != "win32":
    import fcntl

PREFIX = "grading-"
MARK = ".coursework-run"  # nobody else's folder is ever removed, whatever its name
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class TemporaryFolder:
    """A new folder that is this run's alone; as a context it is removed at the end.

    Attributes:
        path: the folder.

    Raises:
        UsageError: if none can be made.
    """

    def __init__(self) -> None:
        sweep()
        self.lock: int | None = None
        try:
            self.path = self._make()
        except OSError as error:
            raise _no_folder(error) from error

    def _make(self) -> Path:
        while True:
            path = Path(tempfile.mkdtemp(prefix=PREFIX))
            try:
                self.lock = _lock(path)
            except (BlockingIOError, FileNotFoundError):
                continue  # another run found it new and empty, and swept it away
            if self.lock is not None:
                (path / MARK).touch()
            return path

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        _remove(self.path)
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()


def sweep() -> None:
    """End what is left of this user's runs that were killed, and remove their folders."""
    with suppress(OSError):
        for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            with suppress(OSError):
                if _is_ours(path):
                    _sweep_one(path)


def _sweep_one(path: Path) -> None:
    lock = _lock(path)
    if lock is None:
        return
    try:
        if (path / MARK).exists():
            end_all_of(path)
            _remove(path)
        else:
            path.rmdir()  # killed before it could mark it; fails unless the folder is empty
    finally:
        os.close(lock)


def _is_ours(path: Path) -> bool:
    """Whether it is a folder, and no link to one, of the user who runs this."""
    if sys.platform == "win32":
        return False
    found = path.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _lock(path: Path) -> int | None:
    """Lock a folder for as long as the descriptor is open, or return None where that is not done.

    Raises:
        BlockingIOError: if another process holds the lock.
        FileNotFoundError: if the folder has been removed meanwhile.
    """
    if sys.platform == "win32":
        return None
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.stat()  # its name is in use once only, so what is found is what was locked
    except (BlockingIOError, FileNotFoundError):
        os.close(handle)
        raise
    except OSError:  # a file system without locks: its folders are never swept
        os.close(handle)
        return None
    return handle


def _remove(path: Path) -> None:
    """Remove a folder, its mark last: whoever is killed here leaves it to the next run."""
    with suppress(OSError):
        for entry in path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                remove(entry)
            elif entry.name != MARK:
                entry.unlink()
        if [entry.name for entry in path.iterdir()] == [MARK]:
            (path / MARK).unlink()
        path.rmdir()  # fails where something could not be removed


def _no_folder(error: OSError) -> UsageError:
    return UsageError(
        f"no folder for temporary files can be made: {error.strerror or error}; "
        "free some space, or set TMPDIR to a folder that can be written"
    )


def blame_no_room(error: BaseException) -> None:
    """Call a full disk by its name: it is nothing that a submission did.

    Raises:
        UsageError: if `error` says that there is no room left.
    """
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        raise UsageError(
            f"{tempfile.gettempdir()} has no room for the run's files: {error.strerror}; "
            "free some space, or set TMPDIR to a folder that has some"
        ) from error
