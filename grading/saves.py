"""Hears when files of a submission are saved, by asking the system (`watchfiles`).

Editors write twice, or write beside the file and rename; a checkout replaces a whole folder. So a
notice says only that something may have changed; what it was, the reader of the files decides.
"""

from __future__ import annotations

import os
import queue
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from grading.archive import IGNORED_PARTS
from grading.submission import GRADER_NAMES

QUIET = 50  # milliseconds without a further change that end one save
LONGEST_SAVE = 1000  # milliseconds after which a save that does not end is told all the same
MOST_FOLDERS = 500
SECONDS_BETWEEN_LOOKS = 0.5


class Saves(Protocol):
    """Where notices of saved files come from."""

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for a notice, at most so long, and take it; whether there was one."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class FileSaves:
    """Notices from the file system.

    Folders are watched one by one, so that neither data nor an environment beside the homework
    costs anything; when folders come or go, the watch is renewed.

    Args:
        root: the submission's folder.

    Raises:
        ModuleNotFoundError: if watchfiles is not installed.
    """

    def __init__(self, root: Path) -> None:
        import watchfiles

        self.root = root.resolve()
        self.notices: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.over = threading.Event()
        self.watch = watchfiles.watch
        self.polling: bool | None = None  # None lets watchfiles choose
        threading.Thread(target=self._listen, daemon=True).start()

    def wait(self, seconds: float | None = None) -> bool:
        """See `Saves.wait`."""
        while True:
            with suppress(queue.Empty):
                # Without end, a wait could not be interrupted on Windows.
                self.notices.get(timeout=SECONDS_BETWEEN_LOOKS if seconds is None else seconds)
                break
            if seconds is not None:
                return False
        with suppress(queue.Empty):
            while True:  # several notices are one
                self.notices.get_nowait()
        return True

    def close(self) -> None:
        """See `Saves.close`."""
        self.over.set()

    def _listen(self) -> None:
        while not self.over.is_set():
            folders = watched_folders(self.root)
            if not folders:  # a checkout may be replacing it
                self.over.wait(SECONDS_BETWEEN_LOOKS)
                continue
            try:
                self._listen_to(folders)
            except FileNotFoundError:  # a folder went before it could be watched
                self.over.wait(QUIET / 1000)
            except (OSError, RuntimeError):  # the system grants no (further) watches
                self.polling = True
                self.over.wait(SECONDS_BETWEEN_LOOKS)
            self.notices.put(None)  # what happened between two watches was not seen

    def _listen_to(self, folders: list[Path]) -> None:
        """Pass notices on until the folders to watch are others, be it under the same names."""
        names = {str(folder) for folder in folders}
        changes = self.watch(
            *folders,
            watch_filter=lambda _, path: Path(path).suffix in (".py", ""),
            debounce=LONGEST_SAVE,
            step=QUIET,
            rust_timeout=int(1000 * SECONDS_BETWEEN_LOOKS),
            yield_on_timeout=True,
            stop_event=self.over,
            recursive=False,
            force_polling=self.polling,
        )
        for change in changes:
            if change:
                self.notices.put(None)
            replaced = any(path in names for _, path in change)
            if replaced or watched_folders(self.root) != folders:
                return


def watched_folders(root: Path) -> list[Path]:
    """The folders below a submission's root that may hold homework, the root first."""
    found: list[Path] = []
    for folder, below, files in os.walk(root):
        if "pyvenv.cfg" in files:  # a virtual environment, whatever it is called
            below.clear()
            continue
        left_out = IGNORED_PARTS | (GRADER_NAMES if Path(folder) == root else frozenset())
        below[:] = sorted(
            name for name in below if name not in left_out and not name.startswith(".")
        )
        found.append(Path(folder))
        if len(found) == MOST_FOLDERS:
            break
    return found
