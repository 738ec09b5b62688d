from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from grading.audience import Audience
from grading.examiner import grade
from grading.forking import ForkLauncher
from grading.launcher import Launcher, Worker
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
