"""Live windows for q1 to q5: one for each question, redrawn while the model trains."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grading.audience import Audience, Progress
from grading.report.drawings import DRAWINGS, Drawing
from grading.report.terminal import describe
from grading.results import CheckResult, Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import Tensor

SECONDS_BETWEEN_DRAWINGS = 0.2


class Window:
    """One figure on the screen, until the user closes it.

    Args:
        figure: empty.
        title: what stands first in the title.
        drawing: makes the drawing on the figure.
    """

    def __init__(self, figure: Figure, title: str, drawing: Callable[[Figure], Drawing]) -> None:
        self.figure, self.title = figure, title
        self.drawing = drawing(figure)
        self.open = True
        self._news: Progress | None = None
        self._parts = ["waiting for the first answers"]
        self.figure.canvas.mpl_connect("close_event", self._closed)
        self._write_title()

    def _closed(self, event: Any) -> None:
        self.open = False

    def _write_title(self) -> None:
        told = ", ".join(part for part in self._parts if part)
        self.figure.suptitle(f"{self.title}\n{told}", fontsize=11)
        self.figure.canvas.draw_idle()

    def hear(self, progress: Progress) -> None:
        """Keep the news for the next drawing."""
        self._news = progress

    def end(self, result: CheckResult) -> None:
        """Draw the last answers, and say in the title how the check ended."""
        self._draw()
        self._parts.append(result.status.value)
        self._write_title()

    def refresh(self) -> None:
        """Draw the news, if any, and let the window answer its user."""
        self._draw()
        self.figure.canvas.flush_events()

    def _draw(self) -> None:
        if self._news is None:
            return
        scores = self._news.watched.get("scores")
        told = self.drawing.update(scores) if scores is not None else ""
        self._parts = [describe(self._news), told]
        self._news = None
        self._write_title()


class Windows(Audience):
    """Shows training as it happens.

    A window that its user closes stays closed, and nothing that happens in a window stops the
    grading: where drawing fails, all windows are given up with one line.

    Args:
        say: prints a line for the user.
        clock: seconds, for the pace of drawing.
    """

    def __init__(
        self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.say = say
        self.clock = clock
        self.windows: dict[str, Window] = {}
        self._titles: dict[str, str] = {}
        self._drawn = 0.0
        self._given_up = False

    def opened(self, report: Report) -> None:
        """Learn the questions' titles."""
        self._titles = {question.id: question.title for question in report.questions}

    def shown(self, check: str, inputs: dict[str, Tensor]) -> None:
        """Open the question's window."""
        question = check.partition(".")[0]
        if question in DRAWINGS and {"x", "label"} <= inputs.keys():
            self._guard(lambda: self._open(check, question, inputs))

    def _open(self, check: str, question: str, inputs: dict[str, Tensor]) -> None:
        import matplotlib.pyplot as plt

        figure = plt.figure(f"{question} ({check})", figsize=(7, 7), clear=True)
        wide_labels = question == "q4"  # the words with their languages stand beside the bars
        figure.subplots_adjust(
            left=0.28 if wide_labels else 0.1,
            right=0.85 if wide_labels else 0.95,
            top=0.84 if wide_labels else 0.9,
        )
        title = f"Question {question}: {self._titles.get(question, '')}"
        self.windows[check] = Window(figure, title, lambda empty: DRAWINGS[question](empty, inputs))
        plt.show(block=False)

    def progressed(self, progress: Progress) -> None:
        """Keep what is new until it is time to draw."""
        if progress.check in self.windows:
            self.windows[progress.check].hear(progress)
        self.waited()

    def finished(self, result: CheckResult, report: Report) -> None:
        """Draw the last answers."""
        window = self.windows.get(result.id)
        if window is not None and window.open:
            self._guard(lambda: window.end(result))
            self._guard(self._refresh)

    def waited(self) -> None:
        """Redraw at most five times a second."""
        if self.windows and self.clock() - self._drawn >= SECONDS_BETWEEN_DRAWINGS:
            self._guard(self._refresh)

    def _refresh(self) -> None:
        self._drawn = self.clock()
        for window in self.windows.values():
            if window.open:
                window.refresh()

    def _guard(self, action: Callable[[], None]) -> None:
        """A toolkit may raise anything, for instance when its display goes away."""
        if self._given_up:
            return
        try:
            action()
        except Exception as error:
            self._given_up = True
            self.say(f"The windows are given up ({type(error).__name__}: {error}); grading goes on")

    def stay(self) -> None:
        """Keep the windows until their user has closed them, if there is a user."""
        if not sys.stdin.isatty() or not any(window.open for window in self.windows.values()):
            return
        import matplotlib.pyplot as plt

        self.say("Close the windows to end.")
        self._guard(lambda: plt.show(block=True))
