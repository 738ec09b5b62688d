"""The examiners of one Dask worker: child processes that it feeds, watches and ends.

A worker of Dask's holds no torch and runs no check. It hands each order to a child that has
imported everything already (see `classroom.examining`), and a child that falls silent, dies or
has served long enough is replaced by another.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from grading.launcher import end_tree

ROOT = Path(__file__).resolve().parents[1]
SECONDS_TO_START = 300.0  # importing torch on a busy machine with a cold disk
SECONDS_OF_SILENCE = 90.0
SECONDS_TO_LEAVE = 5.0
MOST_ORDERS = 500  # then a new one is started: nothing that leaks lasts
LARGEST_REPLY = 32 << 20
COMMAND = (sys.executable, "-m", "classroom.examining")


class ExaminerLost(Exception):
    """The examiner gave no reply, and has been ended."""


class Child:
    """One examiner process.

    Args:
        environment: added to this process's own.
        command: what is started.
    """

    def __init__(self, environment: Mapping[str, str], command: Sequence[str] = COMMAND) -> None:
        settings = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1", **environment}
        self.process = subprocess.Popen(  # noqa: S603 - our own command line
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **settings},
            start_new_session=True,  # Ctrl-C at the coordinator's terminal is not for it
        )
        self.served = 0
        self.held = bytearray()

    def ask(self, order: Mapping[str, Any], patience: float = 1.0) -> dict[str, Any]:
        """Have something graded.

        Args:
            order: see `classroom.examining.Examiner.grade`.
            patience: multiplies the time that it may be silent for.

        Raises:
            ExaminerLost: if it dies or falls silent; it has been ended then.
        """
        first = self.served == 0
        self.served += 1
        try:
            assert self.process.stdin is not None  # noqa: S101 - as it was started
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()
            while True:
                limit = SECONDS_TO_START if first else SECONDS_OF_SILENCE
                reply = self._hear(limit * max(1.0, patience))
                first = False
                if "alive" not in reply:
                    return reply
        except (OSError, ValueError, ExaminerLost) as error:
            self.end()
            raise ExaminerLost(str(error)) from error

    def _hear(self, limit: float) -> dict[str, Any]:
        """The next line that it says."""
        assert self.process.stdout is not None  # noqa: S101 - as it was started
        deadline = time.monotonic() + limit
        pipe = self.process.stdout.fileno()
        with selectors.DefaultSelector() as waiting:
            waiting.register(pipe, selectors.EVENT_READ)
            while b"\n" not in self.held:
                if not waiting.select(max(0.0, deadline - time.monotonic())):
                    raise ExaminerLost(f"the examiner has been silent for {limit:.0f} seconds")
                block = os.read(pipe, 1 << 20)
                if not block:
                    code = self.process.wait()
                    raise ExaminerLost(f"the examiner has ended with code {code}")
                self.held += block
                if len(self.held) > LARGEST_REPLY:
                    raise ExaminerLost("the examiner says more than anyone asked")
        line, _, rest = bytes(self.held).partition(b"\n")
        self.held = bytearray(rest)
        reply = json.loads(line)
        if not isinstance(reply, dict):
            raise ExaminerLost("the examiner's reply has no meaning")
        return reply

    def end(self, patiently: bool = False) -> None:
        """End it; `patiently` lets it clean up first."""
        with suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        try:
            self.process.wait(SECONDS_TO_LEAVE if patiently else 0.0)
        except subprocess.TimeoutExpired:
            end_tree(self.process.pid)
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


class Examiners:
    """As many examiners as tasks run side by side; those that are idle wait for the next.

    Attributes:
        environment: of those that are started from now on.

    Args:
        command: what starts one.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.command = command
        self.idle: list[Child] = []
        self.busy: list[Child] = []
        self.lock = threading.Lock()
        self.environment: dict[str, str] = {}

    def ask(self, order: Mapping[str, Any], patience: float = 1.0) -> dict[str, Any]:
        """Have an idle examiner, or a new one, grade something.

        Raises:
            ExaminerLost: if it gives no reply.
        """
        with self.lock:
            child = self.idle.pop() if self.idle else Child(self.environment, self.command)
            self.busy.append(child)
        try:
            reply = child.ask(order, patience)
        finally:
            with self.lock:
                self.busy.remove(child)
        if child.served >= MOST_ORDERS:
            child.end(patiently=True)
        else:
            with self.lock:
                self.idle.append(child)
        return reply

    def dismiss(self) -> None:
        """End those that are idle; what others still grade nobody waits for."""
        with self.lock:
            idle, self.idle = self.idle, []
            busy = list(self.busy)
        for child in [*idle, *busy]:
            child.end(patiently=True)
