"""Has units graded by the workers of a cluster, and writes each result into the ledger once.

At most two tasks a worker are under way, so the coordinator holds as much for ten submissions as
for a thousand. A task whose worker dies, hangs or leaves is given to another; whichever answer
comes first counts, and the ledger takes no second.
"""

from __future__ import annotations

import json
import queue
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from distributed import Client, Future

from classroom import task
from classroom.cluster import slots
from classroom.conditions import Conditions
from classroom.ledger import Ledger, Outcome
from classroom.packing import pack
from classroom.progress import Progress
from classroom.trouble import Changed, ClusterLost
from classroom.units import Unit, content_of
from grading.archive import RefusedSubmission
from grading.options import UsageError

TASKS_A_SLOT = 2  # one that runs and one that waits beside it
MOST_TRIES = 3  # of a unit whose examiners fail
MOST_LOSSES = 20  # of a unit whose workers vanish
MOST_BROKEN = 6  # answers of a cluster that lacks our code
SECONDS_BETWEEN_LOOKS, SECONDS_TO_LISTEN = 1.0, 0.2
SECONDS_FOR_OVERHEAD = 300.0  # of a task, beside its checks' own limits
SECONDS_WITHOUT_SCHEDULER = SECONDS_WITHOUT_WORKERS = 60.0


@dataclass
class Flight:
    """A unit that is under way.

    Attributes:
        unit: which.
        futures: one, or two where the first has been under way for too long.
        since: when the latest of them was sent.
        tries: how often examiners have failed it.
        losses: how often workers have vanished with it.
        packed: the submission.
    """

    unit: Unit
    packed: bytes
    futures: list[Future[Any]] = field(default_factory=list)
    since: float = 0.0
    tries: int = 0
    losses: int = 0


