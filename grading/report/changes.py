"""What a student reads while the autograder watches: what failed, and what is new since then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from grading.audience import Audience, Progress
from grading.report.blocks import (
    UNTRIED,
    Line,
    Manner,
    check_lines,
    refusal,
    refusal_lines,
)
from grading.report.terminal import Terminal, open_terminal
from grading.report.text import counted, paragraph, place
from grading.results import CheckResult, Feedback, Report, Status

NOW = {
    Status.PASSED: ("now passes", "now pass"),
    Status.FAILED: ("fails now", "fail now"),
    Status.NOT_STARTED: ("is not started now", "are not started now"),
    Status.CRASHED: ("crashes now", "crash now"),
    Status.TIMED_OUT: ("takes too long now", "take too long now"),
    Status.SKIPPED: ("is skipped now", "are skipped now"),
    Status.GRADER_FAULT: ("met a fault of the grader", "met a fault of the grader"),
    Status.PENDING: ("has not run again", "have not run again"),
}
OTHERWISE = ("fails in another way", "fail in another way")


def since(before: Mapping[str, CheckResult], after: Report) -> str:
    """What is new: ``q6.causal now passes; q5.values fails now (2 points -> 1)``.

    Args:
        before: the results that were told last, by check.
        after: all results as they are now.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for check in after.checks:
        words = _news(before[check.id], check) if check.id in before else None
        if words:
            groups.setdefault(words, []).append(check.id)
    news = "; ".join(
        f"{_joined(checks)} {words[len(checks) > 1]}" for words, checks in groups.items()
    )
    earned = sum(check.earned for check in before.values())
    if earned != after.earned:
        points = "point" if earned == 1 else "points"
        news += f" ({earned} {points} -> {after.earned})"
    return news or "nothing is new"


def _news(old: CheckResult, new: CheckResult) -> tuple[str, str] | None:
    if old.status is not new.status:
        return NOW[new.status]
    differs = old.feedback.mistake != new.feedback.mistake
    return OTHERWISE if new.status is Status.FAILED and differs else None


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


class Telling:
    """Tells a watch on a terminal, a plain or a rich one.

    Args:
        manner: how to tell it.
        open_with: opens a terminal; each run takes a new one.
    """

    def __init__(
        self, manner: Manner, open_with: Callable[[Manner], Terminal] = open_terminal
    ) -> None:
        self.manner = manner
        self.open_with = open_with
        self.terminal = open_with(manner)
        self.told: dict[str, CheckResult] = {}

    def whole_run(self) -> Audience:
        """Who hears the first run, which is told as any other run is."""
        return self.terminal

    def training(self, checks: list[str]) -> Audience:
        """Who hears checks that train: their progress is shown, and nothing else."""
        self.say(f"training: {', '.join(checks)}; a newer save cancels it", "dim")
        self.terminal = self.open_with(self.manner)
        return _ProgressOnly(self.terminal)

    def release(self) -> None:
        """Give the terminal back after a run that broke off."""
        self.terminal.release()

    def say(self, text: str, style: str = "") -> None:
        """One remark, wrapped."""
        lines = paragraph(text, "", "    ", self.manner.width)
        self.terminal.emit([Line(line, style) for line in lines])

    def headline(self, text: str, style: str = "bold") -> None:
        """A remark with which something new begins."""
        self.terminal.emit([Line("")])
        self.say(text, style)

    def waiting(self, folder: str) -> None:
        """The first run is over."""
        self.headline(f"Watching {place(folder)}: save a file to grade again; Ctrl-C ends.")

    def saved(self, files: list[str], checks: list[str]) -> None:
        """Which files were saved, and what that leads to."""
        which = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if files[3:] else "")
        clock = time.strftime("%H:%M:%S")
        if checks:
            self.headline(f"{clock} {which}: {', '.join(checks)}")
        else:
            unchanged = "nothing that the checks use has changed since they ran"
            self.headline(f"{clock} {which}: {unchanged}", "dim")

    def summary(self, ran: Iterable[CheckResult], report: Report, seconds: float) -> None:
        """What is wrong with the checks that ran, what is new since the last run, and the total."""
        results, reasons = list(ran), dict[Feedback, str]()
        refused = refusal(results)
        lines: list[Line] = [] if refused is None else refusal_lines(refused, self.manner)
        for check in results if refused is None else []:
            if check.status not in (Status.PASSED, *UNTRIED):
                lines += check_lines(check, self.manner, reasons.get(check.feedback, ""))
                reasons.setdefault(check.feedback, check.id)
        self.terminal.emit(lines)
        self.say(f"since the last run: {since(self.told, report)}")
        passed = sum(check.status is Status.PASSED for check in results)
        self.say(
            f"Total: {report.earned}/{report.points}   "
            f"({counted(len(results), 'check')} in {seconds:.1f} s, {passed} passed)",
            "bold green" if report.earned == report.points else "bold",
        )
        self.remember(report)

    def remember(self, report: Report) -> None:
        """Take a report as told."""
        self.told = {check.id: check for check in report.checks}


class _ProgressOnly(Audience):
    """Passes on what a terminal shows while checks train."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def opened(self, report: Report) -> None:
        """Begin a live table where the terminal has one."""
        self.terminal.follow(report)

    def started(self, check: str) -> None:
        """See `Terminal.started`."""
        self.terminal.started(check)

    def progressed(self, progress: Progress) -> None:
        """See `Terminal.progressed`."""
        self.terminal.progressed(progress)

    def finished(self, result: CheckResult, report: Report) -> None:
        """A row ends; what it found is told in the end."""
        self.terminal.drop(result.id)

    def waited(self) -> None:
        """See `Terminal.waited`."""
        self.terminal.waited()

    def closed(self, report: Report) -> None:
        """Remove it."""
        self.terminal.release()
