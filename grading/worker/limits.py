"""Limits that a worker sets on itself before it imports student code (where the system has them).

They stop honest accidents at once; the examiner's own clock and memory watch stop the rest.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

ADDRESS_ALLOWANCE = 1 << 30  # mapped training data and thread stacks count as address space


def set_limits(limits: dict[str, Any]) -> None:
    """Cap CPU time, address space, file size and open files; a crash writes no core file.

    Args:
        limits: ``cpu_seconds``, ``memory`` and ``file_size`` in bytes, ``processes`` of the
            worker's own user (None where it has none), and ``device``.
    """
    if sys.platform == "win32":
        return
    import resource

    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, int(limits["cpu_seconds"]), grace=2)
    _lower(resource.RLIMIT_FSIZE, limits["file_size"])
    _lower(resource.RLIMIT_NOFILE, 256)
    if limits.get("processes") is not None:
        _lower(resource.RLIMIT_NPROC, limits["processes"])
    # CUDA reserves far more addresses than it uses, so there the memory watch serves alone.
    if sys.platform == "linux" and limits["device"] == "cpu":
        _lower(resource.RLIMIT_AS, _address_space() + limits["memory"] + ADDRESS_ALLOWANCE)


def _lower(which: int, value: int, grace: int = 0) -> None:
    """Lower a limit for good, never above what the process has; the hard one is `grace` higher."""
    import resource

    hard = resource.getrlimit(which)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard - grace)
    resource.setrlimit(which, (value, value + grace))


def _address_space() -> int:
    """Bytes of address space in use, from the first field of /proc/self/statm (in pages)."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
