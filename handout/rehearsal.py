"""Runs a Gradescope bundle here, as the site would, and prints what a student would be shown.

The bundle is unpacked and ``run_autograder`` called, as root in a `handout.container` of the site's
size. What differs is said: ``setup.sh`` is not run, this machine's Python, packages and data are
used, and there is no network.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from classroom.gradescope_run import SETTINGS, Settings
from data.cache import folders
from grading.archive import RefusedSubmission, unpack_zip
from grading.report.text import clean, counted
from grading.scratch import remove
from handout.build import homework, write
from handout.container import Container, enclosed
from handout.matching import all_regions

REQUIRED: dict[str, Any] = {
    "score": (int, float),
    "output": str,
    "tests": list,
    "leaderboard": list,
}
LAST_LINES = 15
STATES = ("visible", "hidden", "after_due_date", "after_published")


@dataclass
class Rehearsal:
    """What came of it.

    Attributes:
        shown: the last results.
        states: how often a new state of the results was seen.
        first: seconds until the first one, or None.
        problems: what the site would have refused, or what failed.
        seconds: of the whole run.
        code: of ``run_autograder``; None if it had to be ended.
        container: with its limits, and what became of them.
        printed: what only staff are shown.
    """

    container: Container
    shown: dict[str, Any] = field(default_factory=dict)
    states: int = 0
    first: float | None = None
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    code: int | None = None
    printed: str = ""


def rehearse(
    root: Path,
    content: bytes,
    submission: Path | None,
    container: Container,
    metadata: dict[str, Any] | None = None,
) -> Rehearsal:
    """Grade a submission with a bundle.

    Args:
        root: of the repository.
        content: the bundle.
        submission: a folder or zip; None for the solution itself.
        container: the site's size.
        metadata: what the site says of the submission; None for one that is in time.
    """
    scratch = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    try:
        base = scratch / "autograder"
        _lay_out(root, base, content, submission)
        said = json.dumps(metadata or in_time(datetime.now(timezone.utc)))
        (base / "submission_metadata.json").write_text(said, encoding="utf-8")
        return _run(base, container)
    finally:
        remove(scratch)


def _lay_out(root: Path, base: Path, content: bytes, submission: Path | None) -> None:
    for name in ("source", "submission", "results"):
        (base / name).mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(base / "source")
    shutil.copyfile(base / "source" / "run_autograder", base / "run_autograder")
    (base / "run_autograder").chmod(0o755)
    if submission is None:
        solved = {region.question for region in all_regions(root)}
        write(homework(root, solved), base / "submission")
    elif submission.is_dir():
        shutil.copytree(submission, base / "submission", dirs_exist_ok=True)
    else:
        with suppress(RefusedSubmission):  # the site keeps a zip that it cannot unpack
            unpack_zip(submission, base / "submission")
            return
        shutil.copy(submission, base / "submission")


def _run(base: Path, container: Container) -> Rehearsal:
    came = Rehearsal(container)
    settings = Settings.read(base / "source" / SETTINGS)
    data = [folder for folder in folders() if folder.is_dir()]
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "AUTOGRADER_PYTHON": sys.executable,
    }
    if data:
        environment["COURSEWORK_DATA"] = str(data[0])
    command = enclosed(["/autograder/run_autograder"], base, data[:1], environment)
    if not command:
        environment["AUTOGRADER_BASE"] = str(base)
        words = [f"{name}={value}" for name, value in environment.items()]
        command = ["env", "-i", *words, str(base / "run_autograder")]
        came.problems.append("bubblewrap is not installed: run without a file system of its own")
    seen = b""
    begun = time.monotonic()

    def look() -> None:
        nonlocal seen
        with suppress(OSError):
            now = (base / "results" / "results.json").read_bytes()
            if now != seen:
                seen = now
                came.states += 1
                came.first = came.first or time.monotonic() - begun
                came.problems += [f"state {came.states}: {one}" for one in faults(now)]

    output = base.parent / "output.txt"
    came.code = container.run(command, settings.minutes * 60, look, output)
    look()
    came.printed = output.read_text(encoding="utf-8", errors="replace")
    came.seconds = time.monotonic() - begun
    if came.first is None:
        came.problems.append("there was never a results.json")
    else:
        with suppress(ValueError):
            came.shown = json.loads(seen)
    if came.code is None:
        came.problems.append(f"it was ended after {settings.minutes:g} minutes")
    elif came.code:
        came.problems.append(f"run_autograder failed: it ended with {came.code}")
    if container.exceeded:
        came.problems.append("memory ran out, and a process was ended for it")
    return came


def faults(content: bytes) -> Iterator[str]:
    """What the site would not take in results, by its published format."""
    try:
        written = json.loads(content)
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    for name, kind in REQUIRED.items():
        if not isinstance(written.get(name), kind):
            yield f"{name} is {written.get(name)!r}"
    for test in written.get("tests", []):
        if not 0 <= test["score"] <= test["max_score"]:
            yield f"{test['name']}: {test['score']} of {test['max_score']}"
        if test["status"] not in ("passed", "failed") or test["visibility"] not in STATES:
            yield f"{test['name']}: {test['status']}, {test['visibility']}"
        if not all(isinstance(tag, str) for tag in test["tags"]):
            yield f"{test['name']}: its tags are no texts"


def in_time(now: datetime) -> dict[str, Any]:
    """What the site says of a first attempt that is in time."""
    due = (now + timedelta(days=1)).isoformat()
    return {
        "id": 1,
        "created_at": now.isoformat(),
        "assignment": {"due_date": due, "title": "Rehearsal", "total_points": "0.0"},
        "users": [{"email": "ada@students.example", "id": 1, "name": "Ada Rehearsal"}],
        "previous_submissions": [],
    }


def told(came: Rehearsal) -> list[str]:
    """What a student would be shown, line by line, and below it what staff want to know."""
    shown = came.shown
    if not shown:
        return [*came.problems, "Nothing would be shown.", *_printed(came)]
    total = f"{shown['score']}/{shown.get('max_score', '?')}"
    lines = [f"Autograder score: {total}", "", *clean(shown["output"]).split("\n"), ""]
    for test in shown["tests"]:
        if test["visibility"] == "visible":
            score = f"({test['score']}/{test['max_score']})"
            lines += [f"[{test['status']}] {clean(test['name'])} {score}"]
            if test["status"] != "passed":
                lines += [f"    {line}" for line in clean(test["output"]).split("\n")]
    hidden = sum(test["visibility"] != "visible" for test in shown["tests"])
    lines += [f"({counted(hidden, 'test')} not shown to students)"] * bool(hidden)
    lines += [
        "",
        "Leaderboard: "
        + ", ".join(f"{one['name']} {one['value']}" for one in shown["leaderboard"]),
    ]
    return [*lines, "", *_behind_the_scenes(came), *_printed(came)]


def _printed(came: Rehearsal) -> list[str]:
    """The end of what it printed, where something went wrong."""
    if came.code == 0 and not came.problems:
        return []
    return ["-- what staff would see:", *clean(came.printed).split("\n")[-LAST_LINES:]]


def _behind_the_scenes(came: Rehearsal) -> list[str]:
    box = came.container
    first = f"{came.first:.1f} s" if came.first is not None else "never"
    return [
        f"-- {came.seconds:.0f} s; peak {box.peak:.0f} of {box.memory} MiB, {box.processors:g} "
        f"processors; {box.limits}",
        f"-- results.json first seen after {first}, {counted(came.states, 'state')} seen; "
        f"run_autograder ended with {came.code}",
        "-- unlike the site: setup.sh was not run, this machine's packages and data were used, "
        "and there was no network",
        *(f"-- PROBLEM: {problem}" for problem in came.problems),
    ]
