"""Values from a file that people write, each checked, and each slip told with its place."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from grading.options import UsageError

LONGEST = 80
NOT_SAID = object()


class Table:
    """One table of a file; what nobody takes is an unknown key.

    Args:
        file: its name, for messages.
        place: the table's name in it, with those that it lies in; "" for the top.
        values: what the file says there.
    """

    def __init__(self, file: str, place: str, values: dict[str, Any]) -> None:
        self.file = file
        self.place = place
        self.values = values
        self.known: list[str] = []

    def take(self, key: str, parse: Callable[[Any], Any], default: Any) -> Any:
        """A key's value, or the default where the file does not say.

        Raises:
            UsageError: if it is not what `parse` takes.
        """
        self.known.append(key)
        if key not in self.values:
            return default
        try:
            return parse(self.values[key])
        except ValueError as error:
            raise UsageError(f"{self.file}, {self._name(key)}: {error}") from error

    def table(self, key: str) -> Table:
        """A table within this one; empty where the file has none."""
        values = self.take(key, _a_table, {})
        return Table(self.file, self._name(key), values)

    def mapping(
        self, key: str, parse: Callable[[Any], Any], allowed: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """A table of values that are alike, under names that are free, or are some of those known.

        Raises:
            UsageError: at the first name or value that does not fit.
        """
        inner = self.table(key)
        for name in inner.values:
            if allowed is not None and name not in allowed:
                inner.refuse_key(name, list(allowed))
        return {name: inner.take(name, parse, None) for name in inner.values}

    def close(self) -> None:
        """Refuse the keys that nobody took.

        Raises:
            UsageError: naming the first one, and what may have been meant.
        """
        for key in self.values:
            if key not in self.known:
                self.refuse_key(key, self.known)

    def refuse_key(self, key: str, known: list[str]) -> NoReturn:
        """Say that a key is unknown, and which one may have been meant."""
        near = did_you_mean(key, known)
        expected = ", ".join(known)
        raise UsageError(f"{self.file}, {self._name(key)}: unknown{near}; expected {expected}")

    def refuse(self, key: str, expected: str, got: Any = NOT_SAID) -> NoReturn:
        """Say what was expected under a key instead."""
        if got is NOT_SAID:
            got = self.values.get(key, NOT_SAID)
        found = "" if got is NOT_SAID else f", got {_short(got)}"
        raise UsageError(f"{self.file}, {self._name(key)}: expected {expected}{found}")

    def _name(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean grace_days?``, or "" where nothing is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def require(holds: bool, expected: str, got: Any) -> None:
    """Say what was expected and what was found.

    Raises:
        ValueError: unless it holds.
    """
    if not holds:
        raise ValueError(f"expected {expected}, got {_short(got)}")


def _short(value: Any) -> str:
    text = value.isoformat() if isinstance(value, datetime) else repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _a_table(value: Any) -> dict[str, Any]:
    require(isinstance(value, dict), "a table", value)
    return dict(value)


def text(value: Any) -> str:
    """A text."""
    require(isinstance(value, str), "a text in quotes", value)
    return str(value)


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    fits = isinstance(value, list) and all(isinstance(each, str) for each in value)
    require(fits, 'a list of texts, such as ["q6.causal"]', value)
    return tuple(value)


def count(value: Any) -> int:
    """A whole number from 0."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**6
    require(fits, "a whole number from 0", value)
    return int(value)


def from_one(value: Any) -> int:
    """A whole number from 1."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10**6
    require(fits, "a whole number from 1", value)
    return int(value)


def amount(value: Any) -> Fraction:
    """A number from 0, exactly as it is written: 0.1 is a tenth."""
    fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    require(fits and math.isfinite(value) and 0 <= value <= 10**6, "a number from 0", value)
    return Fraction(str(value))


def positive(value: Any) -> Fraction:
    """A number above 0."""
    fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    require(fits and math.isfinite(value) and 0 < value <= 10**6, "a number above 0", value)
    return Fraction(str(value))


def share(value: Any) -> Fraction:
    """A share in 0..1, also as ``"10 %"``."""
    expected = 'a share such as 0.1 or "10 %"'
    try:
        if isinstance(value, str) and value.rstrip().endswith("%"):
            found = Fraction(value.rstrip()[:-1].strip()) / 100
        else:
            found = amount(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"expected {expected}, got {_short(value)}") from None
    require(0 <= found <= 1, expected, value)
    return found


def one_of(*words: str) -> Callable[[Any], str]:
    """One of some words."""

    def parse(value: Any) -> str:
        near = did_you_mean(value, words) if isinstance(value, str) else ""
        if value not in words:
            raise ValueError(f"expected {' or '.join(words)}, got {_short(value)}{near}")
        return str(value)

    return parse


def moment(value: Any) -> datetime:
    """A date with a time of day."""
    fits = isinstance(value, datetime)
    require(fits, "a date and time without quotes, such as 2026-10-01T23:59:00+02:00", value)
    found: datetime = value
    return found


def zone(value: Any) -> ZoneInfo:
    """A time zone by its name."""
    expected = 'the name of a time zone, such as "Europe/Vienna"'
    require(isinstance(value, str), expected, value)
    try:
        return ZoneInfo(value)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"expected {expected}, got {_short(value)}") from error
    except KeyError:
        raise ValueError(f"expected {expected}, got {_short(value)}") from None
