"""Names for a synthetic class: invented, of several scripts, some shared, some with commas."""

from __future__ import annotations

import random
from collections.abc import Iterator

from classroom.records import Person

GIVEN = (
    *("Ada", "Bo", "Chloé", "Dmitri", "Esra", "Femi", "Grace", "Håkon", "Inés", "Jun"),
    *("Kofi", "Łucja", "Mei", "Noor", "Oisín", "Priya", "Quinn", "Rosa", "Søren", "Thảo"),
)
FAMILY = (
    *("Abara", "Brontë", "Castillo", "Dubois", "Eriksen", "Fischer", "García López", "Huang"),
    *("Ito", "Jansen", "Kowalska", "Lindqvist", "Müller", "Nguyễn", "O'Neill", "Petrov"),
    *("Quist", "Rossi", "Šimić", "Turner, Jr.", "Uddin", "Vega", "王", "Yılmaz", "Zhou"),  # noqa: RUF001 - a letter of its own
)
SECTIONS = ("A", "B", "C")


def people(draw: random.Random) -> Iterator[Person]:
    """Person after person, without end; keys are unique, names need not be."""
    number = 0
    while True:
        number += draw.randint(1, 9)
        key = f"s{number:05d}"
        name = f"{draw.choice(GIVEN)} {draw.choice(FAMILY)}"
        yield Person(key, name, f"{key}@students.example", draw.choice(SECTIONS))
