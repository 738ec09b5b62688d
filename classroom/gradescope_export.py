"""Reads what Gradescope exports: folders, and a file that says whose they are and from when.

``submission_metadata.yml`` maps each folder's name to its submitters, the time, and the attempts
before it (whose files are not exported). Its keys are Ruby's symbols, with a colon in front.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from classroom.records import HandedIn
from classroom.roster import Roster
from classroom.submissions import Pile, entries, printable
from grading.options import UsageError


def read_export(folder: Path, metadata: Path, roster: Roster) -> Pile:
    """List an export.

    A group's submission stands in the list once for each submitter.

    Raises:
        UsageError: if the file that describes it cannot be read.
    """
    told = _metadata(metadata)
    pile = Pile()
    for path in entries(folder):
        if path == metadata:
            continue
        name = printable(path.name)
        about = told.pop(path.name, None)
        if about is None:
            pile.remarks.append(f"{name}: passed over, {metadata.name} does not speak of it")
            continue
        pile.handed_in += _attempts(path, name, about, roster)
    for name, about in told.items():
        trouble = f"{metadata.name} speaks of {name}, but it is not there"
        pile.handed_in += _attempts(folder / name, name, about, roster, trouble)
    return pile


def _attempts(
    path: Path, name: str, about: Mapping[str, Any], roster: Roster, trouble: str = ""
) -> Iterator[HandedIn]:
    if not trouble and path.is_dir() and not any(entries(path)):
        trouble = "the folder is empty"
    before = about.get("history")
    attempt = 1 + (len(before) if isinstance(before, list) else 0)
    people = list(dict.fromkeys(_people(name, about, roster)))
    for person in people:
        key = name if len(people) == 1 else f"{name}_{person}"
        yield HandedIn(key, path, person, attempt, _time(about.get("created_at")), trouble)


def _people(name: str, about: Mapping[str, Any], roster: Roster) -> Iterator[str]:
    """The submitters' keys: the roster's, else Gradescope's number for them or their address."""
    submitters = about.get("submitters")
    named = [one for one in submitters or [] if isinstance(one, dict)]
    if not named:
        yield name
    for one in named:
        names = [printable(str(one[field])) for field in ("sid", "email", "name") if one.get(field)]
        known = next(filter(None, map(roster.find, names)), None)
        yield known.key if known else next(iter(names), name)


def _metadata(path: Path) -> dict[str, dict[str, Any]]:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Plain values only; what Ruby calls its own types are read as what they hold."""

    def plain(loader: Any, _tag: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", plain)
    try:
        told = yaml.load(path.read_bytes(), Loader)  # noqa: S506 - a safe loader of our own
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(told, dict):
        raise UsageError(f"{path} should map each folder to what is known of it; it does not")
    return {str(name): _plain_keys(about) for name, about in told.items()}


def _plain_keys(value: Any) -> Any:
    """The same without Ruby's colons."""
    if isinstance(value, dict):
        return {str(key).lstrip(":"): _plain_keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain_keys(inner) for inner in value]
    return value


def _time(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
