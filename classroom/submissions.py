"""What a class handed in: a folder of folders and zips becomes a list of attempts.

Nothing is lost: an entry that cannot be graded is listed with the reason, and whatever else was
odd is told in a remark. Which person an entry belongs to follows from its name and the roster:
``KEY.zip``, ``KEY/``, ``KEY_attempt2.zip``, or ``KEY_2.zip`` where the roster knows ``KEY``; a
folder of several zips holds one person's attempts. ``handed_in.csv`` among them says when each
came; Gradescope's export has a file of its own that says it all.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from classroom.records import HandedIn
from classroom.roster import Roster, without_zip
from classroom.times import read_times
from grading.archive import IGNORED_PARTS
from grading.options import UsageError
from grading.spellings import HOMEWORK_MODULES

METADATA, TIMES = "submission_metadata.yml", "handed_in.csv"
ATTEMPT = re.compile(r"(?P<who>.+?)[ _-]+attempt[ _-]*(?P<number>[0-9]{1,6})", re.IGNORECASE)
NUMBERED = re.compile(r"(?P<who>.+?)[ _-]+(?P<number>[0-9]{1,6})")
LISTS = frozenset({".csv", ".tsv", ".yml", ".yaml", ".json", ".toml", ".md", ".txt", ".html"})
KNOWN_LISTS = frozenset({TIMES, "roster.csv", "expected.csv", "policy.toml"})
LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


@dataclass
class Pile:
    """Everything that was found in a folder of submissions.

    Attributes:
        handed_in: one entry an attempt, by person and attempt.
        remarks: what staff should know of, one line each.
    """

    handed_in: list[HandedIn] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_submissions(folder: Path, roster: Roster) -> Pile:
    """List what a class handed in.

    Raises:
        UsageError: if there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}; name the one that holds the submissions")
    if (folder / METADATA).is_file():
        from classroom.gradescope_export import read_export

        pile = read_export(folder, folder / METADATA, roster)
    else:
        pile = Pile()
        pile.handed_in = list(_plain(folder, roster, pile.remarks))
    if not pile.handed_in:
        raise UsageError(f"{folder} holds no submission; each is a folder or a zip of its own")
    pile.handed_in = in_order(with_own_keys(pile.handed_in, pile.remarks))
    if roster.people:
        known = {person.key for person in roster.people}
        strangers = [one.key for one in pile.handed_in if one.person not in known]
        pile.remarks += [f"{key}: nobody on the roster goes by this name" for key in strangers]
    return pile


def _plain(folder: Path, roster: Roster, remarks: list[str]) -> Iterator[HandedIn]:
    times = read_times(folder / TIMES) if (folder / TIMES).is_file() else {}
    unused = set(times)
    for one in _entries(folder, roster, remarks):
        names = (printable(one.path.relative_to(folder).as_posix()), one.key)
        unused.difference_update(names)
        yield replace(one, at=next((times[name] for name in names if name in times), None))
    remarks += [f"{TIMES}: {name}: no submission has this name" for name in sorted(unused)]


def _entries(folder: Path, roster: Roster, remarks: list[str]) -> Iterator[HandedIn]:
    for path in entries(folder):
        name = printable(path.name)
        if name != unicodedata.normalize("NFC", path.name):
            remarks.append(f"{name}: the name is not UTF-8; this is how it reads in Latin-1")
        if path.is_dir():
            yield from _folder(path, name, roster)
        elif name.lower().endswith(".zip"):
            person, attempt = whose(without_zip(name), roster)
            yield HandedIn(without_zip(name), path, person, attempt)
        elif name in KNOWN_LISTS:
            continue
        elif path.suffix.lower() in LISTS:
            remarks.append(f"{name}: passed over, it is neither a folder nor a zip")
        else:
            person, attempt = whose(printable(path.stem), roster)
            trouble = f"{name} is neither a folder nor a zip; hand in a zip"
            yield HandedIn(name, path, person, attempt, trouble=trouble)


