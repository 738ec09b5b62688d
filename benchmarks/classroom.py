"""Times a whole class, and what limits it: speed, resuming, memory, scaling, training questions.

Parts, each with its target on two cores:
  class     a simulated class of 200 on q1, q5.values and q6: at most 5 minutes
  memory    the coordinator's memory with 20 submissions and with 200: the same
  scaling   1, 2 and 4 workers: rate, overhead a task, what 32 workers would come to
  resume    a finished class of 1,000: at most 10 s
  training  questions that train, against a serial loop over `-q`: 1.8 times as many an hour

Run: python benchmarks/classroom.py [PART]... [--count N]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PARTS = ("class", "memory", "scaling", "resume", "training")
LIGHT = "q1,q5.values,q6"
TRAINING = "q2,q5"
MINUTES, SECONDS, TIMES = 5.0, 10.0, 1.8


@dataclass
class Done:
    """One run of the command.

    Attributes:
        seconds: of the whole run.
        memory: the most that the coordinator held, in bytes.
        cpu: seconds of processor time that the coordinator took.
        out: the folder of the grades.
    """

    seconds: float
    memory: int
    cpu: float
    out: Path

    def outcomes(self) -> list[tuple[float, dict[str, object]]]:
        """When each outcome was written, and its record of the run."""
        with sqlite3.connect(self.out / "ledger.sqlite") as base:
            rows = base.execute("SELECT written, outcome FROM marks ORDER BY written").fetchall()
        base.close()
        return [(written, json.loads(outcome)["run"]) for written, outcome in rows]


def simulate(folder: Path, count: int, asked: str, seed: int = 1) -> Path:
    """A class of some size."""
    from handout.simulate import simulate as make

    make(ROOT, folder, count, seed=seed, asked=asked.split(","))
    return folder


def grade(submissions: Path, out: Path, asked: str, *words: str) -> Done:
    """Grade a class, and watch the coordinator."""
    command = [sys.executable, "autograder.py", "class", str(submissions), "--out", str(out)]
    command += ["-q", asked, "--seed", "1", "--no-similarity", *words]
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own command line
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    coordinator, memory, cpu = psutil.Process(process.pid), 0, 0.0
    while process.poll() is None:
        try:
            memory = max(memory, coordinator.memory_info().rss)
            times = coordinator.cpu_times()
            cpu = times.user + times.system
        except psutil.Error:
            break
        time.sleep(0.1)
    if process.wait() not in (0, 1):
        raise SystemExit(f"a run ended with code {process.returncode}: {command}")
    return Done(time.perf_counter() - begun, memory, cpu, out)


def time_class(scratch: Path, count: int) -> bool:
    """The issue's first number."""
    done = grade(simulate(scratch / "class", count, LIGHT), scratch / "class-grades", LIGHT)
    limit = 60 * MINUTES * count / 200
    print(
        f"class: {count} submissions on {LIGHT} in {done.seconds:.0f} s "
        f"({60 * count / done.seconds:.1f} a minute; target {limit:.0f} s)"
    )
    return done.seconds <= limit


