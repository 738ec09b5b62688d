"""How far a class has come, told while it is graded: live on a terminal, else now and then."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.live import Live
from rich.text import Text

from classroom.ledger import Outcome
from classroom.units import Unit

SECONDS_BETWEEN_DRAWINGS = 0.5
SECONDS_BETWEEN_LINES = 15.0
SECONDS_TO_JUDGE = 5.0  # before a rate means anything


class Progress:
    """Counts what is settled and tells it.

    Args:
        units: what this run has to do.
        done: units that were in the ledger already.
        console: where it is told.
        clock: seconds.
    """

    def __init__(
        self,
        units: Iterable[Unit],
        done: int = 0,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.console = console or Console(highlight=False, markup=False, emoji=False)
        self.clock = clock
        self.left = Counter(unit.path for unit in units)  # questions by submission
        self.todo = sum(self.left.values())
        self.submissions = len(self.left)
        self.total = self.todo + done
        self.done = done
        self.fresh = self.failed = self.finished = self.running = self.slots = 0
        self.began = self.told = clock()
        self.live: Live | None = None

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            self.live = Live(
                console=self.console, auto_refresh=False, get_renderable=lambda: Text(self.line())
            )
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live is not None:
            self.live.update(Text(self.line()), refresh=True)
            self.live.stop()
        elif self.fresh:
            self.console.print(self.line(), soft_wrap=True)

    def tick(self, running: int, slots: int) -> None:
        """Some time has passed.

        Args:
            running: units under way.
            slots: how many the workers can run side by side.
        """
        self.running, self.slots = min(running, slots), slots
        now = self.clock()
        pause = SECONDS_BETWEEN_DRAWINGS if self.live else SECONDS_BETWEEN_LINES
        if now < self.told + pause:
            return
        self.told = now
        if self.live is not None:
            self.live.refresh()
        else:
            self.console.print(self.line(), soft_wrap=True)

    def settled(self, unit: Unit, outcome: Outcome) -> None:
        """A unit has an outcome."""
        self.done += 1
        self.fresh += 1
        self.failed += bool(outcome.trouble) or not outcome.final
        self.left[unit.path] -= 1
        self.finished += self.left[unit.path] == 0

    def line(self) -> str:
        """All that is known, in one line."""
        if not self.slots and self.fresh < self.todo:
            return f"{self.done} of {self.total} done; waiting for workers"
        parts = [
            f"{self.done} of {self.total} done",
            f"{self.running} running",
            f"{self.failed} failed",
        ]
        seconds = self.clock() - self.began
        if seconds > SECONDS_TO_JUDGE and self.fresh:
            rate = self.fresh / seconds * self.submissions / self.todo
            parts.append(f"{60 * rate:.1f} submissions a minute")
            parts.append(f"{duration((self.todo - self.fresh) * seconds / self.fresh)} left")
        return ", ".join(parts)


def duration(seconds: float) -> str:
    """A time as people say it."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    if whole < 5400:
        return f"{round(whole / 60)} min"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
