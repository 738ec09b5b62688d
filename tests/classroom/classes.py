"""Runs of ``python autograder.py class`` in processes of their own, and what they leave."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 900.0


@dataclass
class ClassRun:
    """One class, graded again and again into one folder.

    Attributes:
        submissions: the folder.
        out: for the grades.
        words: further words of the command line.
        temporary: the folder for all temporary files of its runs.
    """

    submissions: Path
    out: Path
    words: list[str]
    temporary: Path
    process: subprocess.Popen[bytes] | None = None
    screen: Path = field(init=False)

    def __post_init__(self) -> None:
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.screen = self.temporary.parent / "screen.txt"

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        """Start a run."""
        command = [sys.executable, "autograder.py", "class", str(self.submissions)]
        command += ["--out", str(self.out), *self.words, *more]
        environment = {**os.environ, "TMPDIR": str(self.temporary)}
        with self.screen.open("wb") as screen:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=screen,
                start_new_session=True,
            )
        return self.process

    def finish(self, *more: str) -> int:
        """Run to the end, and return the exit code."""
        return self.start(*more).wait(SECONDS)

    @property
    def told(self) -> str:
        """What the last run printed."""
        return self.screen.read_text(encoding="utf-8", errors="replace")

    def family(self, *marks: str) -> list[psutil.Process]:
        """The living processes of the run whose command line holds one of some words."""
        assert self.process is not None
        found = []
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with suppress(psutil.Error):
                    line = " ".join(child.cmdline())
                    if child.status() != psutil.STATUS_ZOMBIE and any(m in line for m in marks):
                        found.append(child)
        return found

    def kill(self) -> None:
        """SIGKILL the coordinator, and wait until all that it started has noticed."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.left() == []

    def left(self, seconds: float = 60) -> list[str]:
        """Processes of any run of this class that have not ended after so many seconds.

        Some end a moment after the coordinator, as multiprocessing's resource tracker does: what
        ends it is that its pipe is closed.
        """
        deadline = time.monotonic() + seconds
        while (living := self.living()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return living

    def living(self) -> list[str]:
        """Processes of any run of this class that live now."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                mine = process.environ().get("TMPDIR", "").startswith(str(self.temporary))
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.pid} {' '.join(process.cmdline())[:200]}")
        return found

    def settled(self) -> int:
        """How many units have an outcome by now."""
        path = self.out / "ledger.sqlite"
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
                return int(base.execute("SELECT count(*) FROM marks").fetchone()[0])
        except sqlite3.Error:
            return 0

    def rows(self) -> list[dict[str, str]]:
        """The gradebook."""
        with (self.out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