def compare_memory(scratch: Path, count: int) -> bool:
    """Twenty submissions and many, on one check each."""
    sizes = []
    for size in (max(2, count // 10), count):
        made = simulate(scratch / f"memory{size}", size, "q6.values")
        done = grade(made, scratch / f"memory{size}-grades", "q6.values")
        sizes.append(done.memory / 2**20)
        print(f"memory: {size} submissions: the coordinator holds {sizes[-1]:.0f} MiB at most")
    flat = sizes[1] <= 1.15 * sizes[0]
    print(f"memory: {sizes[1] / sizes[0]:.2f} times as much (target: flat, at most 1.15)")
    return flat


def scale(scratch: Path, count: int) -> bool:
    """Rates with 1, 2 and 4 workers, and what would bound 32."""
    made = simulate(scratch / "scaling", count, LIGHT, seed=49)
    rates = {}
    for workers in (1, 2, 4):
        out = scratch / f"scaling-{workers}"
        done = grade(made, out, LIGHT, "--workers", str(workers))
        found = done.outcomes()
        span = found[-1][0] - found[0][0]
        rates[workers] = (len(found) - 1) / span
        checks = sum(float(str(run.get("seconds", 0.0))) for _, run in found[1:])
        cycle = workers * span / (len(found) - 1)
        own = checks / (len(found) - 1)
        coordinator = done.cpu / len(found)
        print(
            f"scaling: {workers} workers: {60 * rates[workers]:.0f} tasks a minute "
            f"({rates[workers] / rates[1]:.2f} times one); a task takes a worker {cycle:.2f} s, "
            f"{own:.2f} s of it in the examiner; the coordinator spends {1000 * coordinator:.0f} ms"
        )
    task, packing, size = overhead(made)
    rate = 1 / (task + packing / len(LIGHT.split(",")))
    print(
        f"scaling: a task that does nothing: {1000 * task:.1f} ms with {size / 1024:.0f} KiB of "
        f"submission; to pack that, once a submission: {1000 * packing:.0f} ms; both allow one "
        f"coordinator {rate:.0f} tasks a second"
    )
    ideal = 32 * rates[1]
    print(
        f"scaling: 32 workers on 32 cores: {60 * min(ideal, rate):.0f} tasks a minute; "
        f"{'the coordinator' if ideal > rate else 'the checks themselves'} would bound it, the "
        f"coordinator at {rate / rates[1]:.0f} workers"
    )
    return True


def overhead(made: Path, count: int = 400) -> tuple[float, float, int]:
    """Seconds for a task that comes back at once, seconds to pack a submission, and its bytes."""
    from collections import deque

    from classroom import task
    from classroom.cluster import open_cluster
    from classroom.packing import pack
    from classroom.submissions import entries

    zips = [path for path in entries(made) if path.suffix == ".zip"]
    packed = max(map(pack, zips), key=len)
    begun = time.perf_counter()
    for path in zips:
        pack(path)
    packing = (time.perf_counter() - begun) / len(zips)
    order = json.dumps({"grader": "another", "supplies": ""})
    with open_cluster(None, 2) as client:
        waiting = deque()
        begun = time.perf_counter()
        for number in range(count):
            waiting.append(client.submit(task.grade, order, packed, key=f"n{number}", pure=False))
            if len(waiting) >= 4:
                waiting.popleft().result()
        for future in waiting:
            future.result()
        return (time.perf_counter() - begun) / count, packing, len(packed)


def resume(scratch: Path, count: int) -> bool:
    """A class of many whose ledger is full: real outcomes, given to each of its addresses."""
    from classroom.agenda import agenda
    from classroom.ledger import Ledger
    from classroom.roster import Roster
    from classroom.selection import tasks
    from classroom.submissions import read_submissions

    few, many, out = scratch / "few", scratch / "many", scratch / "many-grades"
    done = grade(simulate(few, 10, LIGHT), scratch / "few-grades", LIGHT)
    simulate(many, count, LIGHT, seed=7)
    with sqlite3.connect(done.out / "ledger.sqlite") as base:
        rows = base.execute("SELECT question, outcome FROM marks").fetchall()
    base.close()
    real = {question: outcome for question, outcome in rows if '"checks"' in outcome}
    with Ledger(out, 1) as ledger:
        asked = tasks(tuple(LIGHT.split(",")), ledger)
        plan = agenda(read_submissions(many, Roster()).handed_in, asked, ledger.seed)
        assert ledger.base is not None  # noqa: S101 - it is open
        ledger.base.execute("BEGIN")
        for name, unit in plan.units.items():
            values = (name, unit.task.question, real[unit.task.question], 1, "", time.time())
            ledger.base.execute("INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?)", values)
        ledger.base.execute("COMMIT")
    grade(many, out, LIGHT)  # the first one writes every file of the gradebook
    took = grade(many, out, LIGHT).seconds
    print(f"resume: a finished class of {count} in {took:.1f} s (target {SECONDS:.0f} s)")
    return took <= SECONDS


def train(scratch: Path, count: int) -> bool:
    """A class of complete solutions, and the same one by one."""
    from tests.mutants import copy_solution

    made = scratch / "training"
    for number in range(count):
        folder = copy_solution(made / f"s{number}")
        with (folder / "losses.py").open("a") as file:
            file.write(f"\n# {number}: equal bytes would be graded once\n")
    done = grade(made, scratch / "training-grades", TRAINING)
    begun = time.perf_counter()
    for folder in sorted(made.iterdir()):
        command = [sys.executable, "autograder.py", "-q", TRAINING, "--submission", str(folder)]
        subprocess.run(  # noqa: S603 - our own command line
            [*command, "--json", str(scratch / "results.json")],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            check=False,
        )
    serial = time.perf_counter() - begun
    print(
        f"training: {count} submissions on {TRAINING}: {3600 * count / done.seconds:.0f} an hour, "
        f"one by one {3600 * count / serial:.0f}: {serial / done.seconds:.2f} times as many "
        f"(target {TIMES})"
    )
    return serial / done.seconds >= TIMES


def main() -> int:
    """Run the parts that are asked for, and return whether a target was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--count", type=int, help="submissions, where a part has a choice")
    given = parser.parse_args()
    if set(given.parts) - set(PARTS):
        parser.error(f"the parts are {', '.join(PARTS)}")
    sizes = {"class": 200, "memory": 200, "scaling": 24, "resume": 1000, "training": 6}
    run = {
        "class": time_class,
        "memory": compare_memory,
        "scaling": scale,
        "resume": resume,
        "training": train,
    }
    missed = []
    for part in given.parts or PARTS:
        scratch = Path(tempfile.mkdtemp(prefix="classroom-"))
        try:
            if not run[part](scratch, given.count or sizes[part]):
                missed.append(part)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        sys.stdout.flush()
    print(f"missed: {', '.join(missed)}" if missed else "every target is met")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
