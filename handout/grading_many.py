"""Grades many folders in one fresh process, which imports torch once: the workhorse of `verify`.

It reads jobs as JSON lines ``{"folder": …, "asked": […]}`` from its input and writes, for each, a
line with what every check came to.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from grading.audience import Audience
from grading.examiner import grade
from grading.launcher import Launcher, Worker, best_launcher
from grading.options import Options


class Shared:
    """A launcher that outlives the runs that use it.

    Args:
        launcher: the one that is shared.
    """

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self.scratch = launcher.scratch
        self.isolation = launcher.isolation

    def launch(self) -> Worker:
        """Start one worker."""
        return self.launcher.launch()

    def close(self) -> None:
        """Left to the end of the process."""


def grade_one(job: dict[str, Any], launcher: Launcher) -> dict[str, Any]:
    """Grade one folder; returns each check's outcome."""
    options = Options(Path(job["folder"]), tuple(job["asked"]), seed=0, jobs=1)
    report = grade(options, Audience(), launch=lambda *_: launcher)
    return {
        check.id: {
            "status": check.status.value,
            "earned": check.earned,
            "mistake": check.feedback.mistake,
            "got": check.feedback.got,
        }
        for check in report.checks
    }


def main() -> None:
    """Grade what the input names, one job after the other."""
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        launcher = best_launcher(Path(folder), 1)
        try:
            for line in sys.stdin:
                outcome = grade_one(json.loads(line), Shared(launcher))
                sys.stdout.write(json.dumps(outcome) + "\n")
                sys.stdout.flush()
        finally:
            launcher.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # the command that asked for the grading tells of it
        main()
