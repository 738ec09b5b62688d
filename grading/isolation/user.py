"""An unprivileged user for each worker, where the grader was started as root."""

from __future__ import annotations

import ctypes
import os
import platform
import stat
import struct
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from grading.isolation.kernel import (
    PR_CAP_AMBIENT,
    PR_CAP_AMBIENT_CLEAR_ALL,
    PR_CAPBSET_DROP,
    PR_SET_KEEPCAPS,
    process_control,
    system_call,
)

# Numbers that systems give to services for as long as these run; every container maps them.
FIRST, LAST = 61_184, 65_519
LOCKS = "coursework-users"  # a folder of root's: who locks a file there has the number for itself
READ_ANYTHING = 2  # CAP_DAC_READ_SEARCH
LAST_CAPABILITY = 63
CAPSET = {"x86_64": 126, "aarch64": 91}
CAPABILITY_VERSION = 0x20080522


def free_users() -> Iterator[int]:
    """Numbers that belong to nobody, again and again; two runs side by side begin apart."""
    import pwd

    place = int.from_bytes(os.urandom(4), "big")
    count = LAST - FIRST + 1
    while True:
        place += 1
        number = FIRST + place % count
        try:
            pwd.getpwuid(number)
        except KeyError:
            yield number


def reserve(users: Iterator[int]) -> tuple[int, int]:
    """Take the next number that no other worker on this machine goes by.

    Returns:
        The number, and a descriptor that keeps it from other graders until it is closed.

    Raises:
        OSError: if all numbers are taken, or there is no place to say so.
    """
    import fcntl

    locks = _locks()
    for _ in range(FIRST, LAST + 1):
        user = next(users)
        lock = os.open(locks / str(user), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return user, lock
    raise BlockingIOError(f"all users from {FIRST} to {LAST} are taken by other workers")


def _locks() -> Path:
    """The folder that all graders of root's on this machine share, and nobody else can change.

    Raises:
        OSError: if there is no place for one.
    """
    for place in ("/run", tempfile.gettempdir()):
        folder = Path(place) / LOCKS
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == 0 and os.access(folder, os.W_OK):
                return folder
    raise OSError(f"neither /run nor {tempfile.gettempdir()} has place for a folder of root's own")


def become(user: int) -> None:
    """Turn from root into an unprivileged user, for good.

    One right is kept: to read whatever Landlock lets through, for an interpreter that lies in a
    folder of root's own. Landlock has to be in force right after this.

    Raises:
        OSError: if the system refuses.
    """
    _drop_for_later()
    process_control(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    _keep_only(READ_ANYTHING if _held(READ_ANYTHING) else None)


def give_up_rights() -> None:
    """Stay root by name, without any of its rights.

    Raises:
        OSError: if the system refuses.
    """
    _drop_for_later()
    _keep_only(None)


def _drop_for_later() -> None:
    """See to it that no program that is started gets rights back."""
    for capability in range(LAST_CAPABILITY + 1):
        with suppress(OSError):  # the kernel knows fewer, or the container has them dropped
            process_control(PR_CAPBSET_DROP, capability)
    with suppress(OSError):
        process_control(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)


def _held(capability: int) -> bool:
    """Whether a capability is among those that this process may have."""
    lines = Path("/proc/self/status").read_text().splitlines()
    permitted = next(line.split()[1] for line in lines if line.startswith("CapPrm:"))
    return bool(int(permitted, 16) >> capability & 1)


def _keep_only(capability: int | None) -> None:
    mask = 0 if capability is None else 1 << capability
    header = ctypes.create_string_buffer(struct.pack("=Ii", CAPABILITY_VERSION, 0))
    sets = struct.pack("=6I", mask, mask, 0, 0, 0, 0)  # effective, permitted, inherited; twice
    system_call(CAPSET[platform.machine()], header, ctypes.create_string_buffer(sets))
