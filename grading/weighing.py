"""What a worker and all that it started use: memory, processor time, processes, disk.

The limits that a process sets on itself hold for that process alone; these hold for the tree.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from grading.nameless import Nameless

GIB = 1 << 30
DEEPEST = 100
LOOKS_PER_DISK_LOOK = 3
IN_MEMORY = ("RssAnon", "RssShmem", "VmSwap")
GONE: tuple[type[OSError], ...] = (FileNotFoundError, NotADirectoryError)
if sys.platform == "win32":  # a file that goes away while it is open there is refused at first
    GONE = (OSError,)


@dataclass(frozen=True)
class Allowance:
    """What one check may use, with all its processes.

    Attributes:
        memory: bytes resident or swapped out, pages shared with files not counted.
        cpu_seconds: processor time of all processes, ended ones included.
        processes: at a time.
        threads: at a time, in all processes.
        disk: bytes in files, those in shared memory and deleted ones included.
        files: files and folders in the check's own folder and in shared memory.
    """

    memory: int = 3 * GIB
    cpu_seconds: float = 3600.0
    processes: int = 64
    threads: int = 512
    disk: int = GIB
    files: int = 20_000


@dataclass(frozen=True)
class Load:
    """What one process holds: bytes, threads, its own processor time and its children's."""

    memory: int
    threads: int
    own: float
    reaped: float


class Scale:
    """Weighs one worker's tree of processes.

    Args:
        pid: of the worker.
        allowed: what it may use.
        folder: where it may write.
        user: whom the worker becomes; None if it stays the grader's.
        shared_memory: a folder where its files count too, all of them or those of its own user.
    """

    def __init__(
        self,
        pid: int,
        allowed: Allowance,
        folder: Path,
        user: int | None = None,
        shared_memory: Path | None = None,
    ) -> None:
        self.pid = pid
        self.allowed = allowed
        self.folder = folder
        self.user = user
        self.shared_memory = shared_memory
        self.nameless = Nameless(pid, shown=user is None)
        self.looks = 0
        self.spent: dict[int, float] = {}  # a parent that ignores its children's end hides theirs

    def excess(self) -> str:
        """What the worker has too much of, as the end of a sentence; "" while all is well.

        Raises:
            OSError: if what it holds cannot be seen, as in a folder that only it can list.
        """
        allowed, loads = self.allowed, _loads(self.pid)
        for pid, load in loads.items():
            self.spent[pid] = load.own
        total = sum(load.own + load.reaped for load in loads.values())
        if len(loads) > allowed.processes:
            return f"started more than {allowed.processes} processes"
        if sum(load.threads for load in loads.values()) > allowed.threads:
            return f"started more than {allowed.threads} threads"
        held = {pid: load.memory for pid, load in loads.items()}
        if sum(held.values()) > allowed.memory and _shared_out(held) > allowed.memory:
            return f"held more than {_in_words(allowed.memory)} of memory"
        if max(total, sum(self.spent.values())) > allowed.cpu_seconds:
            return f"used more than {allowed.cpu_seconds:.0f} seconds of processor time"
        self.looks += 1
        return "" if self.looks % LOOKS_PER_DISK_LOOK else self._excess_on_disk(list(loads))

    def _excess_on_disk(self, pids: list[int]) -> str:
        allowed, held, count = self.allowed, self.nameless.sizes(pids), 0
        folders = [(place, 0) for place in (self.folder, self.shared_memory) if place]
        while folders:
            folder, depth = folders.pop()
            for entry, status in _content(folder):
                if folder == self.shared_memory and self.user not in (None, status.st_uid):
                    continue
                held[status.st_dev, status.st_ino] = status.st_blocks * 512
                count += 1
                if stat.S_ISDIR(status.st_mode):
                    folders.append((Path(entry), depth + 1))
            if count > allowed.files or depth > DEEPEST:
                return f"made more than {allowed.files:,} files, or {DEEPEST} folders in each other"
        return f"wrote more than {_in_words(allowed.disk)}" * (sum(held.values()) > allowed.disk)


def _in_words(size: int) -> str:
    """Bytes as whole GiB where they are, or as MiB."""
    return f"{size >> 20} MiB" if size % GIB else f"{size // GIB} GiB"


def _loads(pid: int) -> dict[int, Load]:
    """What a process and all that descends from it hold."""
    look = _look_in_proc if sys.platform == "linux" else _look_with_psutil
    loads = {}
    for member in _family(pid):
        with suppress(OSError, ValueError, KeyError, psutil.Error):
            loads[member] = look(member)
    return loads


def _family(pid: int) -> list[int]:
    """A process and its descendants; the kernel's own lists are far cheaper than a search."""
    family, pending = [], [pid]
    while pending:
        member = pending.pop()
        family.append(member)
        try:
            for thread in os.listdir(f"/proc/{member}/task"):
                with open(f"/proc/{member}/task/{thread}/children", encoding="ascii") as file:
                    pending += map(int, file.read().split())
        except ProcessLookupError:
            continue
        except FileNotFoundError:  # it has ended, or this kernel keeps no such lists
            if member == pid:
                with suppress(psutil.Error):
                    found = psutil.Process(pid).children(recursive=True)
                    return [pid, *(process.pid for process in found)]
    return family


def _look_in_proc(pid: int) -> Load:
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        status = dict(line.split(":", 1) for line in file if ":" in line)
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        numbers = file.read().rpartition(")")[2].split()  # a name may hold anything
    ticks = os.sysconf("SC_CLK_TCK")
    user, system, reaped_user, reaped_system = map(int, numbers[11:15])
    kilobytes = sum(int(status.get(name, "0 kB").split()[0]) for name in IN_MEMORY)
    return Load(
        memory=kilobytes * 1024,
        threads=int(status["Threads"]),
        own=(user + system) / ticks,
        reaped=(reaped_user + reaped_system) / ticks,
    )


def _shared_out(held: dict[int, int]) -> int:
    """Bytes in memory where a page that forks share counts once; slow, so for the suspect only."""
    total = 0
    for pid, memory in held.items():
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                sizes = dict(line.split(":", 1) for line in file if ":" in line[:40])
            names = ("Pss_Anon", "Pss_Shmem", "SwapPss")
            total += sum(int(sizes[name].split()[0]) for name in names) * 1024
        except (OSError, KeyError, ValueError):  # an older kernel, or not ours to read
            total += memory
    return total


def _look_with_psutil(pid: int) -> Load:
    process = psutil.Process(pid)
    usage, times = process.memory_info(), process.cpu_times()
    return Load(
        memory=usage.rss - getattr(usage, "shared", 0),
        threads=process.num_threads(),
        own=times.user + times.system,
        reaped=getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0),
    )


def _content(folder: Path) -> list[tuple[str, os.stat_result]]:
    found = []
    with suppress(*GONE), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(*GONE):
                found.append((entry.path, entry.stat(follow_symlinks=False)))
    return found
