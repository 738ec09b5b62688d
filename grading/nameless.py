"""Files that processes hold although they have no name any more: open, or mapped and closed.

A deleted file keeps its bytes for as long as somebody has it open or mapped, and so does memory
that is shared without a file. No folder shows them; ``/proc`` does (proc_pid_maps(5)).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from grading.isolation.paths import SHARED_MEMORY

UNSEEN = 1 << 27  # bytes that a mapped file counts as where the system keeps its size from us
Key = tuple[int, int]  # device and inode
Sizes = dict[Key, int]


class Nameless:
    """What one worker's processes hold.

    Args:
        pid: of the worker, before it runs student code.
        shown: whether its processes can be looked into, so that one which cannot is hiding.
    """

    def __init__(self, pid: int, shown: bool) -> None:
        self.shown = shown
        self.inherited = set[Key]()  # libraries, which an upgrade of the system may remove
        with suppress(OSError):
            self.inherited.update(_mapped(pid))

    def sizes(self, pids: Iterable[int]) -> Sizes:
        """Bytes of each such file.

        Raises:
            PermissionError: if a living process hides what it holds.
        """
        mapped, opened = Sizes(), Sizes()
        for pid in pids:
            try:
                found = _mapped(pid, " (deleted)\n")
                for key in found.keys() - self.inherited:
                    mapped[key] = max(_size(pid, key, found[key]), mapped.get(key, 0))
                opened |= _opened(pid)
            except (FileNotFoundError, ProcessLookupError):  # it has ended, or there is no /proc
                continue
            except PermissionError:
                if self.shown and _lives(pid):
                    raise
        return {**mapped, **opened}


def _mapped(pid: int, ending: str = "\n") -> dict[Key, str]:
    """The files that a process has mapped, each with the addresses of one of its mappings."""
    found = {}
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
        for line in file:
            addresses, _, _, device, inode, *_ = line.split(maxsplit=5)
            if inode != "0" and line.endswith(ending):
                major, minor = (int(part, 16) for part in device.split(":"))
                found[os.makedev(major, minor), int(inode)] = addresses
    return found


def _size(pid: int, key: Key, addresses: str) -> int:
    """Bytes of a mapped file; where only root may know, a guess that bounds how many there are.

    In shared memory honest code has many, semaphores, and the whole place has a bound.
    """
    first, last = (int(part, 16) for part in addresses.split("-"))
    try:
        status = os.stat(f"/proc/{pid}/map_files/{first:x}-{last:x}")
    except FileNotFoundError:
        return 0
    except PermissionError:
        shared = os.stat(f"/proc/{pid}/root{SHARED_MEMORY}")
        return 0 if key[0] == shared.st_dev else max(UNSEEN, last - first)
    return status.st_blocks * 512 if status.st_nlink == 0 else 0


def _opened(pid: int) -> Sizes:
    """Regular files that a process has open, if they have no name."""
    held = {}
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):
            status = os.stat(f"/proc/{pid}/fd/{descriptor}")
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                held[status.st_dev, status.st_ino] = status.st_blocks * 512
    return held


def _lives(pid: int) -> bool:
    """Whether a process has memory still; one that has ended has none, and may not be shown."""
    try:
        return Path(f"/proc/{pid}/maps").read_bytes() != b""
    except (FileNotFoundError, ProcessLookupError):
        return False
    except PermissionError:
        return True
