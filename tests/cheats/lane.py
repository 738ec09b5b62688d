"""One lane of the run: a process that lets cheats loose, one at a time, and sees what they did.

It is the subreaper of all that comes from it, so a process that outlives its grading ends up here
and is counted, whatever it did to hide.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from grading.scratch import remove
from tests.cheats import ROOT, Cheat
from tests.cheats.examiner import Examiner, Lost
from tests.cheats.listeners import Listeners
from tests.cheats.promises import ACCESSES, Outcome
from tests.mutants import copy_solution

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 0.1
SLACK = 12.0  # seconds beyond a run's own limits: to start, to try smaller cases, to clean up
SECONDS_TO_SETTLE = 10.0
LONGEST_RUN = 150.0
HONEST = ("q6.values", "q6.causal")
PRECIOUS = "nobody may change this\n"
SHARED = Path("/dev/shm")  # noqa: S108 - looked at, never written


def serve(tasks: Connection, folder: Path) -> None:
    """Carry out the tasks of a lane, (level, cheat), until there are no more."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    os.setpgid(0, 0)  # what a cheat signals by group is not the runner
    lane: Lane | None = None
    while (task := tasks.recv()) is not None:
        level, cheat = task
        if lane is None or lane.level != level:
            if lane is not None:
                lane.close()
            lane = Lane(folder / level, level)
        tasks.send(lane.run(cheat))
    if lane is not None:
        lane.close()
    tasks.send(None)