def _folder(path: Path, name: str, roster: Roster) -> Iterator[HandedIn]:
    """A folder is one attempt, or where zips lie in it, one person's attempts."""
    person, attempt = whose(name, roster)
    whole = HandedIn(name, path, person, attempt)
    try:
        inside = list(entries(path))
        zips = [one for one in inside if one.suffix.lower() == ".zip" and one.is_file()]
        if not inside:
            yield replace(whole, trouble="the folder is empty")
        elif not zips or _holds_homework(path):
            yield whole
        elif len(zips) == 1:
            yield replace(whole, path=zips[0])
        else:
            for one in zips:
                stem = without_zip(printable(one.name))
                told = ATTEMPT.fullmatch(stem)  # any other number may be a date or the homework's
                attempt = max(1, int(told["number"])) if told else 1
                yield replace(whole, key=f"{name}_{stem}", path=one, attempt=attempt)
    except OSError as error:
        yield replace(whole, trouble=f"the folder cannot be read: {error.strerror or error}")


def whose(name: str, roster: Roster) -> tuple[str, int]:
    """The person of an entry and the attempt that its name speaks of.

    Args:
        name: the entry's, without ``.zip``.
        roster: who is in the class.

    Returns:
        The person's key, or the name itself where the roster does not help; the attempt, or 1.
    """
    known = roster.find(name)
    if known is not None:
        return known.key, 1
    told = ATTEMPT.fullmatch(name)
    if told:
        known = roster.find(told["who"])
        return (known.key if known else told["who"]), max(1, int(told["number"]))
    numbered = NUMBERED.fullmatch(name)
    known = roster.find(numbered["who"]) if numbered else None
    if known is not None and numbered is not None:
        return known.key, max(1, int(numbered["number"]))
    return name, 1


def in_order(handed_in: Iterable[HandedIn]) -> list[HandedIn]:
    """Attempts by person, each person's numbered as they came, no number twice."""
    ordered = sorted(handed_in, key=_moment)
    last: dict[str, int] = {}
    numbered = []
    for one in ordered:
        number = max(one.attempt, last.get(one.person, 0) + 1)
        last[one.person] = number
        numbered.append(replace(one, attempt=number))
    return numbered


def _moment(one: HandedIn) -> tuple[str, int, datetime, list[tuple[str, int]]]:
    """By number, then by time, and last by name, ``hw_2`` before ``hw_10``."""
    words = re.findall(r"([^0-9]*)([0-9]*)", one.key)
    name = [(word, int(digits or 0)) for word, digits in words]
    return one.person, one.attempt, one.at or LONG_AGO, name


def with_own_keys(handed_in: Iterable[HandedIn], remarks: list[str]) -> list[HandedIn]:
    """The same with a key each, also on a disk where small and large letters are one.

    ``ada.zip`` beside ``ada/`` keeps its whole name as its key; what is left gets a number.
    """
    taken: dict[str, HandedIn] = {}
    for one in handed_in:
        key, number = one.key, 1
        while key.casefold() in taken:
            number += 1
            tail = ".zip" if number == 2 and one.path.suffix.lower() == ".zip" else f"~{number}"
            key = f"{one.key}{tail}"
        if key != one.key:
            other = printable(taken[one.key.casefold()].path.name)
            remarks.append(
                f"{printable(one.path.name)}: {other} has the same name; both are graded, "
                f"this one as {key}"
            )
        taken[key.casefold()] = replace(one, key=key)
    return list(taken.values())


def entries(folder: Path) -> Iterator[Path]:
    """What lies in a folder, in a fixed order, without what systems leave there."""
    for name in sorted(os.listdir(folder)):
        if not name.startswith(".") and name not in IGNORED_PARTS:
            yield folder / name


def _holds_homework(folder: Path) -> bool:
    """Whether a folder, or one just below it, holds a file of the homework."""
    below = [path for path in entries(folder) if path.is_dir()]
    return any(
        (place / f"{name}.py").is_file() or (place / name).is_dir()
        for place in (folder, *below)
        for name in HOMEWORK_MODULES
    )


def printable(name: str) -> str:
    """A file's name as text in NFC, also where its bytes are no UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name).decode("latin-1")
    return unicodedata.normalize("NFC", name)
