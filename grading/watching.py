"""Grades a folder again whenever it is saved: what the save can have changed, and what failed.

One worker server serves the whole watch, so a check that does not train answers in the time of a
fork. A check runs again when its footprint has changed, or when it has not passed and a check of
its question is affected. Checks that train come after the quick ones; a newer save cancels them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from grading.archive import RefusedSubmission
from grading.audience import Audience, Several
from grading.claims import Claim
from grading.examiner import grade
from grading.isolation import ladder
from grading.launcher import Launcher
from grading.lending import WarmWorkers
from grading.options import Options, UsageError
from grading.report.blocks import Manner
from grading.report.changes import Telling
from grading.results import CheckResult, Report, Status
from grading.saves import FileSaves, Saves
from grading.standing import Standing
from grading.submission import open_submission

Grade = Callable[[Options, Audience, Callable[[Path, int], Launcher]], Report]
SECONDS_FOR_SECOND_WRITE = 0.25


class Superseded(Exception):
    """A newer save makes the rest of a run pointless."""


def watch(options: Options, manner: Manner) -> Report:
    """Grade once, then again after each save, until Ctrl-C.

    Args:
        options: what to grade; its submission is a folder.
        manner: how to tell it.

    Returns:
        The last state; a check that a later save has touched since it ran is pending in it.

    Raises:
        UsageError: if the request cannot be carried out.
        ModuleNotFoundError: if watchfiles is not installed.
    """
    if options.submission.is_file():
        raise UsageError(
            f"--watch needs a folder, and {options.submission} is a file; unpack it and name the "
            "folder with --submission"
        )
    if options.watched:
        raise UsageError("--watch opens no windows; leave --graphics or --watch out")
    saves = FileSaves(options.submission)
    device = "cuda" if options.device == "cuda" else "cpu"
    level = ladder.choose(options.isolation, options.required, device)
    workers = WarmWorkers(options.threads, level, device)  # they warm up while torch loads here
    try:
        return Watch(options, saves, Telling(manner), workers.lend).run()
    finally:
        saves.close()
        workers.close()


class Watch:
    """The state of a watch: for each check, what was found and in which code.

    Args:
        options: of the first run.
        saves: tells of saved files, and of Ctrl-C by `KeyboardInterrupt`.
        telling: who tells the student.
        launch: lends the workers of one run.
        grade: grades once.
    """

    def __init__(
        self,
        options: Options,
        saves: Saves,
        telling: Telling,
        launch: Callable[[Path, int], Launcher],
        grade: Grade = grade,
    ) -> None:
        self.options = options
        self.saves = saves
        self.telling = telling
        self.launch = launch
        self.grade = grade
        self.standing = Standing([])
        self.report: Report | None = None

    def run(self) -> Report:
        """Grade, wait, grade again; Ctrl-C ends it.

        Raises:
            KeyboardInterrupt: if there is no state yet.
        """
        from grading.questions import select

        questions, _ = select(self.options.asked)
        self.standing = Standing(claim for question in questions for claim in question.checks)
        with suppress(RefusedSubmission):  # the first run tells it
            self._look()
        with suppress(KeyboardInterrupt):
            self._grade(self.options, self.telling.whole_run())
            self._go_on()
        return self._last_state()

    def _go_on(self) -> None:
        """Wait for saves, after the first run."""
        report = self._report()
        report.complete = True
        self.telling.remember(report)
        self.telling.waiting(str(self.options.submission))
        while True:
            self._catch_up()
            self.saves.wait()

    def _catch_up(self) -> None:
        """Run what the latest save asks for; a save that comes meanwhile takes over."""
        while True:
            try:
                saved = self._look()
            except (RefusedSubmission, UsageError) as problem:
                return self.telling.headline(f"{problem}; waiting for the next save", "yellow")
            if not saved:
                return None
            troubles = self.standing.troubles()
            if troubles:
                return self.telling.headline(f"{troubles[0]}; waiting for the next save", "yellow")
            chosen = self.standing.chosen()
            self.telling.saved(saved, [claim.id for claim in chosen])
            if self._run(chosen):
                return None

    def _look(self) -> list[str]:
        """Read the submission anew.

        Returns:
            The files that differ from what was read before.

        Raises:
            RefusedSubmission: if it holds no homework, as in the middle of a checkout.
            UsageError: if it is gone.
        """
        files = read_files(self.options.submission)
        if any(text and not files.get(name) for name, text in self.standing.files.items()):
            self.saves.wait(SECONDS_FOR_SECOND_WRITE)  # some editors empty a file before they write
            files = read_files(self.options.submission)
        return self.standing.read(files)

    def _run(self, claims: list[Claim]) -> bool:
        """Run checks again, the quick ones first; False if a newer save took over."""
        quick = [claim for claim in claims if not claim.trains]
        slow = [claim for claim in claims if claim.trains]
        begun = time.monotonic()
        if quick and not self._grade(self._request(quick), Audience()):
            return False
        blocked = self.standing.fallen(slow)
        for result in blocked:
            self._judge(result)
        self._tell([claim.id for claim in quick] + [result.id for result in blocked], begun)
        ready = [claim for claim in slow if not self.standing.blocking(claim)]
        begun = time.monotonic()
        names = [claim.id for claim in ready]
        if ready and not self._grade(self._request(ready), self.telling.training(names)):
            return False
        self._tell(names, begun)
        return True

    def _request(self, claims: list[Claim]) -> Options:
        """A run of these checks alone; those that failed face their old draw first."""
        return replace(
            self.options,
            asked=tuple(claim.id for claim in claims),
            results=None,
            replays=self.standing.replays() if self.options.seed is None else {},
        )

    def _grade(self, options: Options, audience: Audience) -> bool:
        """Grade and take the results in; False if a newer save took over.

        Raises:
            KeyboardInterrupt: if Ctrl-C ended it.
        """
        lookout = Lookout(self._is_superseded)
        finished = True
        try:
            self.grade(options, Several(audience, lookout), self.launch)
        except Superseded:
            self.telling.release()
            finished = False
        report = lookout.report
        self.report = self.report or report
        for result in report.checks if report else ():
            if result.status is not Status.PENDING:
                self._judge(result)
        if finished and report and not report.complete:
            raise KeyboardInterrupt
        return finished

    def _is_superseded(self) -> bool:
        """Whether a save has come that touches a check of this watch."""
        if not self.saves.wait(0):
            return False
        try:
            return self.standing.differs(read_files(self.options.submission))
        except (RefusedSubmission, UsageError):
            return True

    def _judge(self, result: CheckResult) -> None:
        self.standing.judge(result)
        self._report().record(result)

    def _tell(self, checks: list[str], begun: float) -> None:
        """Tell what became of checks, and keep it in the results file."""
        if not checks:
            return
        results = [self.standing.verdicts[check].result for check in checks]
        self.telling.summary(results, self._report(), time.monotonic() - begun)
        hit = {result.feedback.where: self.standing.hit_by(result) for result in results}
        for where, questions in hit.items():
            if questions:
                names = ", ".join(questions)
                self.telling.say(f"note: {where} runs at import; {names} cannot pass meanwhile")
        self._write(self._report())

    def _last_state(self) -> Report:
        """The last state: what the code as it is now is known to be worth.

        Raises:
            KeyboardInterrupt: if nothing was graded yet.
        """
        report = self._report()
        for claim in self.standing.claims.values():
            if report.complete and self.standing.is_stale(claim):
                report.record(CheckResult(claim.id, claim.claim, claim.points))
        self._write(report)
        return report

    def _report(self) -> Report:
        if self.report is None:
            raise KeyboardInterrupt
        return self.report

    def _write(self, report: Report) -> None:
        if self.options.results is not None:
            with suppress(OSError):  # the first run has said why, and results are on the screen
                report.write(self.options.results)


class Lookout(Audience):
    """Keeps a run's report at hand, and ends the run once a newer save makes it pointless.

    Args:
        is_superseded: asked whenever the examiner waits.
    """

    def __init__(self, is_superseded: Callable[[], bool]) -> None:
        self.is_superseded = is_superseded
        self.report: Report | None = None

    def opened(self, report: Report) -> None:
        """Remember the report, which grows during the run."""
        self.report = report

    def waited(self) -> None:
        """Look for a newer save.

        Raises:
            Superseded: if there is one.
        """
        if self.is_superseded():
            raise Superseded


def read_files(submission: Path) -> dict[str, bytes]:
    """The Python files that would be graded, by their path below the submission's root.

    Raises:
        RefusedSubmission: if there is no homework among them.
        UsageError: if the folder is gone.
    """
    with tempfile.TemporaryDirectory(prefix="reading-") as scratch:
        copy = open_submission(submission, Path(scratch))
        found = sorted(copy.rglob("*.py"))
        return {file.relative_to(copy).as_posix(): file.read_bytes() for file in found}
