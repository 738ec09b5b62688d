"""Opens a cluster for the units that are missing, and lets the engine work through them."""

from __future__ import annotations

import time
from contextlib import suppress

from distributed import Client

from classroom import supplies, task
from classroom.cluster import open_cluster
from classroom.command import Request
from classroom.conditions import Conditions
from classroom.engine import Engine
from classroom.ledger import Ledger
from classroom.progress import Progress
from classroom.trouble import ClusterLost
from classroom.units import Unit

TRIES, SECONDS_BETWEEN_TRIES = 5, 1.0


def grade_units(request: Request, ledger: Ledger, units: list[Unit], done: int) -> None:
    """Grade units into the ledger.

    Args:
        request: what the command asks for.
        ledger: open.
        units: what is missing.
        done: how many are not.
    """
    with open_cluster(request.scheduler, request.workers) as client:
        brought = ""
        if request.scheduler is not None:
            brought = _bring(client, supplies.collect(_datasets(units)))
        conditions = Conditions(
            ledger.seed, request.patience, request.isolation, request.required, brought
        )
        with Progress(units, done) as progress:
            try:
                local = request.scheduler is None
                Engine(client, ledger, conditions, progress, local).run(units)
            finally:
                with suppress(Exception):  # workers that are gone have no examiners any more
                    client.run(task.dismiss)


def _bring(client: Client, bundle: supplies.Supplies) -> str:
    """Give the data to all workers, those that come later included; returns its digest.

    Raises:
        ClusterLost: if the scheduler does not take it.
    """
    for _ in range(TRIES):
        with suppress(OSError, TimeoutError):  # a worker may have gone amid it
            client.register_plugin(bundle)
            return bundle.digest
        time.sleep(SECONDS_BETWEEN_TRIES)
    raise ClusterLost("the cluster does not take the data")


def _datasets(units: list[Unit]) -> set[str]:
    return {edition.split()[0] for unit in units for edition in unit.task.editions}
