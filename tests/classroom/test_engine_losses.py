"""The engine outlives schedulers and workers that go and come."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom import engine
from classroom.conditions import Conditions
from classroom.engine import Engine
from classroom.ledger import Ledger, Outcome
from classroom.progress import Progress
from classroom.trouble import ClusterLost
from classroom.units import Unit
from tests.classroom.scripted_cluster import Client, Future
from tests.classroom.test_engine import _hasty, ledger, passes, run, then_passes, units

__all__ = ["_hasty", "ledger"]  # fixtures


def test_a_scheduler_that_is_gone_ends_the_run(tmp_path: Path, ledger: Ledger) -> None:
    def dies(future: Future, _number: int) -> None:
        future.client.status = "closed"
        future.end("cancelled")

    with pytest.raises(ClusterLost):
        run(Client(then_passes(passes, dies)), ledger, units(tmp_path, 4))
    assert ledger.finished() == {"address0"}


def test_a_scheduler_that_comes_back_is_given_everything_anew(
    tmp_path: Path, ledger: Ledger
) -> None:
    def stumbles(future: Future, _number: int) -> None:
        future.client.status = "connecting"
        future.end("cancelled")

    client = Client(then_passes(passes, stumbles))
    Engine(client, ledger, Conditions(3), Returning([], client)).run(units(tmp_path, 4))
    assert len(ledger.finished()) == 4


class Returning(Progress):
    """Brings the scheduler back after some time."""

    def __init__(self, todo: list[Unit], client: Client) -> None:
        super().__init__(todo)
        self.client = client
        self.ticks = 0

    def settled(self, unit: Unit, outcome: Outcome) -> None:
        pass

    def tick(self, running: int, slots: int) -> None:
        self.ticks += 1
        if self.ticks > 5:
            self.client.status = "running"


class Without(Progress):
    """Has all workers leave after the first outcome, and one come later, or never."""

    def __init__(self, todo: list[Unit], client: Client, back: bool) -> None:
        super().__init__(todo)
        self.client, self.back, self.ticks = client, back, 0

    def settled(self, unit: Unit, outcome: Outcome) -> None:
        if self.client.workers and not self.ticks:
            self.client.workers.clear()

    def tick(self, running: int, slots: int) -> None:
        self.ticks += not self.client.workers
        if self.back and self.ticks == 5:
            self.client.workers["w:9"] = 1


def test_workers_that_join_later_are_given_the_rest(tmp_path: Path, ledger: Ledger) -> None:
    client = Client(passes)
    Engine(client, ledger, Conditions(3), Without([], client, back=True)).run(units(tmp_path, 9))
    assert len(ledger.finished()) == 9


def test_a_local_cluster_whose_workers_are_gone_ends_the_run(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SECONDS_WITHOUT_WORKERS", 0.0)
    client = Client(passes)
    progress = Without([], client, back=False)
    with pytest.raises(ClusterLost, match="worker processes are gone"):
        Engine(client, ledger, Conditions(3), progress, local=True).run(units(tmp_path, 9))
    assert 1 <= len(ledger.finished()) < 9
