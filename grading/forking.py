"""Workers on Linux: forks of one server that has torch imported already."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from queue import Queue
from typing import Any

from grading.isolation import bubblewrap, ladder
from grading.isolation.ladder import Level
from grading.isolation.paths import SHARED_MEMORY
from grading.isolation.user import free_users, reserve
from grading.launcher import (
    Worker,
    WorkerLost,
    end_all_of,
    end_tree,
    end_users,
    worker_command,
)
from grading.machine import quiet_environment
from grading.pipes import PatientPipe

START_LIMIT = 120.0


class _ServerLost(WorkerLost):
    """The server has died, or says nothing."""


class ForkLauncher:
    """One warm server that has imported torch; each check is a fork of it, in milliseconds.

    Args:
        scratch: a folder for what workers read and write.
        threads: torch threads a check.
        isolation: how far workers are kept away.
        device: ``cuda`` leaves its devices within their reach.
    """

    def __init__(
        self,
        scratch: Path,
        threads: int,
        isolation: Level = Level.PROCESS,
        device: str = "cpu",
    ) -> None:
        self.scratch = scratch
        self.threads = threads
        self.isolation = isolation
        self.device = device
        self.free_users: Iterator[int] | None = None
        self.users: dict[int, int] = {}  # whom workers are, with what reserves the number
        if ladder.drops_user(isolation):
            self.free_users = free_users()
            scratch.chmod(0o711)  # its users pass through, to the folders that are theirs
        self.lock = threading.Lock()
        self.server: subprocess.Popen[bytes] | None = None
        self.workers: dict[int, Worker] = {}
        self.closed = False
        self._start()

    def _start(self) -> None:
        """Start the server; it warms up while the examiner does the same."""
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = open(self.scratch / "server.log", "ab")  # noqa: SIM115 - closed in close()
        self.started: dict[int, dict[str, Any]] = {}
        self.codes: dict[int, int] = {}
        self.news = threading.Condition()
        self.alive = True
        self.number = 0
        self.workers = {}
        born: Queue[subprocess.Popen[bytes] | OSError] = Queue()
        given = (theirs, self.control, self.workers, born)
        threading.Thread(target=self._serve, args=given, daemon=True).start()
        server = born.get()
        if isinstance(server, OSError):
            raise server
        self.server = server

    def _command(self, control: int) -> list[str]:
        settings: dict[str, Any] = {"mode": "serve", "threads": self.threads, "control": control}
        if self.isolation > Level.PROCESS:
            settings["confinement"] = asdict(ladder.confinement(self.device))
        if self.isolation is not Level.NAMESPACE:
            return worker_command(settings)
        settings["shared_memory"] = SHARED_MEMORY
        return [*bubblewrap.prefix(self.scratch, self.device), *worker_command(settings)]

    def _serve(
        self,
        theirs: socket.socket,
        control: socket.socket,
        workers: dict[int, Worker],
        born: Queue[subprocess.Popen[bytes] | OSError],
    ) -> None:
        """Start the server and listen to it.

        One thread does both: bubblewrap ends with the thread that started it.
        """
        try:
            with theirs:
                server = subprocess.Popen(  # noqa: S603 - our own command line
                    self._command(theirs.fileno()),
                    stdin=subprocess.DEVNULL,
                    stdout=self.log,
                    stderr=self.log,
                    cwd=self.scratch,
                    env=quiet_environment(self.threads, str(self.scratch)),
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        except OSError as error:
            born.put(error)
            return
        born.put(server)
        self._listen(control, workers)
        server.wait()

    def _listen(self, control: socket.socket, workers: dict[int, Worker]) -> None:
        """Take in what the server reports until it is gone, and end what it leaves behind."""
        while True:
            try:
                message = control.recv(65536)
            except OSError:
                message = b""
            if not message:
                break
            for line in message.splitlines() if control is self.control else ():
                self._note(json.loads(line))
        with self.news:
            if control is self.control:
                self.alive = False
            orphans = list(workers.values())
            workers.clear()
            self.news.notify_all()
        for worker in orphans:
            end_tree(worker.pid)  # one may have seen to it that its server's end is not its own
            worker.orphaned = True
            worker.ended.set()

    def _note(self, news: dict[str, Any]) -> None:
        with self.news:
            if "started" in news:
                self.started[news["started"]] = news
            elif "failed" in news:
                self.started[news["failed"]] = news
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
        """Fork one worker; a server that has died, or is silent, is started anew, once.

        Raises:
            WorkerLost: if the server does not answer, or cannot fork.
        """
        with self.lock:
            if self.alive:
                with suppress(_ServerLost):
                    return self._fork()
            if self.closed:
                raise WorkerLost("the run is over")
            self._end_server()
            self._start()
            return self._fork()

    def _fork(self) -> Worker:
        self.number += 1
        number, control = self.number, self.control
        with ExitStack() as undoing:
            user = self._next_user()
            undoing.callback(self._release, user)
            (their_in, our_out), (our_in, their_out), (our_output, their_output) = (
                os.pipe(),
                os.pipe(),
                os.pipe(),
            )
            for descriptor in (our_out, our_in, our_output):
                undoing.callback(os.close, descriptor)
            theirs = [their_in, their_out, their_output]
            try:
                with suppress(OSError):  # a dead server shows below, as silence
                    socket.send_fds(control, [json.dumps({"start": number}).encode()], theirs)
            finally:
                for descriptor in theirs:
                    os.close(descriptor)
            with self.news:
                self.news.wait_for(lambda: number in self.started or not self.alive, START_LIMIT)
                news = self.started.pop(number, None)
                if news is None or not self.alive:
                    raise _ServerLost(self._last_words())
                if "failed" in news:
                    raise WorkerLost(f"the system starts no more processes: {news['why']}")
                pid = news["pid"]  # the server's own number for it, which names it between us
                here = self._pid_here(pid)
                worker = Worker(
                    here,
                    os.fdopen(our_in, "rb"),
                    PatientPipe(our_out),
                    os.fdopen(our_output, "rb"),
                    end=lambda: _ask(control, "kill", pid),
                    trace=lambda: _ask(control, "trace", pid),
                    user=user,
                    shared_memory=self._shared_memory(here, user),
                    release=lambda: self._release(user),
                )
                undoing.pop_all()  # from here on the pipes and the user are the worker's
                self.workers[pid] = worker
                if pid in self.codes:
                    self._mark_ended(pid, self.codes.pop(pid))
        return worker

    def _pid_here(self, pid: int) -> int:
        """Our number of a process that the server names by its own.

        Raises:
            WorkerLost: if it has ended already; it waits for our first frame otherwise.
        """
        if self.isolation is not Level.NAMESPACE or self.server is None:
            return pid
        found = bubblewrap.pid_outside(self.server.pid, pid)
        if found is None:
            raise WorkerLost("a worker ended as soon as it began")
        return found

    def _shared_memory(self, pid: int, user: int | None) -> Path | None:
        if self.isolation is Level.NAMESPACE:
            return Path(f"/proc/{pid}/root{SHARED_MEMORY}")
        return None if user is None else Path(SHARED_MEMORY)

    def _next_user(self) -> int | None:
        """A user for one worker, which no other grader on this machine gives to its own.

        Raises:
            WorkerLost: if there is none.
        """
        if self.free_users is None:
            return None
        try:
            user, lock = reserve(self.free_users)
        except OSError as error:
            raise WorkerLost(f"there is no user for a worker: {error}") from error
        self.users[user] = lock
        return user

    def _release(self, user: int | None) -> None:
        """Give back a user; one that still had processes is kept until the run is over."""
        if user is not None and user in self.users and not end_users([user]):
            os.close(self.users.pop(user))

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
        end_all_of(self.scratch, self.users)
        while self.users:
            os.close(self.users.popitem()[1])


def _ask(control: socket.socket, what: str, pid: int) -> None:
    """Ask the server that a worker came from, and no later one, which may have one of that name."""
    with suppress(OSError):
        control.send(json.dumps({what: pid}).encode())
