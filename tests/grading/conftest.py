"""One warm worker server for all grading tests: importing torch once instead of per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grading.audience import Audience
from grading.examiner import grade
from grading.forking import ForkLauncher
from grading.launcher import Launcher, Worker
from grading.options import Options
from grading.results import Report


class Shared:
    """A launcher that outlives the runs that use it."""

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher

    def launch(self) -> Worker:
        return self.launcher.launch()

    def close(self) -> None:
        """Left to the session's end."""


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    warm = ForkLauncher(tmp_path_factory.mktemp("launcher"), threads=1)
    yield Shared(warm)
    warm.close()


Examine = Callable[..., Report]


@pytest.fixture
def examine(launcher: Launcher) -> Examine:
    """Grade a folder or zip with the session's launcher."""

    def run(submission: Path, *asked: str, seed: int = 0, **options: object) -> Report:
        request = Options(submission, asked, seed=seed, **options)  # type: ignore[arg-type]
        return grade(request, Audience(), launch=lambda *_: launcher)

    return run
