"""The server of each level: what it hands to a fork, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from grading.forking import ForkLauncher
from grading.isolation.ladder import Level
from grading.isolation.user import FIRST, free_users
from grading.launcher import Worker, WorkerLost
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


def test_a_user_is_reserved_on_the_whole_machine_until_it_is_released(
    forks: ForkLauncher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if forks.free_users is None:
        return  # only workers of root's become somebody else, and not in a namespace
    monkeypatch.setattr("grading.isolation.user.LAST", FIRST + 1)
    forks.free_users = free_users()
    first, second = forks.launch(), forks.launch()
    assert {first.user, second.user} == set(forks.users) == {FIRST, FIRST + 1}
    with pytest.raises(WorkerLost, match="no user"):
        forks.launch()
    (tmp_path / "other").mkdir()
    other = ForkLauncher(tmp_path / "other", 1, forks.isolation)
    other.free_users = free_users()
    with pytest.raises(WorkerLost, match="no user"):
        other.launch()
    end(first)
    first.release()
    assert set(forks.users) == {second.user}
    third = other.launch()
    assert third.user == first.user
    forks.close()
    assert not third.ended.is_set()
    other.close()
    assert third.ended.wait(10.0)
    for worker in (second, third):
        worker.close()


def test_a_user_whose_processes_live_on_is_not_given_to_another(forks: ForkLauncher) -> None:
    if forks.free_users is None:
        return
    worker = forks.launch()
    assert worker.user is not None
    left = subprocess.Popen(["/bin/sleep", "60"], user=worker.user)
    end(worker)
    worker.release()
    assert left.wait(10.0) == -signal.SIGKILL
    assert worker.user in forks.users
    worker.release()
    assert worker.user not in forks.users
