"""Who is in the class: a CSV file with one person a line.

The columns may come in any order and be called what Gradescope, Canvas or a spreadsheet calls
them; commas, semicolons and tabs are told apart. A column ``file`` names what a person hands in
where that does not follow from their key or address.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from classroom.records import Person
from grading.options import UsageError

COLUMNS = {
    "key": ("key", "id", "sid", "student id", "student number", "sis user id", "login", "username"),
    "name": ("name", "full name", "student", "student name"),
    "first": ("first name", "first", "given name"),
    "last": ("last name", "last", "surname", "family name"),
    "email": ("email", "e-mail", "email address", "mail", "sis login id"),
    "section": ("section", "sections", "group", "section name"),
    "file": ("file", "files", "file name", "filename", "submission"),
}
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Roster:
    """The people of a class, in the file's order, and what names each of them.

    Attributes:
        people: one entry a person.
        files: the entries that the column ``file`` gives to a person's key.
    """

    people: list[Person] = field(default_factory=list)
    files: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> Person | None:
        """Who goes by a name: a file of the roster's, a key, an address, or its part before @."""
        return self.names.get(unicodedata.normalize("NFC", name).casefold())

    @cached_property
    def names(self) -> dict[str, Person]:
        """Everything that names somebody, in small letters."""
        return dict(self._names())

    def _names(self) -> Iterator[tuple[str, Person]]:
        """Every name with its person, the most telling last, so that it wins."""
        local: dict[str, list[Person]] = {}
        for person in self.people:
            local.setdefault(person.email.partition("@")[0].casefold(), []).append(person)
        yield from ((name, who[0]) for name, who in local.items() if name and len(who) == 1)
        yield from ((person.email.casefold(), person) for person in self.people if person.email)
        yield from ((person.key.casefold(), person) for person in self.people)
        known = {person.key: person for person in self.people}
        yield from ((name.casefold(), known[key]) for name, key in self.files.items())


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Raises:
        UsageError: if it cannot be read or says something that has no meaning; the message names
            the line.
    """
    rows = _rows(path)
    if not rows:
        raise UsageError(f"{path} is empty; give a line of column names, then a line a person")
    (_, header), *rest = rows
    where = _columns(path, header)
    people: dict[str, Person] = {}
    lines: dict[str, int] = {}
    files: dict[str, str] = {}
    for line, cells in rest:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            raise UsageError(
                f"{path}:{line} has {len(cells)} cells but the first line names {len(header)} "
                "columns; put a cell that holds the separator in quotes"
            )
        person, theirs = _person(path, line, cells, where)
        known = person.key.casefold()
        if known in lines:
            raise UsageError(f"{path}:{line} and line {lines[known]} have the same {person.key!r}")
        people[person.key], lines[known] = person, line
        for name in theirs:
            if files.get(name, person.key) != person.key:
                raise UsageError(f"{path}:{line} gives {name!r} to a second person")
            files[name] = person.key
    if not people:
        raise UsageError(f"{path} names no one; give a line a person below the column names")
    return Roster(list(people.values()), files)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The file's rows, each with the number of its last line."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"--roster {path} cannot be read: {error.strerror or error}") from error
    text = _text(path, content)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    try:
        for row in reader:
            rows.append((reader.line_num, row))
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num} is no CSV: {error}") from error
    return rows


def _text(path: Path, content: bytes) -> str:
    """The file's text, whatever mark a spreadsheet has put before it.

    Letters and their accents are joined (NFC), here as in all other names: macOS takes them apart.
    """
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}:{line} is not UTF-8; save the roster as 'CSV UTF-8' and try again"
        ) from error
    return unicodedata.normalize("NFC", text)


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Where each column that we know stands."""
    found: dict[str, int] = {}
    names = [re.sub(r"[\s_]+", " ", cell).strip().casefold() for cell in header]
    for column, spellings in COLUMNS.items():
        for spelling in spellings:
            if spelling in names:
                found[column] = names.index(spelling)
                break
    if "key" not in found and "email" not in found:
        raise UsageError(
            f"{path}:1 names the columns {', '.join(map(repr, header))}; one of them has to be "
            "'key', 'id', 'sid', 'username' or 'email'"
        )
    return found


def _person(
    path: Path, line: int, cells: Sequence[str], where: Mapping[str, int]
) -> tuple[Person, list[str]]:
    """The person of a line, and the files that it names."""

    def cell(column: str) -> str:
        place = where.get(column, len(cells))
        return " ".join(cells[place].split()) if place < len(cells) else ""

    key = cell("key") or cell("email")
    if not key:
        raise UsageError(f"{path}:{line} names no one: the cell of the key and address are empty")
    name = cell("name") or f"{cell('first')} {cell('last')}".strip() or key
    person = Person(key, name, cell("email"), cell("section"))
    theirs = [part.strip() for part in cell("file").split("|")]
    return person, [without_zip(part) for part in theirs if part]


def without_zip(name: str) -> str:
    """A file's name without ``.zip``."""
    return name[:-4] if name.lower().endswith(".zip") else name
