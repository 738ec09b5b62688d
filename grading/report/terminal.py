"""A run told on a terminal, question by question in their order."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import TextIO

from grading.audience import Audience, Progress
from grading.report.blocks import Line, Manner, question_block, refusal, refusal_lines
from grading.report.closing import (
    ending_lines,
    grade_lines,
    opening_lines,
    remarks,
    table_lines,
)
from grading.report.text import clean, epochs, percent
from grading.results import CheckResult, Feedback, QuestionResult, Report

SECONDS_BETWEEN_PROGRESS = 5.0


def describe(progress: Progress) -> str:
    """``epoch 2.3, validation accuracy 97.1 %``."""
    text = f"epoch {epochs(progress.epochs)}"
    if progress.accuracy is not None:
        text += f", validation accuracy {percent(progress.accuracy)}"
    return text


class Terminal(Audience):
    """Plain lines, for files, pipes and simple terminals.

    A question is told once all its checks have ended and the questions before it are told.

    Args:
        manner: how to tell it.
        stream: where to; standard output unless given.
        clock: seconds, for the pace of progress lines.
    """

    def __init__(
        self,
        manner: Manner,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.manner = manner
        self.stream = stream or sys.stdout
        self.clock = clock
        self._told = 0
        self._reasons: dict[Feedback, str] = {}
        self._remarks: set[str] = set()
        self._last_line: dict[str, float] = {}

    def emit(self, lines: Sequence[Line]) -> None:
        """Write lines now."""
        for line in lines:
            self.stream.write(clean(line.text) + "\n")
        self.stream.flush()

    def emit_table(self, report: Report) -> None:
        """Write the closing table."""
        self.emit(table_lines(report))

    def opened(self, report: Report) -> None:
        """Say what is about to happen."""
        self.emit(opening_lines(report, self.manner))
        self._remarks = {line.text for line in remarks(report, self.manner)}

    def follow(self, report: Report) -> None:
        """Show how the run goes on where that is possible, without telling anything of it."""

    def drop(self, check: str) -> None:
        """A check that is followed has ended."""

    def started(self, check: str) -> None:
        """Remember when, so that a quick check prints no progress."""
        self._last_line[check] = self.clock()

    def progressed(self, progress: Progress) -> None:
        """Print a line of progress now and then."""
        now = self.clock()
        last = self._last_line.setdefault(progress.check, now)
        if now - last >= SECONDS_BETWEEN_PROGRESS:
            self._last_line[progress.check] = now
            self.emit([Line(f"... {progress.check}: {describe(progress)}")])

    def finished(self, result: CheckResult, report: Report) -> None:
        """Tell every question whose turn has come; a refusal waits for the end."""
        if refusal(report.checks) is not None:
            return
        while self._told < len(report.questions) and report.questions[self._told].done:
            self._tell(report.questions[self._told])
            self._told += 1

    def _tell(self, question: QuestionResult) -> None:
        self.emit(question_block(question, self.manner, self._reasons))

    def untold(self) -> int:
        """The place of the first question that has not been told."""
        return self._told

    def closed(self, report: Report) -> None:
        """Tell what was not told yet, then the grades."""
        self.release()
        refused = refusal(report.checks)
        if refused is not None:
            self.emit(refusal_lines(refused, self.manner))
            self.emit([Line("")])
        for question in report.questions[self._told :] if refused is None else []:
            self._tell(question)
        self._told = len(report.questions)
        news = [line for line in remarks(report, self.manner) if line.text not in self._remarks]
        self.emit([*news, Line("")] if news else [])
        self.emit_table(report)
        self.emit([Line(""), *grade_lines(report), Line("")])
        self.emit(ending_lines(report, self.manner))

    def release(self) -> None:
        """Give the terminal back; for a run that breaks off as well as for one that ends."""


def open_terminal(manner: Manner) -> Terminal:
    """A live display where standard output can show one, plain lines elsewhere."""
    if not sys.stdout.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        return Terminal(manner)
    from grading.report.live import LiveTerminal  # rich takes a while to import

    return LiveTerminal(manner)
