"""The server of each level: what it hands to a fork, and how it ends."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from grading.forking import ForkLauncher
from grading.isolation.ladder import Level
from grading.launcher import Worker
from tests.grading.isolation.conftest import LEVELS


@pytest.fixture(params=LEVELS)
def forks(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ForkLauncher]:
    launcher = ForkLauncher(tmp_path, 1, request.param)
    yield launcher
    launcher.close()


def end(worker: Worker) -> None:
    worker.end()
    assert worker.ended.wait(10.0)
    worker.close()


def test_a_worker_is_known_by_our_own_number(forks: ForkLauncher) -> None:
    worker = forks.launch()
    assert worker.source.read(4)  # it has said that it is warm
    assert forks.server is not None
    family = psutil.Process(forks.server.pid).children(recursive=True)
    assert worker.pid in [process.pid for process in family]
    assert "start.py" in " ".join(psutil.Process(worker.pid).cmdline())
    assert psutil.Process(worker.pid).num_fds() == 5  # 0, 1, 2 and the two frame pipes
    end(worker)
    assert worker.code == -signal.SIGKILL


def test_a_server_that_dies_is_started_anew_by_a_thread_that_ends(forks: ForkLauncher) -> None:
    """bubblewrap ends with the thread that started it, and checks run in threads of their own."""
    first = forks.launch()
    assert forks.server is not None
    family = psutil.Process(forks.server.pid).children(recursive=True)
    os.kill(forks.server.pid, signal.SIGKILL)
    assert first.ended.wait(10.0)
    first.close()
    found: list[Worker] = []
    thread = threading.Thread(target=lambda: found.append(forks.launch()))
    thread.start()
    thread.join()
    second = forks.launch()
    assert second.source.read(4)
    for worker in (*found, second):
        end(worker)
    assert psutil.wait_procs(family, 10.0)[1] == []


def test_closing_ends_every_process(forks: ForkLauncher) -> None:
    assert forks.server is not None
    forks.launch().close()
    family = psutil.Process(forks.server.pid).children(recursive=True)
    forks.close()
    assert psutil.wait_procs(family, 10.0)[1] == []


def test_a_user_that_workers_become_is_each_ones_own(forks: ForkLauncher) -> None:
    workers = [forks.launch(), forks.launch()]
    users = [worker.user for worker in workers if worker.user is not None]
    assert len(users) == len(set(users))
    assert forks.isolation is Level.KERNEL or not users
    for worker in workers:
        end(worker)
