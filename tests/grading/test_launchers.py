from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from grading.audience import Audience
from grading.examiner import grade
from grading.forking import ForkLauncher
from grading.launcher import Launcher
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


def test_a_server_that_dies_is_started_anew(tmp_path: Path) -> None:
    launcher = ForkLauncher(tmp_path, 1)
    try:
        launcher.launch().end()
        assert launcher.server is not None
        os.kill(launcher.server.pid, signal.SIGKILL)
        launcher.server.wait()
        worker = launcher.launch()
        worker.end()
        assert worker.ended.wait(10.0)
        assert worker.code == -signal.SIGKILL
    finally:
        launcher.close()


def test_a_worker_gets_a_quiet_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "do not tell")
    launcher = ForkLauncher(tmp_path, 1)
    try:
        worker = launcher.launch()
        environment = psutil.Process(worker.pid).environ()
        assert "SECRET_TOKEN" not in environment
        assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
        assert environment["OMP_NUM_THREADS"] == "1"
        worker.end()
    finally:
        launcher.close()


def test_a_fork_inherits_no_descriptor_but_its_pipes(tmp_path: Path) -> None:
    launcher = ForkLauncher(tmp_path, 1)
    try:
        first, second = launcher.launch(), launcher.launch()
        assert psutil.Process(second.pid).num_fds() == 5  # 0, 1, 2 and the two frame pipes
        for worker in (first, second):
            worker.end()
    finally:
        launcher.close()
