"""System calls and `prctl` by number, for what Python's `os` has no name for."""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4


@cache
def _libc() -> ctypes.CDLL:  # not at import: other systems import this as well
    return ctypes.CDLL(None, use_errno=True)


def system_call(number: int, *arguments: object) -> int:
    """Call the kernel.

    Raises:
        OSError: with the kernel's own number.
    """
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    result = _libc().syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise _error()
    return int(result)


def process_control(option: int, *arguments: object) -> None:
    """Call `prctl`; arguments that are left out are 0.

    Raises:
        OSError: with the kernel's own number.
    """
    given = [ctypes.c_ulong(word) if isinstance(word, int) else word for word in arguments]
    rest = [ctypes.c_ulong(0)] * (4 - len(given))
    if _libc().prctl(option, *given, *rest) != 0:
        raise _error()


def grant_nothing_new() -> None:
    """Rule out for good that a program raises this process's rights (set-uid, capabilities)."""
    process_control(PR_SET_NO_NEW_PRIVS, 1)


def _error() -> OSError:
    number = ctypes.get_errno() or errno.EINVAL
    return OSError(number, os.strerror(number))
