"""Each limit holds for a process and all that it has started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grading.launcher import end_tree
from grading.scratch import remove
from grading.weighing import LOOKS_PER_DISK_LOOK, Allowance, Scale

PROGRAM = """
import os, subprocess, sys, threading, time
child = subprocess.Popen([sys.executable, "-c", "x = bytearray(1 << 26)\\nwhile True: pass"])
threading.Thread(target=time.sleep, args=(60,)).start()
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def tree() -> Iterator[int]:
    """A process with a second thread, and a child that spins and holds 64 MiB."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process.pid
        end_tree(process.pid)


def excess(scale: Scale, seconds: float = 20.0) -> str:
    """What a scale complains of within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = scale.excess()
        if found:
            return found
        time.sleep(0.05)
    return ""


@pytest.mark.parametrize(
    ("allowed", "said"),
    [
        pytest.param(Allowance(memory=1 << 25), "memory", id="memory"),
        pytest.param(Allowance(cpu_seconds=0.3), "processor time", id="processor-time"),
        pytest.param(Allowance(processes=1), "1 processes", id="processes"),
        pytest.param(Allowance(threads=2), "2 threads", id="threads"),
    ],
)
def test_the_whole_tree_is_weighed(
    allowed: Allowance, said: str, tree: int, tmp_path: Path
) -> None:
    assert said in excess(Scale(tree, allowed, tmp_path))


def test_a_modest_tree_is_left_alone(tree: int, tmp_path: Path) -> None:
    assert excess(Scale(tree, Allowance(), tmp_path), seconds=0.5) == ""


def test_a_file_without_a_name_counts(tmp_path: Path) -> None:
    path = tmp_path / "big"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 1 << 22)
        path.unlink()
        assert "wrote more" in excess(Scale(os.getpid(), Allowance(disk=1 << 20), tmp_path))


def test_folders_in_each_other_are_followed_so_far(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(120):
        folder = folder / "d"
        folder.mkdir()
    scale = Scale(os.getpid(), Allowance(), tmp_path)
    assert "folders in each other" in [scale.excess() for _ in range(LOOKS_PER_DISK_LOOK)][-1]


def test_what_cannot_be_listed_is_no_place_to_hide(tmp_path: Path) -> None:
    """Here a path that is too long; to a grader that is not root, a folder without rights."""
    names, top = ["d" * 250] * 20, os.getcwd()
    try:
        os.chdir(tmp_path)
        for name in names:
            os.mkdir(name)
            os.chdir(name)
    finally:
        os.chdir(top)
    scale = Scale(os.getpid(), Allowance(), tmp_path)
    with pytest.raises(OSError, match="File name too long"):
        excess(scale, seconds=1.0)
    remove(tmp_path)


def test_a_mapped_file_without_a_name_counts(tmp_path: Path) -> None:
    hidden = (
        "import ctypes, os, sys, time\n"
        "file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
        "sys.stdin.readline()\n"
        "os.posix_fallocate(file, 0, 1 << 24)\n"
        "ctypes.CDLL(None).mmap(None, 4096, 1, 1, file, 0)\n"
        "os.unlink(sys.argv[1]); os.close(file)\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", hidden, str(tmp_path / "big")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        scale = Scale(process.pid, Allowance(disk=1 << 23), tmp_path)
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()
        assert "wrote more" in excess(scale, seconds=1.0)
        process.kill()
