"""A watch without clock, file events or workers: saves from a script, results from the source."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grading.audience import Audience
from grading.launcher import Launcher
from grading.options import Options
from grading.questions import select
from grading.report.blocks import Manner
from grading.report.changes import Telling
from grading.report.terminal import Terminal
from grading.results import CheckResult, Feedback, QuestionResult, Report, Status
from grading.schedule import Schedule
from grading.watching import Watch, read_files
from tests.mutants import copy_solution

Edit = Callable[[], None]


class ScriptedSaves:
    """Makes the edits of a script, one for each wait without end; then comes Ctrl-C."""

    def __init__(self, edits: list[Edit]) -> None:
        self.edits = edits
        self.meanwhile: list[Edit] = []
        self.second_writes: list[Edit] = []

    def wait(self, seconds: float | None = None) -> bool:
        if seconds is None:
            if not self.edits:
                raise KeyboardInterrupt
            self.edits.pop(0)()
            return True
        waiting = self.meanwhile if seconds == 0 else self.second_writes
        if not waiting:
            return False
        waiting.pop(0)()
        return True

    def close(self) -> None:
        """Nothing is open."""


class ReadingExaminer:
    """In the examiner's place: finds words in the source instead of running it.

    Args:
        slips: for a text in the source, the check that it spoils and how.
    """

    def __init__(self, slips: dict[str, CheckResult]) -> None:
        self.slips = slips
        self.ran: list[list[str]] = []
        self.requests: list[Options] = []
        self.before: Callable[[str], None] = lambda check: None

    def __call__(
        self, options: Options, audience: Audience, launch: Callable[[Path, int], Launcher]
    ) -> Report:
        self.requests.append(options)
        self.ran.append([])
        questions, _ = select(options.asked)
        rows = [
            QuestionResult(q.id, q.title, [CheckResult(c.id, c.claim, c.points) for c in q.checks])
            for q in questions
        ]
        report = Report(rows, seed=len(self.requests))
        text = b"\n".join(read_files(options.submission).values()).decode()
        schedule = Schedule([claim for question in questions for claim in question.checks])
        audience.opened(report)
        try:
            while claim := schedule.next():
                self.ran[-1].append(claim.id)
                audience.started(claim.id)
                self.before(claim.id)
                audience.waited()
                result = self.result(CheckResult(claim.id, claim.claim, claim.points), text)
                for each in [replace(result, seed=report.seed), *schedule.note(result)]:
                    report.record(each)
                    audience.finished(each, report)
            report.complete = True
        except KeyboardInterrupt:
            pass
        audience.closed(report)
        return report

    def result(self, blank: CheckResult, text: str) -> CheckResult:
        for slip, spoiled in self.slips.items():
            if slip in text and spoiled.id in (blank.id, "*"):
                return replace(blank, status=spoiled.status, feedback=spoiled.feedback)
        return replace(blank, status=Status.PASSED)


class Scene:
    """A copy of the solution that is watched while a script edits it."""

    def __init__(self, folder: Path, slips: dict[str, CheckResult]) -> None:
        self.folder = copy_solution(folder)
        self.examiner = ReadingExaminer(slips)
        self.saves = ScriptedSaves([])
        self.screen = io.StringIO()

    def edit(self, file: str, old: str, new: str) -> Edit:
        """Replace a text of a file when its turn comes."""

        def make() -> None:
            path = self.folder / file
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")

        return make

    def write(self, file: str, text: str) -> Edit:
        """Replace a whole file when its turn comes."""
        return lambda: (self.folder / file).write_text(text, encoding="utf-8") and None

    def watch(self, *asked: str, edits: list[Edit], **options: object) -> Report:
        """Watch until the script ends."""
        self.saves.edits = edits
        request = Options(self.folder, asked, **options)  # type: ignore[arg-type]
        telling = Telling(Manner(), lambda manner: Terminal(manner, self.screen))

        def launch(_scratch: Path, _threads: int) -> Launcher:
            raise AssertionError("nothing is started here")

        return Watch(request, self.saves, telling, launch, self.examiner).run()

    @property
    def told(self) -> str:
        """What the student read after the first run."""
        return self.screen.getvalue().partition("Ctrl-C ends.")[2]


def spoiled(
    check: str, status: Status = Status.FAILED, where: str = "", mistake: str = ""
) -> CheckResult:
    """How a slip spoils a check; ``*`` stands for all of them."""
    return CheckResult(check, "", 0, status, Feedback(got="0", where=where, mistake=mistake))
