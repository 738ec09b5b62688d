"""One warm launcher for many runs: each run borrows workers and gives them back at its end."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

from grading.launcher import Launcher, Worker, WorkerLost, best_launcher


class WarmWorkers:
    """A launcher that outlives the runs that use it, with a scratch folder of its own.

    Args:
        threads: torch threads a check.
    """

    def __init__(self, threads: int) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="grading-"))
        self.launcher = best_launcher(self.scratch, threads)

    def lend(self, _scratch: Path, _threads: int) -> Launcher:
        """A launcher for one run, as `grading.examiner.grade` wants it made."""
        return Lease(self.launcher)

    def close(self) -> None:
        """End the server and all that came from it."""
        self.launcher.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


class Lease:
    """The workers of one run; closing it ends those that still work, and no others.

    Args:
        launcher: starts them, and stays open.
    """

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
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
