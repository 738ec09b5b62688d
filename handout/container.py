"""A stand-in for a container: files, processes, network, memory and processor time kept apart.

Bubblewrap gives it a file system of its own, where it is root with what Docker lets root do and no
more. Memory and processor time are limited by a control group where this user can make one. Where
not, a watch ends everything above the memory limit and stops all its processes for a share of the
time, which is coarser; `Container.limits` says which it was.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from grading.isolation.paths import SYSTEM, interpreter

CGROUPS = Path("/sys/fs/cgroup")
PERIOD = 100_000  # microseconds, as containers have it
TICK = 0.1
MIB = 1 << 20
# What Docker leaves to root in a container.
CAPABILITIES = (
    *("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID"),
    *("SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"),
)


@dataclass
class Container:
    """One run.

    Attributes:
        memory: MiB.
        processors: of processor time, for instance 0.5.
        limits: how the two are enforced, in words.
        exceeded: whether the memory limit was hit.
        peak: the most MiB that were held.
    """

    memory: int
    processors: float
    limits: str = ""
    exceeded: bool = False
    peak: float = 0.0
    groups: list[Path] = field(default_factory=list)

    def run(
        self, command: Sequence[str], seconds: float, look: Callable[[], None], said: Path
    ) -> int | None:
        """Run a command to its end; None if it had to be ended.

        Args:
            command: in full, with bubblewrap before it.
            seconds: before it is ended.
            look: called some ten times a second.
            said: the file that gets what it prints.
        """
        self._make_groups()
        with said.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - ours
                [*self._entering(), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(process.pid, over), daemon=True)
        watch.start()
        try:
            deadline = time.monotonic() + seconds
            while process.poll() is None and time.monotonic() < deadline:
                look()
                time.sleep(TICK)
            return process.poll()
        finally:
            over.set()
            watch.join()
            _end(process)
            self._read_groups()

    def _make_groups(self) -> None:
        """A control group for each limit, or words on what takes its place."""
        name = f"rehearsal-{os.getpid()}"
        quota = str(int(self.processors * PERIOD))
        if (CGROUPS / "cgroup.controllers").exists():
            wanted = [(CGROUPS / name, {"memory.max": str(self.memory * MIB)})]
            wanted[0][1].update({"memory.swap.max": "0", "cpu.max": f"{quota} {PERIOD}"})
        else:
            wanted = [
                (CGROUPS / "memory" / name, {"memory.limit_in_bytes": str(self.memory * MIB)}),
                (
                    CGROUPS / "cpu" / name,
                    {"cpu.cfs_period_us": str(PERIOD), "cpu.cfs_quota_us": quota},
                ),
            ]
        try:
            for group, values in wanted:
                group.mkdir()
                self.groups.append(group)
                for file, value in values.items():
                    (group / file).write_text(value)
            self.limits = "control groups hold memory and processor time"
        except OSError as error:
            self._drop_groups()
            why = error.strerror or str(error)
            self.limits = (
                f"no control group can be made here ({why}); a watch ends it above the memory "
                "limit, and stops its processes for a share of each tenth of a second"
            )

    def _entering(self) -> list[str]:
        """Words before a command that put it into the groups, with all that comes from it."""
        if not self.groups:
            return []
        into = "; ".join(f"echo $$ > {group}/cgroup.procs" for group in self.groups)
        return ["sh", "-c", f'{into}; exec "$@"', "sh"]

    def _watch(self, pid: int, over: threading.Event) -> None:
        """Note the peak; without control groups, enforce both limits as well."""
        while not over.is_set():
            held = sum(_held(each) for each in _family(pid)) / MIB
            self.peak = max(self.peak, held)
            if self.groups:
                over.wait(TICK)
                continue
            if held > self.memory:
                self.exceeded = True
                _signal(pid, signal.SIGKILL)
            _signal(pid, signal.SIGCONT)
            over.wait(TICK * min(1.0, self.processors))
            if self.processors < 1 and not over.is_set():
                _signal(pid, signal.SIGSTOP)
                over.wait(TICK * (1 - self.processors))
        if not self.groups:
            _signal(pid, signal.SIGCONT)

    def _read_groups(self) -> None:
        for group in self.groups:
            for name in ("memory.peak", "memory.max_usage_in_bytes"):
                with suppress(OSError, ValueError):
                    self.peak = int((group / name).read_text()) / MIB
            for name in ("memory.events", "memory.oom_control"):
                with suppress(OSError):
                    words = (group / name).read_text().split()
                    counts = dict(zip(words[::2], words[1::2], strict=False))
                    self.exceeded |= counts.get("oom_kill", "0") != "0"
        self._drop_groups()

    def _drop_groups(self) -> None:
        for group in self.groups:
            for _ in range(50):
                with suppress(OSError):
                    group.rmdir()
                    break
                time.sleep(TICK)
        self.groups.clear()


def enclosed(
    command: Sequence[str], base: Path, readable: Sequence[Path], environment: dict[str, str]
) -> list[str]:
    """A command in a file system of its own, as root; empty if bubblewrap is not installed.

    Args:
        command: as it is called in there.
        base: becomes ``/autograder``, the one place that can be written, besides ``/tmp``.
        readable: further folders, where they are.
        environment: all of it.
    """
    program = shutil.which("bwrap")
    if program is None:
        return []
    words = [program, "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    words += ["--unshare-net", "--hostname", "container", "--clearenv"]
    if os.geteuid() != 0:
        words += ["--unshare-user", "--uid", "0", "--gid", "0"]
    for capability in CAPABILITIES:
        words += ["--cap-add", f"CAP_{capability}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - its own
    for path in dict.fromkeys([*SYSTEM, *interpreter()]):
        if Path(path).is_symlink() and path in SYSTEM and not path.startswith("/etc"):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            words += ["--ro-bind", path, path]
    for folder in readable:
        words += ["--ro-bind", str(folder), str(folder)]
    words += ["--ro-bind-try", "/sys/devices/system", "/sys/devices/system"]
    words += ["--bind", str(base), "/autograder", "--chdir", "/autograder"]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    return [*words, "--", *command]


def _family(pid: int) -> list[psutil.Process]:
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _held(process: psutil.Process) -> int:
    """Bytes that a process holds beyond files; pages that forks share count each time."""
    with suppress(psutil.Error):
        usage = process.memory_info()
        return int(usage.rss - usage.shared)
    return 0


def _signal(pid: int, number: signal.Signals) -> None:
    for process in _family(pid):
        with suppress(psutil.Error):
            process.send_signal(number)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        _signal(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()
