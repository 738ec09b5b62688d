"""Workers where forking is unsound (macOS, Windows): a fresh process for each check."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from grading.isolation.ladder import Level
from grading.launcher import Worker, end_all_of, end_tree, worker_command
from grading.machine import quiet_environment


class SpawnLauncher:
    """A fresh process for each check: slower to start, and sound on every system."""

    isolation = Level.PROCESS

    def __init__(self, scratch: Path, threads: int) -> None:
        self.scratch = scratch
        self.threads = threads
        self.running: list[subprocess.Popen[bytes]] = []

    def launch(self) -> Worker:
        """Start a process whose standard input and output are the frame pipes."""
        process = subprocess.Popen(  # noqa: S603 - our own command line
            worker_command({"mode": "single", "threads": self.threads}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.scratch,
            env=quiet_environment(self.threads, str(self.scratch)),
            start_new_session=sys.platform != "win32",
        )
        self.running.append(process)
        assert process.stdin is not None  # noqa: S101 - all three pipes were asked for above
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        worker = Worker(
            process.pid,
            process.stdout,
            process.stdin,
            process.stderr,
            end=lambda: end_tree(process.pid),
            trace=lambda: None,
        )
        threading.Thread(target=self._await_end, args=(process, worker), daemon=True).start()
        return worker

    @staticmethod
    def _await_end(process: subprocess.Popen[bytes], worker: Worker) -> None:
        worker.code = process.wait()
        worker.ended.set()

    def close(self) -> None:
        """End every process that was started."""
        for process in self.running:
            if process.poll() is None:
                end_tree(process.pid)
                process.wait()
        end_all_of(self.scratch)
