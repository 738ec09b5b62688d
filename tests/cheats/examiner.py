"""An examiner in a process of its own, so that a cheat may end it without ending the run."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.cheats import ROOT

SECONDS_TO_CLOSE = 20.0
LONGEST_START = 240.0
SET = {"OMP_NUM_THREADS": "1", "REDTEAM_SECRET": "for nobody's eyes"}


class Lost(Exception):
    """The examiner has ended."""


class Examiner:
    """Starts ``python -m tests.cheats.bench`` and speaks with it, a line for a line.

    Args:
        level: of isolation.
        scratch: an empty folder where its temporary files go.

    Attributes:
        server: the process of its warm workers' server, once it has graded.
        family: the processes that it consists of while it rests.
    """

    def __init__(self, level: str, scratch: Path) -> None:
        kept = ("PATH", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "HOME")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.cheats.bench", level],
            cwd=ROOT,
            env={**environment, "TMPDIR": str(scratch), **SET},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.replies: queue.Queue[bytes] = queue.Queue()
        self.scratch = scratch
        self.server = self.first_server = 0
        self.family: set[int] = {self.process.pid}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.replies.put(line)
        self.replies.put(b"")

    @property
    def pid(self) -> int:
        """Of the examiner."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self.process.poll() is None and bool(self.family)

    def grade(
        self,
        submission: Path,
        checks: tuple[str, ...],
        results: Path,
        patience: float,
        seconds: float = LONGEST_START,
    ) -> dict[str, Any]:
        """Have a submission graded.

        Raises:
            Lost: if the examiner ended.
            TimeoutError: if it has not answered in time.
        """
        request = {
            "submission": str(submission),
            "checks": checks,
            "results": str(results),
            "patience": patience,
        }
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            line = self.replies.get(timeout=seconds)
        except BrokenPipeError:
            line = b""
        except queue.Empty:
            raise TimeoutError from None
        if not line:
            self._end()
            raise Lost
        reply: dict[str, Any] = json.loads(line)
        self.server = reply.get("server", self.server)
        if not self.first_server:
            self.first_server = self.server
            below = psutil.Process(self.pid).children(recursive=True)
            self.family = {self.pid, *(process.pid for process in below)}
        return reply

    @property
    def changed(self) -> bool:
        """Whether it has ended, or its server has."""
        server = self.server == self.first_server and psutil.pid_exists(self.server)
        return not (self.alive and server)

    def close(self) -> None:
        """Let it clean up and end; what is left of it then is not its own any more."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(SECONDS_TO_CLOSE)
        self._end()

    def _end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.family = set()
