"""kill -9 at random moments: the results file stays valid, nothing is left, a re-run is whole."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.grading.nursery import Nursery
from tests.mutants import copy_solution

CHECKS = "q6.layers,q6.shapes,q6.values,q6.causal"
SECONDS_TO_DIE = 60.0  # one or two where the machine is not busy
FEW, MANY = 4, int(os.environ.get("KILLS", "20"))  # KILLS=100 takes ten minutes or more


class Scene:
    """One submission that is graded again and again, with a temporary folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.nursery = Nursery()
        self.submission = copy_solution(folder / "s")
        self.results = folder / "results.json"
        self.screen = folder / "screen.txt"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.pid = 0
        self.start()
        begun = time.monotonic()
        assert self.nursery.wait() == 0, self.screen.read_text()
        self.seconds = time.monotonic() - begun
        self.marks = marks_of(self.read() or {})

    def start(self) -> None:
        """Start a run whose results file is not there yet."""
        self.results.unlink(missing_ok=True)
        words = ["-q", CHECKS, "--seed", "1", "--jobs", "2", "--json", str(self.results)]
        words += ["--submission", str(self.submission)]
        self.pid = self.nursery.start(words, self.temporary, self.screen)

    def read(self) -> dict[str, Any] | None:
        """The results, if there are any; what is there is always valid."""
        with suppress(FileNotFoundError):
            return dict(json.loads(self.results.read_text(encoding="utf-8")))
        return None

    def read_for(self, seconds: float) -> None:
        """Read the results file over and over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read()
            time.sleep(0.005)

    def read_until_checks_begin(self) -> None:
        """Read the results file until there is one, or the run is over."""
        while self.read() is None and psutil.pid_exists(self.pid):
            time.sleep(0.005)

    def workers(self) -> list[psutil.Process]:
        """The processes that belong to a run: server, forks and what they started."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.environ().get("TMPDIR", "").startswith(str(self.temporary)):
                    found.append(process)
        return sorted(found, key=lambda process: process.pid)

    def seconds_until_alone(self) -> float:
        """How long it takes until no process of a run is left."""
        begun = time.monotonic()
        while alive := [it for it in self.workers() if it.is_running()]:
            assert time.monotonic() < begun + SECONDS_TO_DIE, alive
            time.sleep(0.05)
        return time.monotonic() - begun

    def assert_a_run_is_whole(self) -> None:
        """Grade once more, undisturbed: the same marks, and nothing left of any run."""
        self.start()
        assert self.nursery.wait() == 0, self.screen.read_text()
        assert marks_of(self.read() or {}) == self.marks
        assert os.listdir(self.temporary) == []
        assert self.workers() == []


def marks_of(results: dict[str, Any]) -> dict[str, str]:
    return {
        check["id"]: check["status"] for asked in results["questions"] for check in asked["checks"]
    }


def say(text: str) -> None:
    """For whoever runs this with -s."""
    sys.stdout.write(text + "\n")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    scene = Scene(tmp_path_factory.mktemp("kills"))
    yield scene
    scene.nursery.close()


def kill_examiners(scene: Scene, times: int) -> None:
    moments = random.Random(times)
    slowest, unfinished = 0.0, 0
    for _ in range(times):
        before = set(scene.temporary.iterdir())
        scene.start()
        scene.read_for(moments.uniform(0.0, 0.95) * scene.seconds)
        with suppress(ProcessLookupError):
            os.kill(scene.pid, signal.SIGKILL)
        killed = scene.nursery.wait() == -signal.SIGKILL
        new = set(scene.temporary.iterdir()) - before
        begun = any(list(folder.rglob("q6.*")) for folder in new)
        slowest = max(slowest, scene.seconds_until_alone())
        results = scene.read()
        assert results is not None or not begun, "a check had begun before the results file"
        unfinished += killed and results is not None and not results["complete"]
        left = os.listdir(scene.temporary)  # its own folder, and one to try the isolation in
        assert len(left) <= 2, f"the next run sweeps what the last one left: {left}"
    scene.assert_a_run_is_whole()
    say(f"{times} examiners killed, {unfinished} amid checks; alone after {slowest:.1f} s at most")


def kill_workers(scene: Scene, times: int) -> None:
    moments = random.Random(-times)
    unharmed = 0
    for number in range(times):
        scene.start()
        if number % 2:  # most of a short run is its server's start: every other time amid checks
            scene.read_until_checks_begin()
            scene.read_for(moments.uniform(0.0, 0.2) * scene.seconds)
        else:
            scene.read_for(moments.uniform(0.0, 0.9) * scene.seconds)
        while not (found := scene.workers()) and psutil.pid_exists(scene.pid):
            time.sleep(0.005)
        for process in found and [moments.choice(found)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        assert scene.nursery.wait() in (0, 1, 3), scene.screen.read_text()
        results = scene.read()
        assert results is not None, scene.screen.read_text()
        assert results["complete"]
        assert set(marks_of(results).values()) <= {"passed", "crashed", "skipped", "grader fault"}
        unharmed += marks_of(results) == scene.marks
        assert os.listdir(scene.temporary) == []
        assert scene.workers() == []
    scene.assert_a_run_is_whole()
    say(f"{times} workers killed, {unharmed} runs earned all their marks nevertheless")


def test_an_examiner_that_is_killed_leaves_valid_results_and_nothing_alive(scene: Scene) -> None:
    kill_examiners(scene, FEW)


def test_a_worker_that_is_killed_costs_at_most_its_own_check(scene: Scene) -> None:
    kill_workers(scene, FEW)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_many_examiners_are_killed(scene: Scene) -> None:
    kill_examiners(scene, MANY)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_many_workers_are_killed(scene: Scene) -> None:
    kill_workers(scene, MANY)
