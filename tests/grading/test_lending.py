"""A lease ends its own workers and leaves the launcher to the next run."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from grading.audience import Audience
from grading.examiner import grade
from grading.isolation.ladder import Level
from grading.launcher import Worker, WorkerLost
from grading.lending import Lease, WarmWorkers
from grading.options import Options
from tests.mutants import copy_solution


class Warm:
    """A launcher of workers that do nothing."""

    scratch = Path("scratch")
    isolation = Level.PROCESS

    def __init__(self) -> None:
        self.killed: list[int] = []
        self.number = 0

    def launch(self) -> Worker:
        self.number += 1
        number, pipe = self.number, io.BytesIO()
        return Worker(number, pipe, pipe, pipe, lambda: self.killed.append(number), lambda: None)

    def close(self) -> None:
        raise AssertionError("the launcher outlives its leases")


def test_closing_ends_the_workers_that_still_work() -> None:
    warm = Warm()
    lease, other = Lease(warm), Lease(warm)
    done, busy = lease.launch(), lease.launch()
    other.launch()
    done.ended.set()
    lease.close()
    assert warm.killed == [busy.pid]


def test_a_worker_that_comes_too_late_is_ended() -> None:
    warm = Warm()
    lease = Lease(warm)
    lease.close()
    with pytest.raises(WorkerLost, match="the run is over"):
        lease.launch()
    assert warm.killed == [1]


def test_one_server_serves_several_runs(tmp_path: Path) -> None:
    options = Options(copy_solution(tmp_path / "hw"), ("q6.values",))
    workers = WarmWorkers(threads=1)
    servers = set()
    for _ in range(2):
        assert grade(options, Audience(), launch=workers.lend).earned == 1
        servers.add(workers.launcher.server.pid)  # type: ignore[attr-defined]
    assert len(servers) == 1
    workers.close()
    assert not workers.scratch.exists()
