"""Starts worker processes: forked from one warm server (Linux), or spawned afresh (elsewhere).

Both kinds give the same thing, a `Worker` with three pipes and a way to end it, so nothing else
in the grader knows the difference.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

import psutil

from grading.isolation import ladder, paths
from grading.isolation.ladder import Level

ROOT = Path(__file__).resolve().parents[1]
START = ROOT / "grading" / "worker" / "start.py"


class WorkerLost(Exception):
    """The worker process could not be started, or its server died."""


@dataclass
class Worker:
    """A process that will answer one check.

    Attributes:
        pid: of the process that runs student code.
        source: frames from it.
        sink: frames to it.
        output: what it prints.
        end: kills it and everything that it started.
        trace: asks it to print where it is, where that is possible.
        ended: set once the process is known to have ended.
        code: its exit code, negative for a signal; None while unknown.
        user: whom it becomes before it runs student code; None if it stays the grader's.
        orphaned: whether its server died, and it was ended for that.
        release: gives that user back, once its files are gone as well.
        shared_memory: where we see its shared memory; None if others of its user write there.
    """

    pid: int
    source: IO[bytes]
    sink: IO[bytes]
    output: IO[bytes]
    end: Callable[[], None]
    trace: Callable[[], None]
    ended: threading.Event = field(default_factory=threading.Event)
    code: int | None = None
    user: int | None = None
    shared_memory: Path | None = None
    orphaned: bool = False
    release: Callable[[], None] = lambda: None

    def finish(self) -> None:
        """End it, and wait for that; also where its server is stopped or gone."""
        self.end()
        if not self.ended.wait(5.0):
            end_tree(self.pid)

    def close(self) -> None:
        """Let go of the pipes, once nothing more is to be read."""
        for pipe in (self.source, self.sink, self.output):
            with suppress(OSError):
                pipe.close()


class Launcher(Protocol):
    """Starts workers.

    Attributes:
        scratch: the folder that workers can see; what they are to read or write lies below it.
        isolation: how far its workers are kept away.
    """

    scratch: Path
    isolation: Level

    def launch(self) -> Worker:
        """Start one worker."""
        ...

    def close(self) -> None:
        """End every process that was started."""
        ...


def best_launcher(
    scratch: Path, threads: int, level: Level | None = None, device: str = "cpu"
) -> Launcher:
    """The fork server where forking is sound (Linux), else a fresh process for each check.

    Args:
        scratch: a folder for what workers read and write.
        threads: torch threads a check.
        level: how far workers are kept away; None for as far as it works here.
        device: ``cuda`` leaves its devices within their reach.
    """
    if sys.platform == "linux":
        from grading.forking import ForkLauncher

        return ForkLauncher(
            scratch, threads, ladder.best(device) if level is None else level, device
        )
    from grading.spawning import SpawnLauncher

    return SpawnLauncher(scratch, threads)


def worker_command(settings: dict[str, Any]) -> list[str]:
    """The command line that starts a worker, apart from the user's own packages and settings."""
    arguments = json.dumps({"root": str(ROOT), "paths": paths.packages(), **settings})
    return [sys.executable, "-s", "-X", "utf8", str(START), arguments]


def end_tree(pid: int) -> None:
    """Kill a process and all that descends from it."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        family = [*process.children(recursive=True), process]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()


def end_all_of(scratch: Path, users: Collection[int] = ()) -> None:
    """Kill what a run has left behind.

    Args:
        scratch: every process that was started with this folder as its TMPDIR is killed.
        users: and every process of these.
    """
    mark = str(scratch)
    end_users(users)
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("TMPDIR") == mark:
                process.kill()


def end_users(users: Collection[int]) -> bool:
    """Kill every process of some users; whether there was one."""
    found = False
    for process in psutil.process_iter() if users else ():
        with suppress(psutil.Error, OSError):
            if process.uids().real in users:
                found = True
                process.kill()
    return found
