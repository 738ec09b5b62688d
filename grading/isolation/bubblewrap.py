"""bubblewrap: the worker server gets namespaces of its own, and sees only what is mounted there.

Its processes, its network (none), its users and its files are apart from the system's
(https://github.com/containers/bubblewrap). The program has to be installed, and the system has to
let this user make namespaces.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from grading.isolation import paths

SHARED_MEMORY_BYTES = 1 << 30


def program() -> str | None:
    """Where bubblewrap is installed."""
    return shutil.which("bwrap")


def prefix(scratch: Path, device: str) -> list[str]:
    """The words before a command that put it into namespaces of its own.

    Args:
        scratch: the one folder that can be written.
        device: ``cuda`` leaves the system's devices in sight.
    """
    command = [program() or "bwrap", "--unshare-all", "--die-with-parent", "--new-session"]
    command += ["--cap-drop", "ALL", "--hostname", "worker"]
    command += ["--proc", "/proc"]
    command += ["--dev-bind", "/dev", "/dev"] if device == "cuda" else ["--dev", "/dev"]
    command += ["--size", str(SHARED_MEMORY_BYTES), "--tmpfs", paths.SHARED_MEMORY]
    command += ["--size", str(1 << 20), "--tmpfs", "/tmp"]  # noqa: S108 - its own, not the system's
    for path in dict.fromkeys([*paths.SYSTEM, *paths.interpreter()]):
        if Path(path).is_symlink() and path in paths.SYSTEM and not path.startswith("/etc"):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            command += ["--ro-bind", path, path]
    for path in _of_the_machine(device):
        command += ["--ro-bind-try", path, path]
    for path in paths.own():
        command += ["--ro-bind", path, path]
    return [*command, "--bind", str(scratch), str(scratch), "--chdir", str(scratch), "--"]


def pid_outside(outermost: int, inside: int) -> int | None:
    """The system's number of a process that has another one in its namespace.

    Args:
        outermost: the system's number of bubblewrap's own process.
        inside: the number in the innermost namespace.
    """
    for pid in _descendants(outermost):
        if _innermost(pid) == str(inside):
            return pid
    return None


def _of_the_machine(device: str) -> Sequence[str]:
    """What of the machine's description is shown; /proc is the namespace's own already."""
    named = [*paths.OF_THE_KERNEL, *(paths.OF_CUDA if device == "cuda" else ())]
    found = [path for path in named if path.startswith("/sys/")]
    return ["/sys"] if device == "cuda" else found


def _descendants(pid: int) -> list[int]:
    import psutil

    try:
        return [process.pid for process in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _innermost(pid: int) -> str:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has just ended
        return ""
    return next((line.split()[-1] for line in lines if line.startswith("NSpid:")), "")