class Lane:
    """An examiner for cheats, one for an honest neighbour, and the folders that they use.

    Args:
        folder: an empty folder of this lane's own.
        level: of isolation.
    """

    def __init__(self, folder: Path, level: str) -> None:
        self.level = level
        self.folder = folder
        for name in ("tmp", "outside", "results", "submissions"):
            (folder / name).mkdir(parents=True)
        self.precious = folder / "outside" / "precious.txt"
        self.honest = copy_solution(folder / "honest")
        self.listeners = Listeners(f"{folder.parent.name}-{os.getpid()}", folder / "listener")
        self.number = self.started = 0
        self.neighbour: Examiner | None = None  # started for the first cheat that wants one
        self.examiner = self._examiner()

    def _examiner(self) -> Examiner:
        """An examiner that is warm, at the right level, and gives the solution its points."""
        self.started += 1
        scratch = self.folder / "tmp" / str(self.started)
        scratch.mkdir()
        examiner = Examiner(self.level, scratch)
        reply = examiner.grade(self.honest, HONEST, self.folder / "results" / "honest.json", 1.0)
        if reply["earned"] != reply["points"]:
            raise RuntimeError(f"the solution itself fails at level {self.level}: {reply}")
        if reply["level"] != self.level:
            raise RuntimeError(f"asked for level {self.level}, got {reply['level']}")
        return examiner

    def run(self, cheat: Cheat) -> Outcome:
        """Grade one cheat and look at what it has done."""
        outcome = Outcome(cheat.name, self.level)
        self._tidy(cheat)
        self.number += 1
        submission = self.folder / "submissions" / str(self.number)
        submission.mkdir()
        results = self.folder / "results" / f"{self.number}.json"
        submission = cheat.build(submission, self._place(results))
        before = self._files()
        self.listeners.heard.clear()
        begun = time.monotonic()
        with self._honest_neighbour(cheat, outcome):
            reply = self._grade(cheat, submission, results, outcome)
            outcome.seconds = round(time.monotonic() - begun, 1)
        if reply is not None:
            outcome.late = outcome.seconds > reply.get("limit", LONGEST_RUN) + SLACK
            self._take_in(reply, outcome)
        lost = not self.examiner.alive
        if self.examiner.changed or outcome.late:
            self.examiner.close()  # the next cheat finds a fresh one
        if self.neighbour and self.neighbour.changed:
            self.neighbour.close()
        outcome.strays = self._strays()
        outcome.files = [] if lost else sorted(self._files() - before)
        self._look_outside(outcome)
        outcome.reached += self.listeners.heard
        self._read_results(results, outcome)
        outcome.reached = sorted(set(outcome.reached) & ACCESSES.keys())
        return outcome

    def _grade(
        self, cheat: Cheat, submission: Path, results: Path, outcome: Outcome
    ) -> dict[str, Any] | None:
        try:
            return self.examiner.grade(submission, cheat.checks, results, PATIENCE, LONGEST_RUN)
        except TimeoutError:
            outcome.late = True
        except Lost:
            outcome.reached.append("signals")
            outcome.statuses = dict.fromkeys(cheat.checks, "examiner ended")
        return None

    def _take_in(self, reply: dict[str, Any], outcome: Outcome) -> None:
        outcome.earned = reply.get("earned", 0)
        outcome.trouble = reply.get("trouble", "")
        outcome.statuses = reply.get("statuses", {})
        outcome.reached += re.findall(r"^through: (\w+)", reply.get("output", ""), re.MULTILINE)

    @contextmanager
    def _honest_neighbour(self, cheat: Cheat, outcome: Outcome) -> Iterator[None]:
        """Grade the solution again and again while a cheat is at work; it keeps its marks."""
        neighbour = self.neighbour
        if not cheat.neighbour or neighbour is None:
            yield
            return
        over = threading.Event()

        def keep_grading() -> None:
            results = self.folder / "results" / "neighbour.json"
            done = False
            while not done:
                done = over.is_set()  # once more after the cheat has ended
                try:
                    reply = neighbour.grade(self.honest, HONEST, results, 1.0)
                except (Lost, TimeoutError):
                    outcome.cost = max(outcome.cost, len(HONEST))
                    outcome.reached.append("signals")
                    return
                outcome.cost = max(outcome.cost, reply.get("points", 2) - reply.get("earned", 0))

        thread = threading.Thread(target=keep_grading)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _strays(self) -> list[str]:
        """The processes below this one that are no part of a resting examiner; they are ended."""
        known = self.examiner.family | (self.neighbour.family if self.neighbour else set())
        deadline = time.monotonic() + SECONDS_TO_SETTLE
        while True:
            found = [each for each in _family() if each.pid not in known]
            if not found or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        described = [f"{_command(each)} ({each.pid})" for each in found]
        for each in found:
            with suppress(psutil.Error):
                each.kill()
        return described

    def _tidy(self, cheat: Cheat) -> None:
        """A fresh start: living examiners, the precious file as it was, nothing in the way."""
        if not self.examiner.alive:
            self.examiner = self._examiner()
        if cheat.neighbour and not (self.neighbour and self.neighbour.alive):
            self.neighbour = self._examiner()
        remove(self.precious.parent)
        self.precious.parent.mkdir()
        self.precious.write_text(PRECIOUS)
        self.precious.chmod(0o644)

    def _look_outside(self, outcome: Outcome) -> None:
        """See whether something has changed where a check has no business."""
        left = [*SHARED.glob(f"*{self.listeners.mark}*")]
        try:
            names = [path.name for path in self.precious.parent.iterdir()]
            intact = names == [self.precious.name] and self.precious.read_text() == PRECIOUS
            intact = intact and self.precious.lstat().st_mode == stat.S_IFREG | 0o644
        except OSError:
            intact = False
        if left or not intact:
            outcome.reached.append("writes")
        for path in left:
            path.unlink()

    def _read_results(self, results: Path, outcome: Outcome) -> None:
        """What stands in the results file counts as earned, whoever wrote it."""
        try:
            written = json.loads(results.read_text())
            outcome.earned = max(outcome.earned, int(written["earned"]))
        except FileNotFoundError:
            outcome.trouble = outcome.trouble or "there is no results file"
        except (OSError, ValueError, KeyError, TypeError):
            outcome.trouble = outcome.trouble or "the results file is not valid"

    def _files(self) -> set[str]:
        """Files in the folder that the grader cleans, two levels deep."""
        tmp = self.examiner.scratch
        return {str(path.relative_to(tmp)) for path in [*tmp.glob("*"), *tmp.glob("*/*")]}

    def _place(self, results: Path) -> dict[str, Any]:
        return {
            "ROOT": str(ROOT),
            "OUTSIDE": str(self.precious.parent),
            "RESULTS": str(results),
            "PORT": self.listeners.port,
            "LISTEN": self.listeners.called,
            "UNIX": str(self.folder / "listener"),
            "ABSTRACT": self.listeners.abstract,
            "MARK": self.listeners.mark,
        }

    def close(self) -> None:
        """End both examiners."""
        for examiner in filter(None, (self.examiner, self.neighbour)):
            examiner.close()
        self.listeners.close()


def _family() -> list[psutil.Process]:
    """Living descendants of this process; those that have ended are collected."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
            elif child.ppid() == os.getpid():
                with suppress(ChildProcessError):
                    os.waitpid(child.pid, os.WNOHANG)
    return found


def _command(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())[:60] or process.name()
    return "ended"
