"""Nothing of a check outlives it, and nothing that it starts can take the machine."""

from __future__ import annotations

import time

import psutil
import pytest

from grading.isolation.ladder import Level
from grading.isolation.paths import SHARED_MEMORY
from grading.results import Status
from tests.grading.isolation.conftest import Confined

DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 100)
        time.sleep(4321)
    os._exit(0)
"""
MANY_PROCESSES = """
import os, time
for _ in range(100):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
time.sleep(30)
"""
MANY_THREADS = """
import threading, time
for _ in range(600):
    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
time.sleep(30)
"""
MANY_FILES = """
import os, time
for number in range(30_000):
    open(f"{number}", "x").close()
time.sleep(30)
"""
MUCH_ON_DISK = """
import os, time
for number in range(8):
    with open(f"{number}", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 200 << 20)
time.sleep(30)
"""
DELETED_FILES = """
import os, time
for number in range(8):
    file = os.open(f"{number}", os.O_RDWR | os.O_CREAT)
    os.unlink(f"{number}")
    os.posix_fallocate(file, 0, 200 << 20)
time.sleep(30)
"""
MAPPED_FILES = """
import ctypes, os, time
for number in range(12):
    file = os.open(f"{number}", os.O_RDWR | os.O_CREAT)
    os.unlink(f"{number}")
    os.posix_fallocate(file, 0, 120 << 20)
    assert ctypes.CDLL(None).mmap(None, 4096, 1, 1, file, 0) != -1
    os.close(file)
time.sleep(30)
"""
LEFT_IN_SHARED_MEMORY = f"""
import os
os.chdir("{SHARED_MEMORY}")
open("left-file", "x").close()
os.makedirs("left-folder/in/it")
open("left-folder/in/it/file", "x").close()
os.mkdir("left-and-locked", 0o500)
"""
BEHIND_LOCKS = """
import os
os.makedirs("a/b/c")
open("a/b/c/file", "x").close()
os.chmod("a/b/c/file", 0)
for name in ("a/b/c", "a/b", "a"):
    os.chmod(name, 0)
"""


def descendants() -> set[int]:
    return {process.pid for process in psutil.Process().children(recursive=True)}


def test_a_daemon_ends_with_its_check(confined: Confined) -> None:
    before = descendants()
    assert confined.run(DAEMON).status is Status.PASSED
    assert descendants() <= before


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(MANY_PROCESSES, "64 processes", id="processes"),
        pytest.param(MANY_THREADS, "512 threads", id="threads"),
        pytest.param(MANY_FILES, "20,000 files", id="files"),
        pytest.param(MUCH_ON_DISK, "wrote more than 1 GiB", id="disk"),
        pytest.param(DELETED_FILES, "wrote more than 1 GiB", id="files-without-a-name"),
        pytest.param(MAPPED_FILES, "wrote more than 1 GiB", id="files-mapped-and-closed"),
    ],
)
def test_a_bomb_is_one_crash(code: str, said: str, confined: Confined) -> None:
    before = descendants()
    begun = time.monotonic()
    result = confined.run(code)
    assert result.status is Status.CRASHED, result
    refused = "can't start new thread" if "threads" in said else said  # its user's own limit
    assert said in result.feedback.got or refused in result.feedback.got
    assert time.monotonic() - begun < 60
    assert descendants() <= before


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(BEHIND_LOCKS, id="locked"),
        pytest.param(
            "import os\nfor _ in range(1500):\n    os.mkdir('d'); os.chdir('d')", id="deep"
        ),
    ],
)
def test_no_file_is_left(code: str, confined: Confined) -> None:
    before = sorted(confined.launcher.scratch.iterdir())
    confined.run(code)
    assert sorted(confined.launcher.scratch.iterdir()) == before


def has_shared_memory(confined: Confined) -> bool:
    """Whether a worker's shared memory is its server's own, or known by its user."""
    return confined.level is Level.NAMESPACE or confined.launcher.free_users is not None


def test_nothing_is_left_in_shared_memory(confined: Confined) -> None:
    """One server serves a whole class: no submission finds what another one has left there."""
    if has_shared_memory(confined):
        assert confined.run(LEFT_IN_SHARED_MEMORY).status is Status.PASSED
        again = confined.run("import os\nprint('found', os.listdir('/dev/shm'))")
        assert "found" in again.output
        assert "left" not in again.output


def test_files_in_shared_memory_count(confined: Confined) -> None:
    if has_shared_memory(confined):
        code = MANY_FILES.replace("{number}", f"{SHARED_MEMORY}/{{number}}")
        assert "20,000 files" in confined.run(code).feedback.got


def test_processor_time_of_children_counts(confined: Confined) -> None:
    spin = "import os\nfor _ in range(3):\n    if os.fork() == 0:\n        while True: pass\n"
    result = confined.run(spin + "import time; time.sleep(60)", patience=0.1)
    assert result.status in (Status.CRASHED, Status.TIMED_OUT)
