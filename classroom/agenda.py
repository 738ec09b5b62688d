"""What there is to do for a class: which unit answers for each question of each attempt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from classroom.records import HandedIn
from classroom.units import Task, Unit, address, content_of


@dataclass
class Agenda:
    """Which unit answers for each question of each attempt.

    Attributes:
        handed_in: every attempt; `trouble` says why one has no units.
        units: each once, by its address.
        places: for each attempt and question that can be graded, the unit's address.
    """

    handed_in: list[HandedIn] = field(default_factory=list)
    units: dict[str, Unit] = field(default_factory=dict)
    places: list[tuple[str, str, str]] = field(default_factory=list)


def agenda(handed_in: Iterable[HandedIn], tasks: list[Task], seed: int) -> Agenda:
    """Find out which unit answers for what; nothing is graded twice."""
    plan = Agenda()
    for one in handed_in:
        content = ""
        if not one.trouble:
            try:
                content = content_of(one.path)
            except OSError as error:
                one = replace(one, trouble=f"it cannot be read: {error.strerror or error}")
        plan.handed_in.append(one)
        for task in tasks if content else ():
            name = address(content, task, seed)
            plan.units.setdefault(name, Unit(name, task, one.path, content))
            plan.places.append((one.key, task.question, name))
    return plan
