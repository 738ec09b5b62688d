"""The warm worker: imports torch once, then forks a child for each check (Linux).

It runs no student code itself. It starts no thread and touches no GPU before it forks, and as
the children's subreaper it finds every process that a check leaves behind and ends it.
"""

from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import select
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from grading.isolation.confinement import Confinement
from grading.scratch import empty
from grading.worker import child
from grading.worker.orphan import look_no_longer
from grading.worker.warmth import warm_up

SECONDS_BETWEEN_LOOKS = 0.2
PR_SET_CHILD_SUBREAPER = 36
PR_SET_PDEATHSIG = 1


class Server:
    """Forks on request and reports every child that has ended.

    Args:
        control: the examiner's end sends one JSON object and three descriptors for each check.
        confinement: what a child gives up before it runs student code; None for nothing.
        shared_memory: a folder that no one but this server's children writes in, if there is one;
            it is emptied whenever the last of them has ended, so that none finds what others left.
    """

    def __init__(
        self,
        control: socket.socket,
        confinement: Confinement | None = None,
        shared_memory: str | None = None,
    ) -> None:
        self.control = control
        self.confinement = confinement
        self.shared_memory = shared_memory
        self.children: set[int] = set()

    def serve(self) -> None:
        """Serve until the examiner closes its end, then end every child."""
        control = self.control.fileno()
        waking, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.tell({"ready": os.getpid()})
        while True:
            readable = select.select([control, waking], [], [], SECONDS_BETWEEN_LOOKS)[0]
            if waking in readable:
                os.read(waking, 4096)
            self.reap()
            self.end_strays()  # one whose parent has ended escapes the examiner's scale
            if control in readable and not self.obey():
                break
        for pid in list(self.children):
            self.kill(pid)
        self.end_strays()

    def obey(self) -> bool:
        """Carry out one request; False once the examiner is gone."""
        message, descriptors, _, _ = socket.recv_fds(self.control, 4096, 3)
        if not message:
            return False
        request = json.loads(message)
        if "start" in request:
            self.start(request["start"], descriptors)
        elif request.get("kill") in self.children:
            self.kill(request["kill"])
        elif request.get("trace") in self.children:
            with suppress(ProcessLookupError):
                os.kill(request["trace"], signal.SIGUSR1)
        return True

    def start(self, number: int, descriptors: list[int]) -> None:
        """Start a child, and say whether that went well; a full system ends nobody's check."""
        try:
            pid = self.fork(*descriptors)
        except OSError as error:
            self.tell({"failed": number, "why": str(error)})
        else:
            self.tell({"started": number, "pid": pid})
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def fork(self, reading: int, writing: int, output: int) -> int:
        """Start a child on the three descriptors: frames in, frames out, prints."""
        pid = os.fork()
        if pid == 0:
            try:
                self.become_child(reading, writing, output)
                child.run(reading, writing, self.confinement)
            finally:
                os._exit(70)
        self.children.add(pid)
        return pid

    def become_child(self, reading: int, writing: int, output: int) -> None:
        """Leave the server behind: own session, own output, nothing inherited but the pipes."""
        os.setsid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        for descriptor in map(int, os.listdir("/proc/self/fd")):
            if descriptor > 2 and descriptor not in (reading, writing):
                with suppress(OSError):  # the listing's own descriptor is closed already
                    os.close(descriptor)
        faulthandler.register(signal.SIGUSR1, file=2, all_threads=False)

    def reap(self) -> None:
        """Collect children that have ended, end what they left running, then tell the examiner."""
        news: list[dict[str, Any]] = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid in self.children:
                self.children.discard(pid)
                news.append({"ended": pid, "code": os.waitstatus_to_exitcode(status)})
        if news:
            self.end_strays()
            if self.shared_memory and not self.children:
                empty(Path(self.shared_memory))
        for message in news:
            self.tell(message)

    def kill(self, pid: int) -> None:
        """End a child and its process group, which a child just forked has not made yet."""
        for end in (os.kill, os.killpg):
            with suppress(ProcessLookupError):
                end(pid, signal.SIGKILL)

    def end_strays(self) -> None:
        """End every process that came to us because its parent ended (a daemon of a check)."""
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline:
            strays = [pid for pid in _children_of(os.getpid()) if pid not in self.children]
            if not strays:
                return
            for pid in strays:
                with suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)

    def tell(self, message: dict[str, Any]) -> None:
        """Send one line to the examiner, if it is still there."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.control.sendall(json.dumps(message).encode() + b"\n")


def serve(settings: dict[str, Any]) -> None:
    """Warm up and serve over the control socket that the examiner left open for us."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    warm_up(settings)
    look_no_longer()
    given = settings.get("confinement")
    confinement = Confinement(**given) if given else None
    control = socket.socket(fileno=settings["control"])
    Server(control, confinement, settings.get("shared_memory")).serve()


def _children_of(pid: int) -> list[int]:
    """The direct children of a process."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # the kernel may lack this file
        import psutil

        return [process.pid for process in psutil.Process(pid).children()]
    return [int(word) for word in text.split()]
