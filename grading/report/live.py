"""A run told on a terminal that can redraw: what runs now stands in a table below the text."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from grading.audience import Progress
from grading.report.blocks import VERDICTS, Line, Manner
from grading.report.closing import HEADER, TO_THE_RIGHT, table_rows
from grading.report.terminal import Terminal
from grading.report.text import WIDTH, clean, counted, epochs, percent
from grading.results import CheckResult, Report, Status

SECONDS_BETWEEN_DRAWINGS = 0.2
LINES_KEPT_FREE = 6


class LiveTerminal(Terminal):
    """Like `Terminal`, with a live table in place of progress lines.

    It is redrawn from the main thread only, whenever the examiner waits: the examiner starts
    processes, which a thread of ours could disturb.
    """

    def __init__(
        self,
        manner: Manner,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.console = console or Console(highlight=False, markup=False, emoji=False)
        width = min(manner.width, WIDTH, max(40, self.console.width))
        super().__init__(replace(manner, width=width), clock=clock)
        self._live: Live | None = None
        self._report: Report | None = None
        self._began: dict[str, float] = {}
        self._progress: dict[str, Progress] = {}
        self._drawn = 0.0
        self._opened = 0.0

    def emit(self, lines: Sequence[Line]) -> None:
        """Write lines above the live table."""
        if lines:
            # Text is never read as markup, and is already wrapped.
            whole = Text("\n").join(Text(clean(line.text), style=line.style) for line in lines)
            self.console.print(whole, soft_wrap=True)

    def emit_table(self, report: Report) -> None:
        """The closing table, ruled."""
        table = Table(header_style="bold", box=SIMPLE_HEAD)
        for name, right in zip(HEADER, TO_THE_RIGHT, strict=True):
            table.add_column(name, justify="right" if right else "left")
        for row in table_rows(report):
            table.add_row(*(Text(cell) for cell in row))
        self.console.print(table)

    def opened(self, report: Report) -> None:
        """Begin the live table."""
        super().opened(report)
        self.follow(report)

    def follow(self, report: Report) -> None:
        """Show the live table, and tell nothing."""
        self._report, self._opened = report, self.clock()
        self._live = Live(
            console=self.console, auto_refresh=False, transient=True, get_renderable=self.table
        )
        self._live.start()

    def started(self, check: str) -> None:
        """A row appears."""
        self._began[check] = self.clock()
        self._draw()

    def progressed(self, progress: Progress) -> None:
        """A row changes."""
        self._progress[progress.check] = progress
        self.waited()

    def finished(self, result: CheckResult, report: Report) -> None:
        """A row ends, and perhaps a question with it."""
        self.drop(result.id)
        super().finished(result, report)
        self._draw()

    def drop(self, check: str) -> None:
        """Show a check as running no more."""
        self._began.pop(check, None)

    def waited(self) -> None:
        """Let the clock in the table run."""
        if self.clock() - self._drawn >= SECONDS_BETWEEN_DRAWINGS:
            self._draw()

    def release(self) -> None:
        """Remove the live table."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _draw(self) -> None:
        self._drawn = self.clock()
        if self._live is not None:
            self._live.refresh()

    def table(self) -> Table:
        """The checks that run, then those that wait for an earlier question to be told."""
        table = Table(
            title=self._headline(), title_justify="left", title_style="bold", box=SIMPLE_HEAD
        )
        for name, right in (("check", False), ("state", False), ("epoch", True)):
            table.add_column(name, justify="right" if right else "left")
        table.add_column("validation accuracy", justify="right")
        table.add_column("elapsed", justify="right")
        for check in self._rows():
            table.add_row(*self._cells(check))
        return table

    def _headline(self) -> str:
        checks = self._report.checks if self._report else []
        ended = sum(check.status is not Status.PENDING for check in checks)
        elapsed = int(self.clock() - self._opened)
        return (
            f"{ended} of {counted(len(checks), 'check')} done, {elapsed // 60}:{elapsed % 60:02d}"
        )

    def _rows(self) -> list[CheckResult]:
        untold = self._report.questions[self.untold() :] if self._report else []
        checks = [check for question in untold for check in question.checks]
        running = [check for check in checks if check.id in self._began]
        ended = [check for check in checks if check.status is not Status.PENDING]
        room = max(1, self.console.height - LINES_KEPT_FREE)
        return (running + ended[::-1])[:room]

    def _cells(self, check: CheckResult) -> tuple[Text, ...]:
        progress = self._progress.get(check.id)
        accuracy = progress.accuracy if progress else None
        running = check.id in self._began
        verdict, style = VERDICTS[check.status]
        seconds = self.clock() - self._began[check.id] if running else check.seconds
        return (
            Text(check.id),
            Text("running") if running else Text(verdict.lower(), style=style),
            Text(epochs(progress.epochs) if progress else ""),
            Text(percent(accuracy) if accuracy is not None else ""),
            Text(f"{seconds:.1f} s"),
        )
