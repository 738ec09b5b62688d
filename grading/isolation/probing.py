"""A tiny child that confines itself as a worker would, then tries what it may and may not do.

Started as a file. It prints one JSON object: what it could not do although a check needs it, and
what it could do although no check may.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the kernel's own place for it
CLONE_NEWUSER, PTRACE_TRACEME = 0x10000000, 0
Attempts = dict[str, Callable[[], object]]


def main() -> None:
    """Confine this process, try everything, tell."""
    values = json.loads(sys.argv[1])
    sys.path[0] = values["root"]
    from grading.isolation.confinement import Confinement

    told: dict[str, Any] = {"cannot": {}, "can": []}
    try:
        Confinement(**values["confinement"]).enter(values)
    except (OSError, KeyError) as error:
        told["refused"] = str(error)
    else:
        told["cannot"] = failures(needed(values))
        told["can"] = sorted(forbidden(values).keys() - failures(forbidden(values)).keys())
    sys.stdout.write(json.dumps(told))
    sys.stdout.flush()
    os._exit(0)


def failures(attempts: Attempts) -> dict[str, str]:
    """Which attempts the system refused, and why."""
    refused = {}
    for name, attempt in attempts.items():
        try:
            attempt()
        except Exception as error:  # whatever the reason, it was not possible
            refused[name] = str(error)
    return refused


def needed(values: dict[str, Any]) -> Attempts:
    """What every check relies on; on a GPU, what its driver does as well."""
    gpu = values["device"] == "cuda"
    return {
        "read its inputs": lambda: Path(values["inputs"], "given").read_text(),
        "write in its own folder": lambda: Path(values["scratch"], "kept").write_text("x"),
        "read Python's packages": lambda: [os.listdir(path) for path in values["packages"]],
        "import a module": lambda: __import__("colorsys"),
        "write to /dev/null": lambda: Path(os.devnull).write_text("x"),
        "start a thread": _thread,
        "start a process": lambda: _in_a_fork(lambda: None),
        "share memory": _share_memory,
        **({"name a thread": _name_a_thread, "start CUDA": _start_cuda} if gpu else {}),
    }


def forbidden(values: dict[str, Any]) -> Attempts:
    """What no check may do."""
    examiner = values["examiner"]
    reads = {f"read {path}": _reading(path) for path in values["secrets"]}
    return {
        **reads,
        "write elsewhere": lambda: Path(values["elsewhere"], "left").write_text("x"),
        "change a mode elsewhere": lambda: _change_mode(values["elsewhere"]),
        "truncate its inputs": lambda: os.truncate(f"{values['inputs']}/given", 0),
        "empty its inputs": lambda: os.close(
            os.open(f"{values['inputs']}/given", os.O_RDONLY | os.O_TRUNC)
        ),
        "read the examiner's memory": lambda: open(f"/proc/{examiner}/mem", "rb").close(),
        "signal the examiner": lambda: os.kill(examiner, 0),
        "reschedule the examiner": lambda: os.sched_setaffinity(
            examiner, os.sched_getaffinity(examiner)
        ),
        "slow the examiner down": lambda: os.setpriority(
            os.PRIO_PROCESS, examiner, os.getpriority(os.PRIO_PROCESS, examiner)
        ),
        "open a TCP socket": lambda: socket.socket(socket.AF_INET).close(),
        "open a UDP socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "reach an abstract socket": lambda: _connect(values["abstract"]),
        "trace a process": lambda: _call("ptrace", PTRACE_TRACEME),
        "make namespaces": lambda: _in_a_fork(lambda: _call("unshare", CLONE_NEWUSER)),
        "start a program": lambda: _in_a_fork(
            lambda: os.execv(sys.executable, [sys.executable, "-c", ""])  # noqa: S606
        ),
    }


def _reading(path: str) -> Callable[[], object]:
    return lambda: os.listdir(path) if os.path.isdir(path) else Path(path).read_bytes()


def _change_mode(path: str) -> None:
    before = os.stat(path).st_mode
    os.chmod(path, before ^ 0o010)
    if os.stat(path).st_mode == before:
        raise OSError("it was only pretended")


def _connect(name: str) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        client.connect("\0" + name)


def _call(name: str, argument: int) -> None:
    if getattr(ctypes.CDLL(None), name)(argument, 0, 0, 0) != 0:
        raise OSError(name)


def _thread() -> None:
    thread = threading.Thread(target=len, args=("",))
    thread.start()
    thread.join()


def _name_a_thread() -> None:
    failed: list[OSError] = []

    def name() -> None:
        try:
            path = Path(f"/proc/self/task/{threading.get_native_id()}/comm")
            path.write_text("named", encoding="ascii")
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=name)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def _start_cuda() -> None:
    code = ctypes.CDLL("libcuda.so.1").cuInit(0)
    if code != 0:
        raise OSError(f"the driver's cuInit gives {code}")


def _in_a_fork(attempt: Callable[[], object]) -> None:
    child = os.fork()
    if child == 0:
        with suppress(Exception):
            attempt()
            os._exit(0)
        os._exit(1)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("it ended in failure")


def _share_memory() -> None:
    import multiprocessing

    multiprocessing.get_context("fork").Lock()
    with tempfile.TemporaryFile(dir=SHARED_MEMORY) as file:
        file.write(b"x")


if __name__ == "__main__":
    main()
