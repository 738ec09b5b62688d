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
