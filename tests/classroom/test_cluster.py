"""The local cluster is closed to everybody else, and its client understands no pickle."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client

from classroom import task
from classroom.cluster import open_cluster, slots
from grading.options import UsageError

pytestmark = pytest.mark.filterwarnings("default")  # Dask's own are not ours to mend


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with open_cluster(None, 1) as opened:
        yield opened


def family() -> list[psutil.Process]:
    me = psutil.Process()
    return [me, *me.children(recursive=True)]


def test_it_listens_on_the_loopback_device_alone(client: Client) -> None:
    heard = set()
    for process in family():
        with suppress(psutil.Error):
            heard |= {c.laddr.ip for c in process.net_connections("inet") if c.status == "LISTEN"}
    assert heard == {"127.0.0.1"}


def test_nobody_without_its_certificate_can_connect(client: Client) -> None:
    address = str(client.scheduler.address)
    assert address.startswith("tls://127.0.0.1:")
    with pytest.raises(UsageError, match="does not answer"), open_cluster(address, None):
        pass
    with (
        pytest.raises(UsageError, match="does not answer"),
        open_cluster(address.replace("tls", "tcp"), None),
    ):
        pass


def test_text_comes_back_and_a_pickle_does_not(client: Client) -> None:
    assert client.submit(str.upper, "text", pure=False).result(timeout=20) == "TEXT"
    with pytest.raises(TypeError, match="only able to deserialize data with"):
        client.submit(complex, 1, 2, pure=False).result(timeout=20)


def test_a_worker_with_other_sources_says_so_and_who_it_is(client: Client) -> None:
    order = json.dumps({"grader": "other", "supplies": ""})
    told = json.loads(client.submit(task.grade, order, b"", pure=False).result(timeout=20))
    assert "other sources" in told["unfit"]
    assert told["address"] in slots(client)
    assert told["worker"].partition(":")[2] != str(os.getpid())


def test_one_worker_runs_one_task(client: Client) -> None:
    assert list(slots(client).values()) == [1]


def test_a_worker_imports_no_torch(client: Client) -> None:
    def loaded(module: str) -> str:
        import sys

        return str(module in sys.modules)

    (told,) = client.run(loaded, "torch").values()
    assert told == "False"


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "carrier://pigeon:9"])
def test_a_scheduler_that_is_not_there_is_a_usage_error(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from classroom import cluster

    hasty: dict[str, Any] = {**cluster.LOCAL, "distributed.comm.timeouts.connect": "1s"}
    monkeypatch.setattr(cluster, "LOCAL", hasty)
    with pytest.raises(UsageError, match=address), open_cluster(address, None):
        pass


def test_its_files_go_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_cluster(None, 1) as opened:
        assert slots(opened)
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []
