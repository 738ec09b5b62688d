"""Where the work is done: a cluster of Dask's on this machine alone, or one that runs elsewhere.

Whoever can talk to a scheduler can run code on its workers. The local one therefore listens on the
loopback device only, and only to holders of a certificate that never leaves memory.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import dask
from distributed import Client, LocalCluster
from distributed.security import Security

from classroom.trouble import ClusterLost
from grading.machine import cpu_quota
from grading.options import UsageError
from grading.temporary import TemporaryFolder

SECONDS_TO_CONNECT = "30s"
TRIES = 3
# Text and numbers only. A worker that sends a pickle all the same is not understood.
PLAIN = ["msgpack"]
LOCAL = {
    "distributed.scheduler.worker-ttl": "60s",  # one that hangs is given up, and its task moves on
    "distributed.comm.timeouts.connect": SECONDS_TO_CONNECT,
    "distributed.worker.memory.target": False,  # results are small, and never go to disk
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,  # the examiner limits what grows: students' code
    # Dask watches itself more closely than is worth a tenth of the cores here.
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "5s",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "60s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.low-level-log-length": 0,
    "distributed.scheduler.http.routes": [],  # nobody is to be served pages
    "distributed.worker.http.routes": [],
}


@contextmanager
def open_cluster(scheduler: str | None, workers: int | None) -> Iterator[Client]:
    """A client of the cluster; a local cluster ends with the context.

    Args:
        scheduler: the address of a running one; None starts one here.
        workers: of the local one; None takes as many as the CPU quota allows.

    Raises:
        UsageError: if no scheduler answers.
        ClusterLost: if no workers stay.
    """
    for name in ("distributed", "tornado.application", "bokeh"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if scheduler is not None:
        with dask.config.set(LOCAL), _client(scheduler) as client:
            yield client
        return
    with (
        TemporaryFolder() as folder,
        dask.config.set({**LOCAL, "temporary-directory": str(folder)}),
        _local(workers or cpu_quota()) as cluster,
        _client(cluster) as client,
    ):
        yield client


def _local(workers: int) -> LocalCluster:
    """Start a cluster of worker processes here, and once more where one of them ends amid it.

    Raises:
        ClusterLost: if they end again and again.
    """
    for _ in range(TRIES):
        with suppress(RuntimeError):
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                security=Security.temporary(),
                silence_logs=logging.CRITICAL,
                memory_limit=0,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # else on every device
            )
    raise ClusterLost("the worker processes end as soon as they begin")


@contextmanager
def _client(address: str | LocalCluster) -> Iterator[Client]:
    try:
        client = Client(address, serializers=PLAIN, deserializers=PLAIN, set_as_default=False)
    except (OSError, TypeError, ValueError) as error:  # TypeError: tls:// without its files
        raise UsageError(
            f"--scheduler {address} does not answer: {' '.join(str(error).split())}"
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # whatever it says, it is over
            client.close(timeout=5)


def slots(client: Client) -> dict[str, int]:
    """How many tasks each worker runs side by side, by its address."""
    told = client.scheduler_info(n_workers=-1)["workers"]
    return {address: about["nthreads"] for address, about in told.items()}
