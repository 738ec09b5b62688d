"""An examiner that grades one submission after another, as asked over its standard input.

It is the product's own examiner with the warm workers of ``--watch``, so that torch is imported
once for many cheats. Data sets are the tests' synthetic ones: no run needs the network.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import data
from grading.audience import Audience
from grading.examiner import grade
from grading.interview import IMPORT_LIMIT
from grading.isolation.ladder import Level
from grading.lending import WarmWorkers
from grading.machine import conceal
from grading.options import Options
from grading.results import Report, Status
from tests.grading.synthetic_digits import synthetic_digits
from tests.grading.synthetic_pairs import synthetic_pairs


def main() -> None:
    """Serve requests until the input ends."""
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        sets = {"digits": synthetic_digits(), "es_en": synthetic_pairs()}
        data.load = sets.__getitem__  # type: ignore[assignment]
        conceal()
        workers = WarmWorkers(1, Level[sys.argv[1].upper()])
        try:
            for line in sys.stdin:
                reply = _serve(json.loads(line), workers)
                answers.write(json.dumps(reply) + "\n")
                answers.flush()
        finally:
            workers.close()


def _serve(request: dict[str, Any], workers: WarmWorkers) -> dict[str, Any]:
    from grading.claims import REGISTRY

    options = Options(
        Path(request["submission"]),
        tuple(request["checks"]),
        results=Path(request["results"]),
        patience=request["patience"],
        jobs=2,
    )
    try:
        report = grade(options, Audience(), launch=workers.lend)
    except Exception as error:
        return {"trouble": f"the examiner raised {type(error).__name__}: {str(error)[:200]}"}
    limits = [IMPORT_LIMIT + REGISTRY[check.id].limit for check in report.checks]
    server = getattr(workers.launcher, "server", None)
    return {
        **_told(report),
        "limit": request["patience"] * sum(limits),
        "server": server.pid if server else 0,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _told(report: Report) -> dict[str, Any]:
    faults = [check for check in report.checks if check.status is Status.GRADER_FAULT]
    return {
        "earned": report.earned,
        "points": report.points,
        "level": report.isolation,
        "statuses": {check.id: check.status.value for check in report.checks},
        "got": {check.id: check.feedback.got[:300] for check in report.checks},
        "output": "\n".join(check.output for check in report.checks),
        "trouble": f"grader fault: {faults[0].feedback.got[:200]}" if faults else "",
    }


if __name__ == "__main__":
    main()
