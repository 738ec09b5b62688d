from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from grading.audience import Audience
from grading.examiner import grade
from grading.forking import ForkLauncher
from grading.launcher import Launcher, Worker, WorkerLost
from grading.options import Options
from grading.results import Status
from grading.spawning import SpawnLauncher
from tests.mutants import copy_solution


@pytest.mark.parametrize(
    "kind", [pytest.param(ForkLauncher, id="fork"), pytest.param(SpawnLauncher, id="spawn")]
)
def test_forked_and_spawned_workers_give_the_same_marks(
    kind: Callable[[Path, int], Launcher], tmp_path: Path
) -> None:
    options = Options(copy_solution(tmp_path / "s"), ("q6.values",), seed=1)
    before = set(psutil.Process().children(recursive=True))
    report = grade(options, Audience(), launch=kind)
    assert [check.status for check in report.checks] == [Status.PASSED], report.checks
    assert set(psutil.Process().children(recursive=True)) <= before


@pytest.fixture
def forks(tmp_path: Path) -> Iterator[ForkLauncher]:
    launcher = ForkLauncher(tmp_path, 1)
    yield launcher
    launcher.close()


@contextmanager
def running(launcher: Launcher) -> Iterator[Worker]:
    worker = launcher.launch()
    yield worker
    worker.end()
    assert worker.ended.wait(10.0)
    worker.close()


def test_a_server_that_dies_is_started_anew(forks: ForkLauncher) -> None:
    with running(forks):
        pass
    assert forks.server is not None
    os.kill(forks.server.pid, signal.SIGKILL)
    forks.server.wait()
    with running(forks) as worker:
        pass
    assert worker.code == -signal.SIGKILL


def test_a_fork_inherits_no_secret_and_no_descriptor_but_its_pipes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "do not tell")
    launcher = ForkLauncher(tmp_path, 1)
    with running(launcher), running(launcher) as worker:
        process = psutil.Process(worker.pid)
        environment = process.environ()
        assert "SECRET_TOKEN" not in environment
        assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
        assert environment["OMP_NUM_THREADS"] == "1"
        deadline = time.monotonic() + 10.0
        while process.num_fds() > 5 and time.monotonic() < deadline:
            time.sleep(0.01)  # the fork is just letting go of what it inherited
        assert process.num_fds() == 5  # 0, 1, 2 and the two frame pipes
    launcher.close()


def test_a_worker_that_comes_to_nothing_ends_no_other_and_leaves_nothing_open(
    forks: ForkLauncher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(forks) as other:
        before, server = len(os.listdir("/proc/self/fd")), forks.server

        def lose(pid: int) -> int:
            raise WorkerLost("a worker ended as soon as it began")

        with monkeypatch.context() as patch:
            patch.setattr(forks, "_pid_here", lose)
            with pytest.raises(WorkerLost, match="as soon as"):
                forks.launch()
        assert len(os.listdir("/proc/self/fd")) == before
        assert forks.server is server
        assert not other.ended.is_set()
        forks._note({"failed": forks.number + 1, "why": "it is full"})
        with pytest.raises(WorkerLost, match="it is full"):
            forks.launch()
        assert forks.server is server
        assert not other.ended.is_set()


def test_no_later_server_is_asked_to_end_an_earlier_ones_worker(
    forks: ForkLauncher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a namespace, where numbers begin at 1, it may have a worker of the same number."""
    first = forks.launch()
    assert forks.server is not None
    os.kill(forks.server.pid, signal.SIGKILL)
    assert first.ended.wait(10.0)
    assert first.orphaned
    second = forks.launch()
    assert second.source.read(4)
    asked: list[bytes] = []
    with monkeypatch.context() as patch:
        patch.setattr(forks, "control", SimpleNamespace(send=asked.append))
        first.end()
    assert asked == []
    for worker in (first, second):
        worker.finish()
        worker.close()


DESERTER = """
import ctypes, fcntl, os, signal, struct, time
ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG: nobody's end is ours
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
os.kill(os.getppid(), signal.SIGKILL)
for descriptor in range(3, 10):
    try:
        fcntl.fcntl(descriptor, 1031, 4096)  # F_SETPIPE_SZ
        os.write(descriptor, struct.pack("!IQ", 17, 0) + b'{"kind": "ready"}')
    except OSError:
        pass
time.sleep(600)
"""


def test_a_worker_that_outlives_its_server_is_ended_and_costs_nobody_a_point(
    tmp_path: Path,
) -> None:
    submission = copy_solution(tmp_path / "s")
    with (submission / "models" / "attention.py").open("a") as file:
        file.write(DESERTER)
    workers: list[psutil.Process] = []

    class Remembering(ForkLauncher):
        def launch(self) -> Worker:
            worker = super().launch()
            workers.append(psutil.Process(worker.pid))
            return worker

    begun = time.monotonic()
    report = grade(Options(submission, ("q6.values",), seed=1), Audience(), launch=Remembering)
    assert time.monotonic() - begun < 60.0
    assert [check.status for check in report.checks] == [Status.GRADER_FAULT], report.checks
    assert workers
    assert not [w for w in workers if w.is_running() and w.status() != psutil.STATUS_ZOMBIE]
