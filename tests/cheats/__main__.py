"""Lets every cheat loose on the examiner, at every level of isolation, and keeps the score.

Examples:
  python -m tests.cheats                          every cheat, every level that this machine has
  python -m tests.cheats frames --level process   the cheats of one kind at one level
  python -m tests.cheats frames/late network/udp  two cheats
  python -m tests.cheats --list                   what there is

Usage:
  python -m tests.cheats [options] [NAME]...

Options:
  --level LIST   Only at these levels, with commas between: namespace, kernel, process.
  --list         Show the cheats and what they try.
  --json FILE    Write the outcomes there.
  --jobs N       Lanes side by side; as many as the processor allows if not given.
  --corpus PATH  A folder with other cheats, KIND/NAME.py.
  -h, --help     Show this.

A score is what a cheat gained or took: points beyond an honest stub's, points of an honest
neighbour, and one each for a process or file left behind, for outliving the limits, for a fault of
the examiner and for an access that the level promises to refuse. Exit code: 0 all scores are 0,
1 some are not, 2 the command line is wrong.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from docopt import docopt
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from grading.isolation import ladder
from grading.machine import cpu_quota
from grading.scratch import remove
from tests.cheats import HERE, Cheat, all_cheats, lane
from tests.cheats.promises import Outcome
from tests.cheats.scoreboard import show

WIDTH = 120  # of the scoreboard in a file or a log
Task = tuple[str, Cheat]
Told = Callable[[Outcome], None]


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit code."""
    usage = (__doc__ or "").replace("python -m tests.cheats", "redteam")
    arguments = docopt(usage, list(words))
    console = Console(soft_wrap=True)
    if not console.is_terminal:
        console = Console(soft_wrap=True, width=WIDTH)
    corpus = all_cheats(Path(arguments["--corpus"] or HERE))
    cheats = [cheat for cheat in corpus if _is_meant(cheat, arguments["NAME"])]
    if arguments["--list"]:
        for cheat in cheats:
            console.print(f"{cheat.name:32}{cheat.tries}", markup=False, highlight=False)
        return 0
    here = levels_here()
    wanted = arguments["--level"].split(",") if arguments["--level"] else here
    missing = [f"level {level}" for level in wanted if level not in here]
    missing += [] if cheats else ["cheat of that name"]
    if missing:
        console.print(f"redteam: there is no {missing[0]} here; levels: {', '.join(here)}")
        return 2
    levels = [level for level in here if level in wanted]
    tasks = [(level, cheat) for level in levels for cheat in cheats]
    jobs = min(int(arguments["--jobs"] or cpu_quota()), len(tasks))
    begun = time.monotonic()
    outcomes = _run_with_progress(console, tasks, jobs)
    order = [(level, cheat.name) for level, cheat in tasks]
    outcomes.sort(key=lambda outcome: order.index((outcome.level, outcome.cheat)))
    show(console, outcomes, levels)
    console.print(
        f"{len(outcomes)} runs of {len(cheats)} cheats in {time.monotonic() - begun:.0f} s"
    )
    if arguments["--json"]:
        whole = json.dumps([outcome.to_json() for outcome in outcomes], indent=2)
        Path(arguments["--json"]).write_text(whole + "\n", encoding="utf-8")
    return int(any(outcome.score for outcome in outcomes))


def levels_here() -> list[str]:
    """The levels of isolation that this machine offers, the strongest first."""
    return [str(level) for level in reversed(ladder.available())]


def _is_meant(cheat: Cheat, names: Sequence[str]) -> bool:
    return not names or cheat.kind in names or cheat.name in names or cheat.path.stem in names


def _run_with_progress(console: Console, tasks: list[Task], jobs: int) -> list[Outcome]:
    columns = (TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console) as progress:
        shown = progress.add_task("warming up", total=len(tasks))

        def tell(outcome: Outcome) -> None:
            line = f"{outcome.level} {outcome.cheat}: {outcome.score}"
            progress.update(shown, advance=1, description=line)
            if not console.is_terminal:
                console.print(f"{line} ({outcome.seconds} s)", highlight=False)

        return run_all(tasks, jobs, tell)


def run_all(tasks: list[Task], jobs: int, tell: Told) -> list[Outcome]:
    """Carry out all tasks in so many lanes.

    Args:
        tasks: level by level.
        jobs: how many lanes.
        tell: hears each outcome.
    """
    waiting, lock = list(tasks), threading.Lock()
    outcomes, failed = list[Outcome](), list[Outcome]()

    def take(level: str) -> Task | None:
        """The next task, at the same level while there are any, since a change costs time."""
        with lock:
            if not waiting:
                return None
            same = [task for task in waiting if task[0] == level]
            task = same[0] if same else waiting[0]
            waiting.remove(task)
            return task

    def drive(tasks: Connection, level: str) -> None:
        while (task := take(level)) is not None:
            level = task[0]
            tasks.send(task)
            try:
                outcome: Outcome = tasks.recv()
            except EOFError:
                outcome = Outcome(task[1].name, level, trouble="the runner's lane has ended")
                failed.append(outcome)
            with lock:
                outcomes.append(outcome)
                tell(outcome)
            if outcome in failed:
                return
        tasks.send(None)
        with suppress(EOFError):
            tasks.recv()

    folder = Path(tempfile.mkdtemp(prefix="redteam-"))
    try:
        lanes = [_start_lane(folder / f"redteam{number}") for number in range(jobs)]
        first = [tasks[0][0]] + [tasks[-1][0]] * (jobs - 1)
        drivers = [
            threading.Thread(target=drive, args=(lane, level))
            for lane, level in zip(lanes, first, strict=True)
        ]
        for driver in drivers:
            driver.start()
        for driver in drivers:
            driver.join()
    finally:
        remove(folder)
    return outcomes


def _start_lane(folder: Path) -> Connection:
    """Fork a lane, before there is any thread; returns our end of its line."""
    folder.mkdir()
    ours, theirs = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork")
    fork.Process(target=lane.serve, args=(theirs, folder)).start()
    theirs.close()
    return ours


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
