"""Times a training check at each level of isolation, and what a level adds to a run's start.

The check is one that trains (q8.learns, if no other is named); rounds take the levels in turn, in
one process, so that all meet the same load. What counts is the processor time of the quickest
round: neighbours on a shared machine only ever add to it. Target: training at every level within
3 % of `process`.

Run: python benchmarks/isolation.py [ROUNDS] [CHECK]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from grading.audience import Audience  # noqa: E402 - found through the line above
from grading.examiner import grade  # noqa: E402
from grading.forking import ForkLauncher  # noqa: E402
from grading.isolation import ladder  # noqa: E402
from grading.isolation.ladder import Level  # noqa: E402
from grading.launcher import Launcher, Worker  # noqa: E402
from grading.lending import Lease  # noqa: E402
from grading.options import Options  # noqa: E402
from grading.results import Status  # noqa: E402
from grading.temporary import TemporaryFolder  # noqa: E402

MOST = 1.03


class Timed(Lease):
    """Notes the processor time of the worker just before it is ended."""

    cpu = 0.0

    def launch(self) -> Worker:
        """Start one worker, and keep an eye on it."""
        worker = super().launch()
        process, end = psutil.Process(worker.pid), worker.end

        def note_and_end() -> None:
            with suppress(psutil.NoSuchProcess):  # it had gone home already
                times = process.cpu_times()
                self.cpu = max(self.cpu, times.user + times.system)
            end()

        worker.end = note_and_end
        return worker


def training(launcher: Launcher, check: str) -> tuple[float, float]:
    """Seconds that one check takes, by the clock and of processor time."""
    while True:
        lease = Timed(launcher)
        lent: Callable[..., Launcher] = lambda *_: lease  # noqa: B023, E731 - used at once
        (result,) = grade(Options(ROOT, (check,), seed=1), Audience(), launch=lent).checks
        if result.status is not Status.PASSED:
            raise SystemExit(f"{check} {result.status.value}: {result.feedback}")
        if lease.cpu:  # else its worker ended before it was looked at
            return result.seconds, lease.cpu


def start(level: Level) -> tuple[float, float]:
    """Milliseconds to a server's first worker, and to a further one."""
    with TemporaryFolder() as folder:
        begun = time.perf_counter()
        launcher = ForkLauncher(folder, 1, level)
        seconds = []
        for _ in range(6):
            worker = launcher.launch()
            worker.source.read(1)
            seconds.append(time.perf_counter() - begun)
            worker.end()
            worker.ended.wait(10.0)
            worker.close()
            begun = time.perf_counter()
        launcher.close()
    return 1000 * seconds[0], 1000 * statistics.median(seconds[1:])


def main() -> int:
    """Run the rounds, and print seconds and ratios."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print((__doc__ or "").strip())
        return 0
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    check = sys.argv[2] if len(sys.argv) > 2 else "q8.learns"
    levels = ladder.available()
    for level in Level:
        begun = time.perf_counter()
        why = ladder.missing(level)
        print(f"{level}: {why or 'works'} (found out in {time.perf_counter() - begun:.2f} s)")
    clock: dict[Level, list[float]] = {level: [] for level in levels}
    cpu: dict[Level, list[float]] = {level: [] for level in levels}
    starts: dict[Level, list[tuple[float, float]]] = {level: [] for level in levels}
    with TemporaryFolder() as folder:
        launchers = {}
        for level in levels:
            (folder / str(level)).mkdir()
            launchers[level] = ForkLauncher(folder / str(level), 1, level)
            training(launchers[level], check)  # reads the data, warms the disk's cache
        for number in range(rounds):
            for level in levels if number % 2 else levels[::-1]:
                seconds, busy = training(launchers[level], check)
                clock[level].append(seconds)
                cpu[level].append(busy)
                print(
                    f"round {number + 1}: {level} {seconds:.2f} s, processor {busy:.2f} s",
                    flush=True,
                )
        for launcher in launchers.values():
            launcher.close()
    for _ in range(max(1, rounds // 3)):
        for level in levels:
            starts[level].append(start(level))
    base = min(cpu[Level.PROCESS])
    worst = 0.0
    for level in levels:
        seconds, busy = min(clock[level]), min(cpu[level])
        median = statistics.median(cpu[level]) / statistics.median(cpu[Level.PROCESS])
        first, further = (statistics.median(column) for column in zip(*starts[level], strict=True))
        worst = max(worst, busy / base)
        print(
            f"{level!s:10} {check} {seconds:6.2f} s, processor {busy:6.2f} s ({busy / base:.3f}, "
            f"of the medians {median:.3f}); "
            f"first worker {first:5.0f} ms, a further one {further:4.0f} ms"
        )
    print(f"slowest against process: {worst:.3f} (target {MOST})")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
