"""Proves both editions in fresh processes, without installing anything: ``handout verify``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from handout.build import build, edition, find_course
from handout.manifest import COURSES
from handout.matching import mismatches
from handout.trials import MUTANTS, Trial, all_trials, checks_without_a_mutant

MATCHED = "every region has a check, every check a region and a mutant"
SAME = "two builds give the same bytes"
STUBS = "the stubs import cleanly and earn 0, every check not started"
IMPORT = "import sys; sys.path.insert(0, sys.argv[1]); import models, losses, train"


@dataclass
class Proof:
    """One sentence, how often it was tried, and what speaks against it.

    Attributes:
        claim: the sentence.
        tried: the number of trials.
        problems: one line for each trial that went wrong.
        seconds: the time that its trials took together.
    """

    claim: str
    tried: int = 0
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, problems: Iterable[str], begun: float) -> None:
        """Take in one trial that began at a time of `time.monotonic`."""
        self.tried += 1
        self.problems += [problem for problem in problems if problem]
        self.seconds += time.monotonic() - begun


def verify(root: Path, *, full: bool, jobs: int, mutants: bool = True) -> bool:
    """Carry out every proof and print the table; returns whether all hold."""
    begun = time.monotonic()
    proofs: dict[str, Proof] = {}
    for claim, prove in ((MATCHED, _matched), (SAME, _same_bytes), (STUBS, _stubs)):
        proofs[claim] = _proved(claim, root, prove)
        _say(_row(proofs[claim]))
    trials = [each for each in all_trials(root, full) if mutants or each.proof != MUTANTS]
    for trial in trials:
        proofs.setdefault(trial.proof, Proof(trial.proof))
    with tempfile.TemporaryDirectory(prefix="verify-") as scratch:
        _run(trials, proofs, Path(scratch), root, jobs)
    for proof in [*proofs.values()][3:]:
        _say(_row(proof))
    problems = [problem for proof in proofs.values() for problem in proof.problems]
    for problem in problems:
        _say(f"  - {problem}")
    if not full:
        _say("Checks that train ran only where the training ends at once; --full trains too.")
    _say(f"{'Not proved' if problems else 'Proved'} in {time.monotonic() - begun:.0f} s")
    return not problems


def _proved(claim: str, root: Path, prove: Callable[[Path], list[str]]) -> Proof:
    proof, begun = Proof(claim), time.monotonic()
    proof.note(prove(root), begun)
    return proof


def _row(proof: Proof) -> str:
    result = "FAILED" if proof.problems else "proved"
    return f"{result}  {proof.tried:4d}  {proof.seconds:6.1f} s  {proof.claim}"


def _matched(root: Path) -> list[str]:
    return mismatches(root) + [f"{name} has no mutant" for name in checks_without_a_mutant()]


def _same_bytes(root: Path) -> list[str]:
    courses = [None, *COURSES.values()]
    return [
        f"two builds for {course.name if course else 'all courses'} differ"
        for course in courses
        if list(edition(root, course).items()) != list(edition(root, course).items())
    ]


def _stubs(root: Path) -> list[str]:
    """Build, import and grade the stubs of each edition in fresh processes."""
    problems = []
    with tempfile.TemporaryDirectory(prefix="verify-") as scratch:
        for name in (None, *COURSES):
            folder = Path(scratch) / (name or "all")
            build(root, folder, find_course(name) if name else None)
            problems += [f"{name or 'all'}: {said}" for said in _graded_stubs(folder)]
    return problems


def _graded_stubs(folder: Path) -> list[str]:
    imported = _python(folder, "-I", "-B", "-W", "error", "-c", IMPORT, str(folder))
    if imported.returncode != 0:
        return [f"the stubs cannot be imported: {imported.stderr.strip().splitlines()[-1]}"]
    graded = _python(folder, "autograder.py", "-q", "all", "--json", "results.json")
    results = folder / "results.json"
    if not results.is_file():
        return [f"the autograder ended with code {graded.returncode}: {graded.stderr}"]
    report = json.loads(results.read_text(encoding="utf-8"))
    checks = [check for question in report["questions"] for check in question["checks"]]
    problems = [
        f"{check['id']} is {check['status']}: {check['feedback']}"
        for check in checks
        if check["status"] != "not started"
    ]
    if graded.returncode != 1:
        problems.append(f"the autograder's exit code is {graded.returncode}, not 1")
    if report["earned"]:
        problems.append(f"the stubs earn {report['earned']}")
    return problems


def _python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "MPLBACKEND": "Agg"}
    return subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _run(
    trials: list[Trial], proofs: dict[str, Proof], scratch: Path, root: Path, jobs: int
) -> None:
    """Let some grading processes take trial after trial."""
    waiting: SimpleQueue[tuple[int, Trial]] = SimpleQueue()
    for numbered in enumerate(trials):
        waiting.put(numbered)
    threads = [
        threading.Thread(target=_serve, args=(waiting, proofs, scratch, root)) for _ in range(jobs)
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        with suppress(Empty):
            while True:  # so that each thread ends after the trial in its hands
                waiting.get_nowait()
        raise
    with suppress(Empty):
        while True:
            _, trial = waiting.get_nowait()
            proofs[trial.proof].problems.append(f"{trial.name}: the grading processes ended early")


def _serve(
    waiting: SimpleQueue[tuple[int, Trial]], proofs: dict[str, Proof], scratch: Path, root: Path
) -> None:
    """Hand trials to one grading process until none is left, or it ends."""
    grader = subprocess.Popen(
        [sys.executable, "-m", "handout.grading_many"],
        cwd=root,
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert grader.stdin  # noqa: S101 - asked for above
    assert grader.stdout  # noqa: S101 - asked for above
    with grader, suppress(Empty):
        while grader.poll() is None:
            number, trial = waiting.get_nowait()
            begun = time.monotonic()
            problem = _grade(trial, scratch / str(number), grader.stdin, grader.stdout)
            said = f"{trial.proof}: {trial.name}: {problem}" if problem else ""
            proofs[trial.proof].note([said], begun)


def _grade(trial: Trial, folder: Path, sink: IO[str], source: IO[str]) -> str:
    """Send one folder to a grading process and judge what comes back."""
    try:
        trial.make(folder)
        sink.write(json.dumps({"folder": str(folder), "asked": trial.asked}) + "\n")
        sink.flush()
        line = source.readline()
    except (OSError, ValueError) as error:
        return str(error)
    return trial.judge(json.loads(line)) if line else "the grading process ended without a word"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
