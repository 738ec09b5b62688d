"""One warm launcher for many runs: each run borrows workers and gives them back at its end."""

from __future__ import annotations

import threading
from pathlib import Path

from grading.isolation.ladder import Level
from grading.launcher import Launcher, Worker, WorkerLost, best_launcher
from grading.temporary import TemporaryFolder


class WarmWorkers:
    """A launcher that outlives the runs that use it, with a scratch folder of its own.

    Args:
        threads: torch threads a check.
        level: how far workers are kept away; None for as far as it works here.
        device: ``cpu`` or ``cuda``.
    """

    def __init__(self, threads: int, level: Level | None = None, device: str = "cpu") -> None:
        self.folder = TemporaryFolder()
        self.scratch = self.folder.path
        self.launcher = best_launcher(self.scratch, threads, level, device)

    def lend(self, _scratch: Path, _threads: int) -> Launcher:
        """A launcher for one run, as `grading.examiner.grade` wants it made."""
        return Lease(self.launcher)

    def close(self) -> None:
        """End the server and all that came from it."""
        self.launcher.close()
        self.folder.remove()


class Lease:
    """The workers of one run; closing it ends those that still work, and no others.

    Args:
        launcher: starts them, and stays open.
    """

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self.scratch = launcher.scratch
        self.isolation = launcher.isolation
        self.lock = threading.Lock()
        self.workers: list[Worker] = []
        self.over = False

    def launch(self) -> Worker:
        """Start one worker.

        Raises:
            WorkerLost: if the run is over, or the launcher cannot.
        """
        worker = self.launcher.launch()
        with self.lock:
            if not self.over:
                self.workers.append(worker)
                return worker
        worker.end()
        raise WorkerLost("the run is over")

    def close(self) -> None:
        """End the workers of a run that is over."""
        with self.lock:
            self.over = True
        for worker in self.workers:
            if not worker.ended.is_set():
                worker.end()
