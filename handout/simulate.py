"""Makes a synthetic class, with the marks that its grading must come to: ``handout simulate``.

The folder holds one entry a submission, ``KEY``, ``KEY.zip`` or ``KEY_attempt2.zip``, a policy and
three lists, which are no submissions:

    policy.toml    which questions are graded, and the deadline; being late costs nothing
    roster.csv     key,name,email,section; one person on it has handed in nothing
    handed_in.csv  submission,at: when each entry was handed in
    expected.csv   what each must earn, before any penalty for being late, and why

With ``gradescope`` as its layout it is that site's export instead: folders ``submission_N`` and
``submission_metadata.yml``, which says whose they are and when they came; one attempt a person.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import random
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from classroom.records import Person
from grading.questions import select
from handout.synthetic_people import people
from handout.synthetic_work import Desk, Work

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=timezone.utc)
QUESTIONS = ("q1", "q5", "q6")

GOOD, PARTIAL, MISTAKE, STUB = "good", "partial", "mistake", "stub"
LATE, DEEP, REFUSED = "late", "one folder too deep", "refused"
CHEAT, ENDLESS, HUNGRY = "cheat", "endless loop", "memory bomb"
SHARES = {
    **{GOOD: 30, PARTIAL: 20, MISTAKE: 22, STUB: 5, LATE: 8, DEEP: 4},
    **{REFUSED: 4, CHEAT: 7, ENDLESS: 0, HUNGRY: 0},  # the last two: one in FEW, for their time
}
FEW = 50
AGAIN = 0.1  # the share of submissions that are a second attempt


class SimulationError(Exception):
    """The class cannot be made as asked; the message says what to change."""


@dataclass(frozen=True)
class Entry:
    """One submission of the class.

    Attributes:
        person: whose it is.
        attempt: from 1.
        kind: what it is an example of.
        at: when it was handed in.
        work: what is in it.
        zipped: whether it lies there as a zip.
        broken: whether the zip is cut off.
    """

    person: Person
    attempt: int
    kind: str
    at: datetime
    work: Work
    zipped: bool = True
    broken: bool = False

    @property
    def key(self) -> str:
        """The entry's name without ``.zip``."""
        return self.person.key + (f"_attempt{self.attempt}" if self.attempt > 1 else "")

    @property
    def days_late(self) -> int:
        """Days after the deadline, begun ones counted."""
        return max(0, math.ceil((self.at - DUE) / timedelta(days=1)))


def simulate(
    root: Path,
    out: Path,
    count: int,
    seed: int = 0,
    asked: Sequence[str] = QUESTIONS,
    layout: str = "plain",
) -> list[Entry]:
    """Write a class of `count` submissions into a new folder.

    Args:
        root: of the repository, with its tests.
        out: the folder; it must be new or empty.
        count: submissions.
        seed: the same seed makes the same class, byte for byte.
        asked: ids of questions, or of checks where only some count.
        layout: ``plain`` or ``gradescope``.

    Raises:
        SimulationError: if it cannot be made there.
        UsageError: if a question is unknown.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SimulationError(f"{out} is there already; name a new folder")
    chosen, _ = select(tuple(asked))
    counted = {q.id: {c.id: c.points for c in q.checks} for q in chosen}
    draw = random.Random(seed)
    desk = Desk(root, chosen, draw)
    entries, absent = _class(desk, count, draw, once=layout != "plain")
    out.mkdir(parents=True, exist_ok=True)
    names = [_write(entry, number, out, layout) for number, entry in enumerate(entries, 1)]
    persons = {entry.person.key: entry.person for entry in entries} | {absent.key: absent}
    _write_list(out / "roster.csv", ROSTER, map(_roster_row, persons.values()))
    (out / "policy.toml").write_text(_policy(asked), encoding="utf-8")
    if layout == "plain":
        times = ([name, entry.at.isoformat()] for name, entry in zip(names, entries, strict=True))
        _write_list(out / "handed_in.csv", ("submission", "at"), times)
    else:
        (out / "submission_metadata.yml").write_text(_metadata(names, entries), encoding="utf-8")
    rows = (_expected_row(name, entry, counted) for name, entry in zip(names, entries, strict=True))
    _write_list(out / "expected.csv", (*EXPECTED, *counted, "total"), rows)
    return entries


ROSTER = ("key", "name", "email", "section")
EXPECTED = ("submission", "person", "attempt", "kind", "about", "at", "days_late")


def _class(desk: Desk, count: int, draw: random.Random, once: bool) -> tuple[list[Entry], Person]:
    """The submissions in the order of their names, and somebody who has handed in nothing."""
    crowd = people(draw)
    entries: list[Entry] = []
    for kind in _kinds(count, draw):
        entry = _entry(desk, kind, next(crowd), draw)
        before = entries[-1] if entries else None
        if not once and before and before.attempt == 1 and draw.random() < AGAIN:
            later = before.at + timedelta(minutes=draw.randint(5, 1200))
            entry = replace(entry, person=before.person, attempt=2, at=max(entry.at, later))
        entries.append(entry)
    return entries, next(crowd)


def _kinds(count: int, draw: random.Random) -> list[str]:
    """Every kind once, as far as they go, then as the shares say; in a random order."""
    kinds = list(SHARES)[:count]
    few = max(0, count // FEW - 1)
    kinds += ([ENDLESS, HUNGRY] * few)[: max(0, count - len(kinds))]
    kinds += draw.choices(list(SHARES), list(SHARES.values()), k=count - len(kinds))
    draw.shuffle(kinds)
    return kinds


def _entry(desk: Desk, kind: str, person: Person, draw: random.Random) -> Entry:
    makers = {
        **{GOOD: desk.good, PARTIAL: desk.partial, MISTAKE: desk.mistake, STUB: desk.stub},
        **{LATE: draw.choice((desk.good, desk.partial, desk.mistake)), DEEP: desk.good},
        **{CHEAT: desk.cheat, ENDLESS: desk.endless, HUNGRY: desk.hungry, REFUSED: desk.good},
    }
    try:
        work = makers[kind]()
    except LookupError:  # not every question has a mutant or a cheat whose outcome is certain
        kind, work = PARTIAL, desk.partial()
    minutes = draw.randint(1, 4 * 1440) if kind == LATE else -draw.randint(1, 3 * 1440)
    entry = Entry(person, 1, kind, DUE + timedelta(minutes=minutes), _signed(work, person))
    entry = replace(entry, zipped=draw.random() < 0.7)
    if kind == DEEP:
        return replace(entry, work=_below("homework", entry.work))
    return _refused(entry, draw) if kind == REFUSED else entry


def _refused(entry: Entry, draw: random.Random) -> Entry:
    """Good work that cannot be graded because of the way that it was handed in."""
    way = draw.choice(("two folders too deep", "a notebook alone", "nothing", "a zip cut off"))
    files = entry.work.files
    if way == "a notebook alone":
        files = {"homework.ipynb": b'{"cells": [], "metadata": {}, "nbformat": 4}\n'}
    work = Work(way, {} if way == "nothing" else files)
    if way == "two folders too deep":
        work = _below("final/homework", work)
    cut = way == "a zip cut off"
    zipped = cut or (way != "nothing" and entry.zipped)
    return replace(entry, work=work, zipped=zipped, broken=cut)


def _below(folder: str, work: Work) -> Work:
    return replace(work, files={f"{folder}/{path}": text for path, text in work.files.items()})


def _signed(work: Work, person: Person) -> Work:
    """With the person's name in it: nobody's files are byte for byte somebody else's."""
    name = next(path for path in ("train.py", "losses.py", "models.py") if path in work.files)
    signature = f"\n# {person.name}, {person.key}\n".encode()
    return replace(work, files={**work.files, name: work.files[name] + signature})


