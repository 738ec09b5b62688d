"""One warm worker server for all grading tests: importing torch once instead of per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import data
from data import Splits
from grading.audience import Audience
from grading.examiner import grade
from grading.forking import ForkLauncher
from grading.launcher import Launcher, Worker
from grading.options import Options
from grading.results import Report
from tests.grading.synthetic_digits import synthetic_digits
from tests.grading.synthetic_fashion import synthetic_fashion
from tests.grading.synthetic_pairs import synthetic_pairs


class Shared:
    """A launcher that outlives the runs that use it."""

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self.scratch = launcher.scratch
        self.isolation = launcher.isolation

    def launch(self) -> Worker:
        return self.launcher.launch()

    def close(self) -> None:
        """Left to the session's end."""


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    warm = ForkLauncher(tmp_path_factory.mktemp("launcher"), threads=1)
    yield Shared(warm)
    warm.close()


@cache
def synthetic() -> dict[str, Splits[Any]]:
    """Made-up editions, by the names of the real ones."""
    digits = synthetic_digits()
    images = {"digits": digits, "small_digits": digits, "fashion": synthetic_fashion()}
    return {**images, "es_en": synthetic_pairs()}


@pytest.fixture(autouse=True, scope="module")
def _no_images_are_fetched() -> Iterator[None]:
    """Checks that train on images or on sentences get synthetic ones: no test needs the network."""
    real = data.load

    def load(name: str) -> Splits[Any]:
        return synthetic().get(name) or real(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load", load)
        yield


Examine = Callable[..., Report]


@pytest.fixture
def examine(launcher: Launcher) -> Examine:
    """Grade a folder or zip with the session's launcher."""

    def run(submission: Path, *asked: str, seed: int = 0, **options: object) -> Report:
        request = Options(submission, asked, seed=seed, **options)  # type: ignore[arg-type]
        return grade(request, Audience(), launch=lambda *_: launcher)

    return run
