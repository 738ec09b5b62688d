"""Workers on Linux: forks of one server that has torch imported already."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from grading.launcher import Worker, WorkerLost, end_all_of, end_tree, worker_command
from grading.machine import quiet_environment

START_LIMIT = 120.0


class ForkLauncher:
    """One warm server that has imported torch; each check is a fork of it, in milliseconds."""

    def __init__(self, scratch: Path, threads: int) -> None:
        self.scratch = scratch
        self.threads = threads
        self.lock = threading.Lock()
        self.server: subprocess.Popen[bytes] | None = None
        self.workers: dict[int, Worker] = {}
        self.closed = False
        self._start()

    def _start(self) -> None:
        """Start the server; it warms up while the examiner does the same."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = open(self.scratch / "server.log", "ab")  # noqa: SIM115 - closed in close()
        with theirs:
            self.server = subprocess.Popen(  # noqa: S603 - our own command line
                worker_command(
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
        """Fork one worker; a server that has died is started anew, once.

        Raises:
            WorkerLost: if the server does not answer.
        """
        with self.lock:
            if self.alive:
                with suppress(WorkerLost):
                    return self._fork()
            if self.closed:
                raise WorkerLost("the run is over")
            self._end_server()
            self._start()
            return self._fork()

    def _fork(self) -> Worker:
        self.number += 1
        number = self.number
        (their_in, our_out), (our_in, their_out), (our_output, their_output) = (
            os.pipe(),
            os.pipe(),
            os.pipe(),
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
                pid,
                os.fdopen(our_in, "rb"),
                os.fdopen(our_out, "wb"),
                os.fdopen(our_output, "rb"),
                end=lambda: self._ask("kill", pid),
                trace=lambda: self._ask("trace", pid),
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
                end_tree(self.server.pid)
                self.server.wait()
        self.log.close()

    def close(self) -> None:
        """End the server; as it goes it ends every process that came from it."""
        self.closed = True
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for a fork
        with self.lock:
            self._end_server()
        end_all_of(self.scratch)
