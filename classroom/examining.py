"""An examiner that stays: one process that has imported torch, fed with orders line by line.

It never leaves the machine it was started on and runs no student code itself: like every
examiner, it lets workers do that. Orders and replies are JSON, one a line; while it grades it says
``{"alive": …}`` again and again, and whoever started it ends it when it falls silent.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import sys
import threading
import time
from contextlib import suppress
from typing import IO, Any

from grading.audience import Audience
from grading.isolation import ladder
from grading.lending import WarmWorkers
from grading.options import Options, UsageError
from grading.results import CheckResult, Report
from grading.temporary import TemporaryFolder

SECONDS_BETWEEN_SIGNS = 1.0
RUN = ("isolation", "device", "seed", "versions", "warnings", "seconds")


class Signs(Audience):
    """Tells that the examiner is alive.

    Args:
        say: sends one reply.
    """

    def __init__(self, say: Any) -> None:
        self.say = say
        self.last = 0.0

    def waited(self) -> None:
        """Said now and then while checks run."""
        if time.monotonic() > self.last + SECONDS_BETWEEN_SIGNS:
            self.last = time.monotonic()
            self.say({"alive": ""})

    def finished(self, result: CheckResult, report: Report) -> None:
        """Said after each check."""
        self.say({"alive": result.id})


class Examiner:
    """Grades what it is given, with workers that stay warm from one order to the next.

    Args:
        replies: where the answers go.
    """

    def __init__(self, replies: IO[bytes]) -> None:
        self.replies = replies
        self.workers: dict[tuple[str | None, str | None], WarmWorkers] = {}
        self.folder = TemporaryFolder()

    def say(self, reply: dict[str, Any]) -> None:
        """Send one reply."""
        self.replies.write(json.dumps(reply).encode() + b"\n")
        self.replies.flush()

    def serve(self, order: dict[str, Any]) -> dict[str, Any]:
        """Grade one submission; whatever happens becomes a reply."""
        try:
            return {"report": self.grade(order)}
        except UsageError as error:
            return {"unfit": str(error)}
        except Exception as error:
            return {"fault": f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]}

    def grade(self, order: dict[str, Any]) -> dict[str, Any]:
        """Grade one submission.

        Args:
            order: ``packed`` (a zip in base64), ``asked``, ``seed``, ``patience``, ``isolation``
                and ``required``.

        Returns:
            The report's questions, and what it says of the run.
        """
        from grading.examiner import grade

        archive = self.folder.path / "submission.zip"
        archive.write_bytes(base64.b64decode(order["packed"]))
        options = Options(
            archive,
            tuple(order["asked"]),
            seed=order["seed"],
            jobs=1,
            patience=order["patience"],
            isolation=order["isolation"],
            required=order["required"],
        )
        lend = self._workers(options).lend
        report = grade(options, Signs(self.say), launch=lend)
        whole = report.to_json()
        return {"questions": whole["questions"], "run": {name: whole[name] for name in RUN}}

    def _workers(self, options: Options) -> WarmWorkers:
        wanted = options.isolation, options.required
        if wanted not in self.workers:
            self.workers[wanted] = WarmWorkers(1, ladder.choose(*wanted))
        return self.workers[wanted]

    def close(self) -> None:
        """End the workers and remove what they have left."""
        for workers in self.workers.values():
            workers.close()
        self.folder.remove()


def main() -> None:
    """Serve orders until whoever gives them is gone, and then leave at once."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints is ever taken for a reply
    examiner = Examiner(replies)
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders, examiner), daemon=True).start()
    _warm_up()
    with suppress(BrokenPipeError):  # nobody is there any more; `_listen` knows it too
        examiner.say({"alive": ""})
        while True:
            examiner.say(examiner.serve(json.loads(orders.get())))
    threading.Event().wait()


def _listen(orders: queue.SimpleQueue[bytes], examiner: Examiner) -> None:
    """Pass orders on; where no more can come, nobody waits for the one in hand either."""
    for line in sys.stdin.buffer:
        orders.put(line)
    examiner.close()
    os._exit(0)


def _warm_up() -> None:
    """Import what every order needs."""
    from grading.questions import questions

    questions()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
