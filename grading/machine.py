"""What this machine grants us: cores, a device, and protection for the examiner's own memory."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from pathlib import Path

PR_SET_DUMPABLE = 4


def cpu_quota(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Whole cores that this process may use: its affinity, lowered by a container's CPU quota."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else (os.cpu_count() or 1)
    groups = [cgroup, cgroup / _own_group().lstrip("/")]
    return max(1, min(cores, *map(_cgroup_cores, groups)))


def _own_group() -> str:
    """This process's control group below the root of version 2, or the root itself."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return ""
    return next((line[3:] for line in lines if line.startswith("0::")), "")


def _cgroup_cores(cgroup: Path) -> int:
    """The CPU quota of a control group, version 2 or 1, rounded up; a large number without one."""
    try:
        if (cgroup / "cpu.max").exists():
            quota, period = (cgroup / "cpu.max").read_text().split()
        else:
            quota = (cgroup / "cpu/cpu.cfs_quota_us").read_text().strip()
            period = (cgroup / "cpu/cpu.cfs_period_us").read_text().strip()
    except (OSError, ValueError):
        return sys.maxsize
    if quota in ("max", "-1"):
        return sys.maxsize
    return math.ceil(int(quota) / int(period))


def conceal() -> None:
    """Keep same-user processes out of this one's memory and descriptors (Linux).

    Marks, labels and seeds are in the examiner's memory; a student's process under the same user
    could otherwise read them through /proc.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def quiet_environment(threads: int, scratch: str) -> dict[str, str]:
    """The environment of a worker: nothing of the caller's but what libraries cannot do without."""
    kept = (
        "PATH",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "SYSTEMROOT",
        "CUDA_VISIBLE_DEVICES",
        "CUDA_HOME",
        "LANG",
        "TZ",
    )
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    count = str(threads)
    environment.update(
        HOME=scratch,
        TMPDIR=scratch,
        TEMP=scratch,
        TMP=scratch,
        MPLBACKEND="Agg",
        OMP_WAIT_POLICY="PASSIVE",
        OMP_NUM_THREADS=count,
        MKL_NUM_THREADS=count,
        OPENBLAS_NUM_THREADS=count,
        KMP_BLOCKTIME="0",
        CUBLAS_WORKSPACE_CONFIG=":4096:8",
        PYTHONHASHSEED="0",
        PYTHONUTF8="1",
    )
    return environment