class Engine:
    """One run over the units that are missing.

    Args:
        client: of the cluster.
        ledger: where the outcomes go.
        conditions: that every unit shares.
        progress: is told of everything.
        local: whether the cluster is this process's own.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        conditions: Conditions,
        progress: Progress,
        local: bool = False,
    ) -> None:
        self.client = client
        self.ledger = ledger
        self.conditions = conditions
        self.progress = progress
        self.local = local
        self.pending: deque[Unit] = deque()
        self.flights: dict[str, Flight] = {}
        self.news: queue.SimpleQueue[tuple[str, Future[Any]]] = queue.SimpleQueue()
        self.slots: dict[str, int] = {}
        self.unfit: dict[str, str] = {}
        self.looked = 0.0
        self.alone_since: float | None = None
        self.number = self.broken = 0
        self.works = False
        self.latest: tuple[Any, bytes] = (None, b"")

    def run(self, units: Iterable[Unit]) -> None:
        """Work until every unit has an outcome.

        Raises:
            ClusterLost: if the scheduler is gone for good.
            UsageError: if no worker can grade as it is asked to, or the ledger cannot be written.
        """
        self.pending.extend(units)
        try:
            while self.pending or self.flights:
                self._look_around()
                self._send()
                self._hear()
                self.progress.tick(len(self.flights), sum(self.slots.values()))
        finally:
            for flight in self.flights.values():
                self._drop(flight)

    def _look_around(self) -> None:
        """See who is there, and give what has been under way for too long to somebody else too."""
        now = time.monotonic()
        if now < self.looked + SECONDS_BETWEEN_LOOKS:
            return
        self.looked = now
        if self.client.status != "running":
            self._wait_for_scheduler(now)
            return
        with suppress(OSError, TimeoutError):
            self.slots = slots(self.client)
        self._wait_for_workers(now)
        self._refuse_if_all_are_unfit()
        for flight in self.flights.values():
            if now > flight.since + self._patience_with(flight.unit) and len(flight.futures) == 1:
                self._submit(flight)

    def _wait_for_workers(self, now: float) -> None:
        """Others may join a cluster that is not ours; a local one starts its own anew, or fails."""
        self.alone_since = (self.alone_since or now) if not self.slots else None
        if self.alone_since and self.local and now > self.alone_since + SECONDS_WITHOUT_WORKERS:
            raise ClusterLost("the worker processes are gone")

    def _wait_for_scheduler(self, now: float) -> None:
        self.slots = {}
        self.alone_since = self.alone_since or now
        gone = self.client.status in ("closed", "closing")
        if gone or now > self.alone_since + SECONDS_WITHOUT_SCHEDULER:
            raise ClusterLost("the scheduler is gone")

    def _refuse_if_all_are_unfit(self) -> None:
        here = {address: why for address, why in self.unfit.items() if address in self.slots}
        if here and len(here) == len(self.slots):
            raise UsageError(f"no worker can grade: {next(iter(here.values()))}")

    def _patience_with(self, unit: Unit) -> float:
        return TASKS_A_SLOT * self.conditions.patience * unit.task.seconds + SECONDS_FOR_OVERHEAD

    def _send(self) -> None:
        """Keep every worker busy, and one task waiting beside each that runs."""
        room = TASKS_A_SLOT * sum(self.slots[address] for address in self._fit)
        while self.pending and len(self.flights) < room and self.client.status == "running":
            unit = self.pending.popleft()
            try:
                flight = Flight(unit, self._packed(unit))
            except Changed as change:
                self._keep(unit, Outcome({}, {}, str(change), final=False))
            except RefusedSubmission as refusal:
                self._keep(unit, Outcome({}, {}, str(refusal)))
            except UsageError:
                raise  # there is no room
            except Exception as error:  # our fault: it must not cost the others their marks
                self._keep(unit, Outcome({}, {}, repr(error)[:300], final=False))
            else:
                self.flights[unit.address] = flight
                self._submit(flight)

    def _packed(self, unit: Unit) -> bytes:
        """The submission's bytes, read once for all of its questions in a row.

        Raises:
            Changed: if they are not those any more that its address speaks of.
            RefusedSubmission: if nobody can open it.
        """
        if self.latest[0] != unit.path:
            self.latest = None, b""
            if not unit.path.exists():
                raise Changed("it was removed while the class was graded")
            packed = pack(unit.path)
            if content_of(unit.path) != unit.content:
                raise Changed("it was changed while the class was graded")
            self.latest = unit.path, packed
        return self.latest[1]

    @property
    def _fit(self) -> list[str]:
        """The workers that may be given something."""
        return [address for address in self.slots if address not in self.unfit]

    def _submit(self, flight: Flight) -> None:
        self.number += 1
        future = self.client.submit(
            task.grade,
            self.conditions.order(flight.unit),
            flight.packed,
            key=f"{flight.unit.task.question}-{flight.unit.address}-{self.number}",
            pure=False,
            workers=self._fit if self.unfit else None,
        )
        flight.futures.append(future)
        flight.since = time.monotonic()
        future.add_done_callback(self._reporter(flight.unit.address))

    def _reporter(self, address: str) -> Callable[[Future[Any]], None]:
        return lambda future: self.news.put((address, future))

    def _hear(self) -> None:
        """Take in what has come; wait a moment if nothing has."""
        with suppress(queue.Empty):
            self._take_in(*self.news.get(timeout=SECONDS_TO_LISTEN))
            for _ in range(self.news.qsize()):
                self._take_in(*self.news.get_nowait())

    def _take_in(self, address: str, future: Future[Any]) -> None:
        flight = self.flights.get(address)
        if flight is None or future not in flight.futures:
            return  # another answer came first
        reply = self._reply(future)
        self._judge_cluster(reply)
        if "report" in reply:
            self._settle(flight, self._outcome(reply))
        elif "unfit" in reply:
            self.unfit[reply["address"]] = reply["unfit"]
            self._again(flight, future)
        elif "lost" in reply and flight.losses < MOST_LOSSES:
            flight.losses += 1
            self._again(flight, future)
        else:
            why = reply.get("fault", "its workers vanish again and again")
            self._settle(flight, Outcome({}, {}, why, final=False, worker=reply.get("worker", "")))

    def _judge_cluster(self, reply: dict[str, Any]) -> None:
        """Where our code cannot even be called, and never could, nothing will come of it."""
        self.works = self.works or "report" in reply
        self.broken += "broken" in reply
        if self.broken >= MOST_BROKEN and not self.works:
            raise UsageError(
                f"the cluster cannot run our code: {reply.get('broken', '')}; start its scheduler "
                "and workers in a checkout of the same commit, see classroom/README.md"
            )

    def _reply(self, future: Future[Any]) -> dict[str, Any]:
        """What a worker said; ``lost`` if nothing came, ``broken`` if our code failed there."""
        if future.status == "error":
            with suppress(Exception):  # the scheduler may be gone
                error = future.exception(timeout=60)
                if error is not None and type(error).__name__ != "KilledWorker":
                    why = f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
                    return {"broken": why, "fault": why}
        if future.status == "finished":
            with suppress(Exception):  # its worker may be gone by now, or has sent no text
                reply = json.loads(future.result(timeout=60))
                if isinstance(reply, dict):
                    return reply
        return {"lost": future.status}

    def _again(self, flight: Flight, future: Future[Any]) -> None:
        flight.futures.remove(future)
        future.release()
        if not flight.futures:
            if self.client.status == "running" and self._fit:
                self._submit(flight)
            else:  # it goes back to the head of the queue until somebody is there
                del self.flights[flight.unit.address]
                self.pending.appendleft(flight.unit)

    def _settle(self, flight: Flight, outcome: Outcome) -> None:
        """Keep an outcome, unless the examiner failed and may be tried again."""
        flight.tries += 1
        if not outcome.final and flight.tries < MOST_TRIES:
            self._drop(flight)
            self._submit(flight)
            return
        self._drop(flight)
        del self.flights[flight.unit.address]
        self._keep(flight.unit, outcome)

    def _drop(self, flight: Flight) -> None:
        for future in flight.futures:
            with suppress(Exception):  # the scheduler may be gone
                if future.status == "pending":
                    future.cancel()
                future.release()
        flight.futures.clear()

    def _keep(self, unit: Unit, outcome: Outcome) -> None:
        self.ledger.write(unit.address, unit.task.question, outcome)
        self.progress.settled(unit, outcome)

    def _outcome(self, reply: dict[str, Any]) -> Outcome:
        """What an examiner found; where a check is its own fault, that is not final."""
        (question,) = reply["report"]["questions"]
        faults = [one for one in question["checks"] if one["status"] == "grader fault"]
        run = {**reply["report"]["run"], "patience": self.conditions.patience}
        return Outcome(question, run, "", not faults, reply.get("worker", ""))
