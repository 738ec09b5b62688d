"""What is told while a class is graded: done, running, failed, the rate, the time left."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from classroom.ledger import Outcome
from classroom.progress import Progress, duration
from classroom.units import Task, Unit

DONE = Outcome({"id": "q1"}, {})
FAILED = Outcome({}, {}, "the examiner has ended", final=False)


def units(submissions: int, questions: int = 2) -> list[Unit]:
    return [
        Unit(f"{s}-{q}", Task(f"q{q}", (f"q{q}",)), Path(f"s{s}"), "")
        for s in range(submissions)
        for q in range(questions)
    ]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def made(todo: list[Unit], done: int = 0, tty: bool = False) -> tuple[Progress, Clock, io.StringIO]:
    clock, screen = Clock(), io.StringIO()
    console = Console(file=screen, force_terminal=tty, width=120, highlight=False)
    return Progress(todo, done, console, clock), clock, screen


def test_all_is_counted() -> None:
    todo = units(4)
    progress, clock, _ = made(todo, done=2)
    progress.tick(4, 2)
    for unit in todo[:4]:
        progress.settled(unit, DONE)
    progress.settled(todo[4], FAILED)
    clock.now += 60
    assert progress.line() == (
        "7 of 10 done, 2 running, 1 failed, 2.5 submissions a minute, 36 s left"
    )


def test_nothing_is_promised_in_the_first_moments() -> None:
    todo = units(1)
    progress, _, _ = made(todo)
    progress.tick(1, 1)
    progress.settled(todo[0], DONE)
    assert progress.line() == "1 of 2 done, 1 running, 0 failed"


def test_a_cluster_without_workers_is_told() -> None:
    progress, _, _ = made(units(1))
    progress.tick(0, 0)
    assert progress.line() == "0 of 2 done; waiting for workers"


def test_lines_are_far_between_where_nothing_can_be_redrawn() -> None:
    todo = units(40)
    progress, clock, screen = made(todo)
    with progress:
        for unit in todo[:60]:
            progress.settled(unit, DONE)
            clock.now += 1
            progress.tick(2, 2)
    assert len(screen.getvalue().splitlines()) == 60 // 15 + 1


def test_a_terminal_shows_one_line_that_changes() -> None:
    todo = units(2)
    progress, clock, screen = made(todo, tty=True)
    with progress:
        for unit in todo:
            clock.now += 10
            progress.tick(2, 2)
            progress.settled(unit, DONE)
    assert "3 of 4 done" in screen.getvalue()
    assert "4 of 4 done" in screen.getvalue()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (89, "89 s"), (95, "2 min"), (3600, "60 min"), (7260, "2 h 01 min")],
    ids=str,
)
def test_times_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said