def _write(entry: Entry, number: int, out: Path, layout: str) -> str:
    """Write one submission; returns the name of its file or folder."""
    if layout == "plain" and entry.zipped:
        content = _zip(entry)
        name = f"{entry.key}.zip"
        (out / name).write_bytes(content[: len(content) // 2] if entry.broken else content)
        _date(out / name, entry.at)
        return name
    name = entry.key if layout == "plain" else f"submission_{100000 + number}"
    folder = out / name
    folder.mkdir()
    if entry.broken:
        (folder / "homework.zip").write_bytes(_zip(entry)[:1000])
    for path, content in {} if entry.broken else entry.work.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        _date(file, entry.at)
    _date(folder, entry.at)
    return name


def _zip(entry: Entry) -> bytes:
    packed = io.BytesIO()
    at = entry.at.timetuple()[:6]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(entry.work.files.items()):
            info = zipfile.ZipInfo(path, (at[0], *at[1:6]))
            info.create_system = 3  # Unix, whatever this machine is
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content, compresslevel=1)
    return packed.getvalue()


def _date(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


def _write_list(path: Path, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heading)
        writer.writerows(rows)


def _roster_row(person: Person) -> list[str]:
    return [person.key, person.name, person.email, person.section]


def _expected_row(name: str, entry: Entry, counted: dict[str, dict[str, int]]) -> list[Any]:
    """What an entry must earn: the points of the checks that it passes."""
    marks = [
        sum(points for check, points in checks.items() if check in entry.work.passes)
        for checks in counted.values()
    ]
    said = [entry.kind, entry.work.about, entry.at.isoformat(), entry.days_late]
    return [name, entry.person.key, entry.attempt, *said, *marks, sum(marks)]


def _policy(asked: Sequence[str]) -> str:
    return (
        'title = "A synthetic class"\n'
        f"questions = {json.dumps(list(asked))}\n\n"
        f"[late]\ndeadline = {DUE.isoformat()}\n"
    )


def _metadata(names: list[str], entries: list[Entry]) -> str:
    """The export's own list; a text in double quotes is the same in YAML and in JSON."""

    def lines() -> Iterator[str]:
        for name, entry in zip(names, entries, strict=True):
            person = entry.person
            at = entry.at.strftime("%Y-%m-%d %H:%M:%S.000000000 Z")
            yield f"{name}:"
            yield "  :submitters:"
            yield f"  - :name: {json.dumps(person.name, ensure_ascii=False)}"
            yield f"    :sid: {json.dumps(person.key)}"
            yield f"    :email: {json.dumps(person.email)}"
            yield f"  :created_at: {at}"
            yield "  :score: 0.0"
            yield "  :status: processed"

    return "\n".join(lines()) + "\n"


def described(entries: list[Entry]) -> str:
    """How many there are of each kind."""
    counts = Counter(entry.kind for entry in entries)
    return ", ".join(f"{counts[kind]} {kind}" for kind in SHARES if counts[kind])
