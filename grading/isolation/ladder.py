"""How far a worker can be kept away on this machine: found out by trying, once in a run.

Three levels. ``namespace``: bubblewrap, and within it all of the next. ``kernel``: Landlock and a
filter on system calls, and a user of its own where the grader runs as root. ``process``: a process
of its own with limits, as every system has.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
from dataclasses import asdict
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

from grading.isolation import bubblewrap, paths
from grading.isolation.confinement import Confinement
from grading.options import UsageError

PROBE = Path(__file__).with_name("probing.py")
SECONDS = 30.0


class Level(IntEnum):
    """What keeps a worker away, from the weakest to the strongest."""

    PROCESS = 0
    KERNEL = 1
    NAMESPACE = 2

    def __str__(self) -> str:
        return self.name.lower()


def choose(wanted: str | None, required: str | None, device: str = "cpu") -> Level:
    """The level of a run: the one that is wanted, else the best that there is.

    Args:
        wanted: a level's name, or None.
        required: the name of the lowest level that will do, or None.
        device: ``cuda`` has to work at that level too.

    Raises:
        UsageError: if the wanted level is missing here, or what there is falls short.
    """
    if wanted is not None:
        level = Level[wanted.upper()]
        why = missing(level, device)
        if why:
            raise UsageError(f"--isolation {level} does not work here: {why}")
    else:
        level = best(device)
    if required is not None and level < Level[required.upper()]:
        why = missing(Level[required.upper()], device) or f"--isolation {level} was asked for"
        raise UsageError(f"--require-isolation {required}: this run would have {level} only; {why}")
    return level


def best(device: str = "cpu") -> Level:
    """The strongest level that works here."""
    return next(level for level in sorted(Level, reverse=True) if not missing(level, device))


def available(device: str = "cpu") -> list[Level]:
    """Every level that works here, from the weakest on."""
    return [level for level in Level if not missing(level, device)]


@cache
def missing(level: Level, device: str = "cpu") -> str:
    """Why a level does not work here, or "" where it does."""
    if level is Level.PROCESS:
        return ""
    if sys.platform != "linux":
        return f"it is made of what Linux offers, and this is {sys.platform}"
    if level is Level.NAMESPACE and bubblewrap.program() is None:
        return "bubblewrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)"
    return _tried(level, device)


def confinement(device: str) -> Confinement:
    """What a worker of the upper levels may still use."""
    return Confinement(paths.readable(device), [paths.SHARED_MEMORY], paths.devices(device))


def drops_user(level: Level) -> bool:
    """Whether workers become users of their own: as root, where no namespace makes up for it.

    What stays root by name owns the grader's files.
    """
    return level is Level.KERNEL and sys.platform == "linux" and os.geteuid() == 0


def _tried(level: Level, device: str) -> str:
    from grading.temporary import TemporaryFolder  # it needs the launcher, which needs this file

    with TemporaryFolder() as scratch:
        return _trial(level, device, scratch)


def _trial(level: Level, device: str, scratch: Path) -> str:
    """Let a confined child try everything; what went wrong, in words."""
    from grading.isolation.user import free_users

    for name in ("inputs", "own", "elsewhere"):
        (scratch / name).mkdir()
    (scratch / "inputs" / "given").write_text("x")
    (scratch / "elsewhere" / "kept").write_text("x")
    user = next(free_users()) if drops_user(level) else None
    if user is not None:
        scratch.chmod(0o711)
        os.chown(scratch / "own", user, user)
    name = f"grading-{secrets.token_hex(8)}"
    values = {
        "root": str(paths.ROOT),
        "confinement": asdict(confinement(device)),
        "submission": str(scratch / "inputs"),
        "inputs": str(scratch / "inputs"),
        "scratch": str(scratch / "own"),
        "elsewhere": str(scratch / "elsewhere"),
        "user": user,
        "device": device,
        "packages": [path for path in paths.packages() if Path(path).is_dir()],
        "secrets": _secrets(),
        "examiner": os.getpid(),
        "abstract": name,
    }
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen()
        return _verdict(_start(level, device, scratch, values))


def _secrets() -> list[str]:
    """Folders that no worker may read, as far as this machine has them."""
    from data import cache as fetched

    named = [paths.ROOT / "grading" / "checks", *fetched.folders()]
    return [str(path) for path in named if path.is_dir()]


def _start(
    level: Level, device: str, scratch: Path, values: dict[str, Any]
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-s", str(PROBE), json.dumps(values)]
    if level is Level.NAMESPACE:
        shown = ["--ro-bind", str(PROBE), str(PROBE), "--"]
        command = [*bubblewrap.prefix(scratch, device)[:-1], *shown, *command]
    try:
        return subprocess.run(  # noqa: S603 - our own command line
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            cwd=scratch,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no end within {SECONDS:.0f} seconds")


def _verdict(done: subprocess.CompletedProcess[str]) -> str:
    """What a trial found, in one line; "" if all was as it should be."""
    try:
        told = json.loads(done.stdout)
    except ValueError:
        words = done.stderr.strip().splitlines()
        return words[-1][:200] if words else f"the trial ended with code {done.returncode}"
    if "refused" in told:
        return f"the kernel or the container refuses it: {told['refused']}"
    if told["cannot"]:
        what, why = next(iter(told["cannot"].items()))
        return f"a check could not {what} ({why})"
    return f"a worker could still {' and '.join(told['can'])}" if told["can"] else ""
