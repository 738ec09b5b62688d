"""What `load` returns: the parts of one dataset, and which edition of it they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Part = TypeVar("Part", covariant=True)  # Examples, Words, Text, Stories or SentencePairs


@dataclass(frozen=True)
class Edition:
    """Which edition of a dataset was found; a pass mark is calibrated for one edition.

    Attributes:
        name: a short stable name, such as ``mnist-70000``; tables of marks use it as a key.
        description: one line for people.
        source: where the data came from.
        licence: the terms under which it may be used.
    """

    name: str
    description: str
    source: str
    licence: str


@dataclass(frozen=True)
class Splits(Generic[Part]):
    """The parts of one dataset; ``validation`` and ``test`` are None where it has none."""

    train: Part
    validation: Part | None
    test: Part | None
    edition: Edition

    def parts(self) -> dict[str, Part]:
        """The parts that exist, by name."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in named.items() if part is not None}
