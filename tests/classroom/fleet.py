"""A cluster of Dask's in processes of its own, whose scheduler and workers can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 60.0


class Fleet:
    """A scheduler and workers on the loopback device.

    Args:
        folder: for what they write.
        data: the folder in which the workers' examiners look for data; an empty one shows that
            data travels.
    """

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        if data is not None:
            self.environment["COURSEWORK_DATA"] = str(data)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.address = ""
        self.log = (folder / "fleet.log").open("ab")

    def start_scheduler(self, port: int = 0) -> None:
        """Start the scheduler and wait until it says where it listens."""
        told = self.folder / "scheduler.json"
        told.unlink(missing_ok=True)
        self.scheduler = self._start(
            "scheduler", "--port", str(port), "--scheduler-file", str(told)
        )
        deadline = time.monotonic() + SECONDS_TO_START
        while not told.exists() or "address" not in told.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.address = told.read_text().split('"address": "')[1].partition('"')[0]

    def add_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start one more worker."""
        place = self.folder / f"worker{len(self.workers)}"
        words = ["--nthreads", "1", "--no-nanny", "--local-directory", str(place), *options]
        self.workers.append(self._start("worker", self.address, *words))
        return self.workers[-1]

    def _start(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        module = f"distributed.cli.dask_{what}"
        command = [sys.executable, "-m", module, "--host", "127.0.0.1", "--no-dashboard", *words]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=self.log, stderr=self.log
        )

    def close(self) -> None:
        """End everything."""
        for process in [*self.workers, *filter(None, [self.scheduler])]:
            process.kill()
            process.wait()
        self.log.close()
