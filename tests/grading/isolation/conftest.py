"""A worker of each level that this machine offers, and what a submission could do in it."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grading.audience import Audience
from grading.examiner import grade
from grading.forking import ForkLauncher
from grading.isolation import ladder
from grading.isolation.ladder import Level
from grading.machine import conceal
from grading.options import Options
from grading.results import CheckResult, Status
from grading.temporary import TemporaryFolder
from tests.mutants import copy_solution

ROOT = Path(__file__).resolve().parents[3]
SUBMISSION = Path(__file__).with_name("submission.py")
LEVELS = [pytest.param(level, id=str(level)) for level in ladder.available()]
UPPER = [pytest.param(level, id=str(level)) for level in ladder.available() if level]


@dataclass
class Confined:
    """Grades submissions in workers of one level.

    Attributes:
        level: of isolation.
        launcher: one warm server for all of them.
        folder: for submissions.
    """

    level: Level
    launcher: ForkLauncher
    folder: Path

    def run(self, code: str, check: str = "q6.layers", **options: Any) -> CheckResult:
        """Grade the solution with lines added that run at import."""
        folder = copy_solution(self.folder / secrets.token_hex(4))
        path = folder / "models" / "attention.py"
        path.write_text(path.read_text() + "\n" + code)
        asked = Options(folder, (check,), seed=0, **options)
        lent = Lent(self.launcher, self.launcher.scratch, self.level)
        (result,) = grade(asked, Audience(), launch=lambda *_: lent).checks
        return result


@dataclass
class Lent:
    launcher: ForkLauncher
    scratch: Path
    isolation: Level

    def launch(self) -> Any:
        return self.launcher.launch()

    def close(self) -> None:
        """Left to the session's end."""


@pytest.fixture(scope="session", params=LEVELS)
def confined(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Confined]:
    level = request.param
    folder = TemporaryFolder()  # short, and locked, as a run's: the runs of other tests sweep
    scratch = folder.path
    launcher = ForkLauncher(scratch, 1, level)
    conceal()
    worker = launcher.launch()  # the server is ready, and no process of its own is still to come
    worker.end()
    worker.ended.wait(10.0)
    worker.close()
    yield Confined(level, launcher, tmp_path_factory.mktemp(f"submissions-{level}"))
    launcher.close()
    folder.remove()


@pytest.fixture(scope="session")
def told(confined: Confined, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What one worker could do: for each attempt "done", or why not."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "results.json").write_text("{}")
    (outside / "secret").write_text("x")
    abstract = f"test-{secrets.token_hex(8)}"
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        unix.bind("\0" + abstract)
        unix.listen()
        values = {
            "root": str(ROOT),
            "outside": str(outside),
            "examiner": os.getpid(),
            "abstract": abstract,
            "port": tcp.getsockname()[1],
            "upper": confined.level > Level.PROCESS,
        }
        code = f"VALUES = {values!r}\n" + SUBMISSION.read_text()
        result = confined.run(code)
    assert result.status is Status.PASSED, result.output
    line = next(line for line in result.output.splitlines() if line.startswith("TOLD "))
    return dict(json.loads(line.removeprefix("TOLD ")))
