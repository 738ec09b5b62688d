"""Landlock: a process gives up files, TCP, signals and abstract sockets for good.

Which files may be read and written is a list of folders and files; all the rest is refused,
whatever the user's rights (https://docs.kernel.org/userspace-api/landlock.html). Nothing here
needs privileges. An older kernel restricts less; `grading.isolation.ladder` finds out whether
that is enough.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from grading.isolation.kernel import system_call

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
ASK_VERSION = 1
BELOW_A_PATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE = 1 << 4, 1 << 5
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK = 1 << 6, 1 << 7, 1 << 8, 1 << 9
MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = 1 << 10, 1 << 11, 1 << 12
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
FIRST = (1 << 13) - 1  # all that version 1 knows
SINCE = {2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
NETWORK_SINCE, BIND_AND_CONNECT_TCP = 4, 0b11
SCOPE_SINCE, ABSTRACT_SOCKETS_AND_SIGNALS = 6, 0b11

READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | REFER | TRUNCATE
WRITE |= MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM
DEVICE = READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Below(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # Python 3.14 wants it said; older ones do not know it
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of Landlock that this kernel offers.

    Raises:
        OSError: if it offers none, or a container forbids it.
    """
    return system_call(CREATE_RULESET, None, 0, ASK_VERSION)


def restrict(readable: Iterable[str], writable: Iterable[str], devices: Iterable[str] = ()) -> None:
    """Give up everything but what is listed; it holds for this thread and all that it starts.

    Args:
        readable: folders and files, for reading only; one that is missing is left out.
        writable: folders whose content may be read, made, changed and removed.
        devices: files under ``/dev`` to read, write and control.

    Raises:
        OSError: if the kernel refuses. `kernel.grant_nothing_new` has to come before.
    """
    known = version()
    handled = FIRST
    for since, right in SINCE.items():
        handled |= right if known >= since else 0
    ruleset = _Ruleset(
        handled,
        BIND_AND_CONNECT_TCP if known >= NETWORK_SINCE else 0,
        ABSTRACT_SOCKETS_AND_SIGNALS if known >= SCOPE_SINCE else 0,
    )
    size = 24 if known >= SCOPE_SINCE else 16 if known >= NETWORK_SINCE else 8
    rules = system_call(CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    try:
        for paths, rights in ((readable, READ), (writable, WRITE), (devices, DEVICE)):
            for path in paths:
                with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                    _allow(rules, path, rights & handled)
        system_call(RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            rights &= ON_FILES
        system_call(ADD_RULE, rules, BELOW_A_PATH, ctypes.byref(_Below(rights, folder)), 0)
    finally:
        os.close(folder)
