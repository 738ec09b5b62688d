"""What fetching tells its user, on standard error: results belong on standard output."""

from __future__ import annotations

import sys
import time
from typing import Any


def say(line: str) -> None:
    """Tell one line."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 (this is the place that prints)


class Progress:
    """How far a transfer is: a bar on a terminal, a line now and then elsewhere.

    Args:
        name: what is transferred, or made.
        size: bytes in all, or something else that is counted.
        unit: what is counted.
    """

    SECONDS_BETWEEN_LINES = 5.0

    def __init__(self, name: str, size: int, unit: str = "B") -> None:
        self._name, self._size, self._unit = name, size, unit
        self._bar: Any = None
        self._next_line = 0.0

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=self._size,
                desc=self._name,
                unit=self._unit if self._unit == "B" else f" {self._unit}",
                unit_scale=True,
                leave=False,
            )
        self._next_line = time.monotonic() + self.SECONDS_BETWEEN_LINES
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def at(self, done: int) -> None:
        """So many are there."""
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + self.SECONDS_BETWEEN_LINES
            share = 100 * done // self._size
            whole = f"{self._size / 1e6:.1f} MB"
            if self._unit != "B":
                whole = f"{self._size:,} {self._unit}"
            say(f"  {self._name}: {share} % of {whole}")
