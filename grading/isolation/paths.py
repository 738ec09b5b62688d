"""Which files a worker may see: an interpreter with its packages, and a few of our own.

An allow-list: the checks, the solution, the data cache, the results and everything else of the
user's are absent because nobody names them.
"""

from __future__ import annotations

import glob
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What the worker imports of ours; a test compares.
OWN = (
    "data/__init__.py",
    "data/examples.py",
    "data/words.py",
    "grading/__init__.py",
    "grading/frames.py",
    "grading/isolation/__init__.py",
    "grading/isolation/confinement.py",
    "grading/isolation/kernel.py",
    "grading/isolation/landlock.py",
    "grading/isolation/seccomp.py",
    "grading/isolation/user.py",
    "grading/scratch.py",
    "grading/spellings.py",
    "grading/worker",
)
SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload"),
    *("/etc/alternatives", "/etc/localtime", "/etc/timezone", "/etc/fonts", "/etc/ssl/openssl.cnf"),
    *("/etc/passwd", "/etc/group", "/etc/nsswitch.conf"),  # names of users, open to all anyway
)
OF_THE_KERNEL = (
    *("/proc/self", "/proc/thread-self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"),
    *("/proc/filesystems", "/proc/version", "/proc/sys/vm/overcommit_memory"),
    *("/sys/devices/system", "/sys/fs/cgroup/cpu.max"),
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the kernel's own place for it
THREADS = "/proc/self/task"  # CUDA's driver gives its threads names there, or does not start
OF_CUDA = ("/proc/driver/nvidia", "/proc/devices", "/proc/modules", "/sys/bus/pci", "/sys/module")


def interpreter() -> list[str]:
    """The folders that Python and its packages lie in, under the names that they go by."""
    named = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *packages()]
    named += os.environ.get("LD_LIBRARY_PATH", "").split(":")
    real = [os.path.realpath(sys.executable), *map(os.path.realpath, filter(None, named))]
    found = [path for path in [*named, *real] if path and os.path.exists(path)]
    return [path for path in dict.fromkeys(found) if path != "/"]


def packages() -> list[str]:
    """What this process imports from, apart from our own code and the current folder."""
    own = {str(ROOT), "", str(Path.cwd())}
    return [path for path in sys.path if path not in own]


def own() -> list[str]:
    """The few files of ours that a worker imports."""
    return [str(ROOT / name) for name in OWN]


def readable(device: str) -> list[str]:
    """All that a worker may read besides the submission and its inputs."""
    cuda = [*OF_CUDA, *glob.glob("/sys/devices/pci*")] if device == "cuda" else []
    return [*interpreter(), *own(), *SYSTEM, *OF_THE_KERNEL, *cuda]


def devices(device: str) -> list[str]:
    """The device files that a worker may use, and what else has to be written for them."""
    cuda = glob.glob("/dev/nvidia*") if device == "cuda" else []
    named = [THREADS] if device == "cuda" else []
    return [*DEVICES, *named, *(path for path in cuda if not os.path.isdir(path))]
