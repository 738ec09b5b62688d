"""A client of a cluster that answers as a test tells it to, without processes or clocks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any


class Future:
    """One task's answer, now or later."""

    def __init__(self, client: Client, order: dict[str, Any], key: str) -> None:
        self.client = client
        self.order = order
        self.key = key
        self.status = "pending"
        self.answer: Any = None
        self.callbacks: list[Callable[[Future], None]] = []

    def add_done_callback(self, callback: Callable[[Future], None]) -> None:
        self.callbacks.append(callback)
        if self.status != "pending":
            callback(self)

    def end(self, status: str, answer: Any = None) -> None:
        """What a worker, or the loss of it, brings about."""
        self.status, self.answer = status, answer
        for callback in self.callbacks:
            callback(self)

    def result(self, timeout: float | None = None) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def exception(self, timeout: float | None = None) -> Any:
        return self.answer

    def cancel(self) -> None:
        self.client.cancelled.append(self.key)

    def release(self) -> None:
        pass


Behaviour = Callable[["Future", int], None]


class Client:
    """Looks to the engine as one of Dask's does.

    Args:
        behave: is given each future and its number as soon as it is submitted.
        workers: slots by address.
    """

    def __init__(self, behave: Behaviour, workers: Mapping[str, int] | None = None) -> None:
        self.behave = behave
        self.workers = {"w:1": 1} if workers is None else dict(workers)
        self.status = "running"
        self.submitted: list[Future] = []
        self.sent_to: list[list[str] | None] = []
        self.cancelled: list[str] = []
        self.under_way = 0
        self.most_under_way = 0

    def scheduler_info(self, n_workers: int = 5) -> dict[str, Any]:
        return {"workers": {name: {"nthreads": slots} for name, slots in self.workers.items()}}

    def submit(
        self, _function: Any, order: str, packed: bytes, *, key: str, pure: bool, workers: Any
    ) -> Future:
        future = Future(self, {**json.loads(order), "packed": packed}, key)
        self.submitted.append(future)
        self.sent_to.append(workers)
        open_ones = [one for one in self.submitted if one.status == "pending"]
        self.most_under_way = max(self.most_under_way, len(open_ones))
        self.behave(future, len(self.submitted))
        return future


def report(future: Future, status: str = "passed", worker: str = "w:1") -> str:
    """A worker's answer: one check of the question, with this status."""
    (asked,) = future.order["asked"]
    check = {"id": f"{asked}.one", "status": status, "feedback": {"got": ""}}
    question = {"id": asked, "title": asked, "points": 1, "earned": 1, "checks": [check]}
    told = {"questions": [question], "run": {"isolation": "kernel", "seed": future.order["seed"]}}
    return json.dumps({"report": told, "worker": worker, "address": worker})
