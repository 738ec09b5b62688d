"""Starts worker processes: forked from one warm server (Linux), or spawned afresh (elsewhere).

Both kinds give the same thing, a `Worker` with three pipes and a way to end it, so nothing else
in the grader knows the difference.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import psutil

from grading.machine import quiet_environment

ROOT = Path(__file__).resolve().parents[1]
START = ROOT / "grading" / "worker" / "start.py"
START_LIMIT = 120.0


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
    """

    pid: int
    source: BinaryIO
    sink: BinaryIO
    output: BinaryIO
    end: Callable[[], None]
    trace: Callable[[], None]
    ended: threading.Event = field(default_factory=threading.Event)
    code: int | None = None


class Launcher(Protocol):
    """Starts workers."""

    def launch(self) -> Worker:
        """Start one worker."""
        ...

    def close(self) -> None:
        """End every process that was started."""
        ...


def best_launcher(scratch: Path, threads: int) -> Launcher:
    """The fork server where forking is sound (Linux), else a fresh process for each check."""
    if sys.platform == "linux":
        return ForkLauncher(scratch, threads)
    return SpawnLauncher(scratch, threads)


def _command(settings: dict[str, Any]) -> list[str]:
    """The command line that starts a worker in isolated mode."""
    own = {str(ROOT), "", str(Path.cwd())}
    paths = [path for path in sys.path if path not in own]
    arguments = json.dumps({"root": str(ROOT), "paths": paths, **settings})
    return [sys.executable, "-I", "-X", "utf8", str(START), arguments]


class SpawnLauncher:
    """A fresh process for each check: slower to start, and sound on every system."""

    def __init__(self, scratch: Path, threads: int) -> None:
        self.scratch = scratch
        self.threads = threads
        self.running: list[subprocess.Popen[bytes]] = []

    def launch(self) -> Worker:
        """Start a process whose standard input and output are the frame pipes."""
        process = subprocess.Popen(  # noqa: S603 - our own command line
            _command({"mode": "single", "threads": self.threads}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.scratch,
            env=quiet_environment(self.threads, str(self.scratch)),
            start_new_session=sys.platform != "win32",
        )
        self.running.append(process)
        assert process.stdin and process.stdout and process.stderr  # noqa: S101 - asked for above
        worker = Worker(
            process.pid, process.stdout, process.stdin, process.stderr,
            end=lambda: _end_tree(process.pid), trace=lambda: None,
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
                _end_tree(process.pid)
                process.wait()


class ForkLauncher:
    """One warm server that has imported torch; each check is a fork of it, in milliseconds."""

    def __init__(self, scratch: Path, threads: int) -> None:
        self.scratch = scratch
        self.threads = threads
        self.lock = threading.Lock()
        self.server: subprocess.Popen[bytes] | None = None
        self.workers: dict[int, Worker] = {}
        self.closing = False
        self._start()

    def _start(self) -> None:
        """Start the server; it warms up while the examiner does the same."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = open(self.scratch / "server.log", "ab")  # noqa: SIM115 - closed in close()
        with theirs:
            self.server = subprocess.Popen(  # noqa: S603 - our own command line
                _command(
                    {"mode": "serve", "threads": self.threads, "control": theirs.fileno()}
                ),
                stdin=subprocess.DEVNULL,
                stdout=self.log,
                stderr=self.log,
                cwd=self.scratch,
                env=quiet_environment(self.threads, str(self.scratch)),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.control = ours
        self.started: dict[int, dict[str, Any]] = {}
        self.codes: dict[int, int] = {}
        self.news = threading.Condition()
        self.alive = True
        self.number = 0
        threading.Thread(target=self._listen, args=(ours,), daemon=True).start()

    def _listen(self, control: socket.socket) -> None:
        """Take in what the server reports until it is gone."""
        while True:
            try:
                message = control.recv(65536)
            except OSError:
                message = b""
            if not message:
                break
            for line in message.splitlines():
                self._note(json.loads(line))
        with self.news:
            if control is self.control:
                self.alive = False
            for worker in self.workers.values():
                worker.ended.set()
            self.workers.clear()
            self.news.notify_all()

    def _note(self, news: dict[str, Any]) -> None:
        with self.news:
            if "started" in news:
                self.started[news["started"]] = news
            elif "ended" in news:
                self._mark_ended(news["ended"], news["code"])
            self.news.notify_all()

    def _mark_ended(self, pid: int, code: int) -> None:
        worker = self.workers.pop(pid, None)
        if worker is None:  # it ended before `_fork` had made its Worker
            self.codes[pid] = code
        else:
            worker.code = code
            worker.ended.set()

    def launch(self) -> Worker:
        """Fork one worker.

        Raises:
            WorkerLost: if the server does not answer; it is started anew for the next check.
        """
        with self.lock:
            if not self.alive:
                self._end_server()
                self._start()
            return self._fork()

    def _fork(self) -> Worker:
        self.number += 1
        number = self.number
        (their_in, our_out), (our_in, their_out), (our_output, their_output) = (
            os.pipe(), os.pipe(), os.pipe(),
        )
        theirs = [their_in, their_out, their_output]
        try:
            with suppress(OSError):  # a dead server shows below, as silence
                socket.send_fds(self.control, [json.dumps({"start": number}).encode()], theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        with self.news:
            self.news.wait_for(lambda: number in self.started or not self.alive, START_LIMIT)
            news = self.started.pop(number, None)
            if news is None:
                for descriptor in (our_out, our_in, our_output):
                    os.close(descriptor)
                raise WorkerLost(self._last_words())
            pid = news["pid"]
            worker = Worker(
                pid, os.fdopen(our_in, "rb"), os.fdopen(our_out, "wb"),
                os.fdopen(our_output, "rb"),
                end=lambda: self._ask("kill", pid), trace=lambda: self._ask("trace", pid),
            )
            self.workers[pid] = worker
            if pid in self.codes:
                self._mark_ended(pid, self.codes.pop(pid))
        return worker

    def _ask(self, what: str, pid: int) -> None:
        with suppress(OSError):
            self.control.send(json.dumps({what: pid}).encode())

    def _last_words(self) -> str:
        self.log.flush()
        lines = (self.scratch / "server.log").read_text(errors="replace").splitlines()
        return "the worker server ended" + (f": {lines[-1][:200]}" if lines else "")

    def _end_server(self) -> None:
        self.control.close()
        if self.server is not None:
            try:
                self.server.wait(3.0)
            except subprocess.TimeoutExpired:
                _end_tree(self.server.pid)
                self.server.wait()
        self.log.close()

    def close(self) -> None:
        """End the server; as it goes it ends every process that came from it."""
        with self.lock:
            self._end_server()


def _end_tree(pid: int) -> None:
    """Kill a process and all that descends from it."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        family = [*process.children(recursive=True), process]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
