"""Everything that is known of a class so far: one SQLite file that survives whatever happens.

The coordinator alone writes it; a second one is refused for as long as the first lives. Each
result is one transaction, so what an interrupted run leaves is whole, and the next run goes on.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from grading.options import UsageError

NAME, LOCK = "ledger.sqlite", "ledger.lock"
FORMAT = "1"
SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (
    address TEXT PRIMARY KEY,  -- see classroom/units.py
    question TEXT NOT NULL,
    outcome TEXT NOT NULL,     -- JSON: result, run, trouble
    final INTEGER NOT NULL,    -- 0 where the grader is at fault: the next run tries again
    worker TEXT NOT NULL,
    written REAL NOT NULL      -- seconds since 1970
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Outcome:
    """What became of a unit.

    Attributes:
        result: as in `classroom.records.Mark`.
        run: as in `classroom.records.Mark`.
        trouble: why there is no result, or "".
        final: False where the grader is at fault, so that another run may do better.
        worker: who found it.
    """

    result: dict[str, Any]
    run: dict[str, Any]
    trouble: str = ""
    final: bool = True
    worker: str = ""


class Ledger:
    """The ledger of one class, open and locked.

    Args:
        folder: where the grades go; made if need be.
        seed: of a new class; None draws one. A class keeps the seed that it began with.

    Raises:
        UsageError: if it cannot be opened, is in use, or began with another seed.
    """

    def __init__(self, folder: Path, seed: int | None = None) -> None:
        self.path = folder / NAME
        self.lock: sqlite3.Connection | None = None
        self.base: sqlite3.Connection | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.lock = self._locked(folder / LOCK)
            self.base = sqlite3.connect(self.path, isolation_level=None)
            self.base.execute("PRAGMA journal_mode=WAL")
            self.base.execute("PRAGMA synchronous=FULL")  # power may go at any time
            self.base.executescript(SCHEMA)
            self.seed = self._settled(seed)
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise UsageError(_unusable(self.path, error)) from error
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _locked(path: Path) -> sqlite3.Connection:
        """Hold a lock that the system drops when the process ends in whatever way."""
        lock = sqlite3.connect(path, timeout=0.0, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            if "locked" not in str(error):
                raise
            raise UsageError(
                f"another run is writing to {path.parent}; wait for its end, or stop it"
            ) from error
        return lock

    def _settled(self, seed: int | None) -> int:
        """The class's seed, which its first run decides."""
        if self.fact("format", FORMAT) != FORMAT:
            raise UsageError(f"{self.path} was written by another version; name another folder")
        drawn = secrets.randbits(53) if seed is None else seed
        kept = int(self.fact("seed", str(drawn)))
        if seed not in (None, kept):
            raise UsageError(
                f"{self.path} was begun with --seed {kept}; leave --seed {seed} out, or name "
                "another folder"
            )
        return kept

    def fact(self, name: str, first: str) -> str:
        """What is written under a name; `first` is written where nothing is yet."""
        self._base.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, first))
        return str(self.recall(name))

    def note(self, name: str, value: str) -> None:
        """Write something under a name, in place of what was there."""
        with self._blamed():
            self._base.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def recall(self, name: str) -> str | None:
        """What is written under a name, or None."""
        found = self._base.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def finished(self) -> set[str]:
        """The addresses that need no more work."""
        rows = self._base.execute("SELECT address FROM marks WHERE final = 1")
        return {address for (address,) in rows}

    def isolation_of(self) -> Iterator[tuple[str, str]]:
        """Each finished address with the level of isolation that it was graded at."""
        rows = self._base.execute(
            "SELECT address, json_extract(outcome, '$.run.isolation') FROM marks WHERE final = 1"
        )
        yield from ((address, level) for address, level in rows if level is not None)

    def timed_out(self) -> Iterator[tuple[str, float]]:
        """Each finished address where time ran out, with the patience that it was graded with."""
        rows = self._base.execute(
            "SELECT address, json_extract(outcome, '$.run.patience') FROM marks WHERE final = 1"
            " AND EXISTS (SELECT 1 FROM json_each(outcome, '$.result.checks')"
            " WHERE json_extract(value, '$.status') = 'timed out')"
        )
        yield from ((address, patience or 1.0) for address, patience in rows)

    def write(self, address: str, question: str, outcome: Outcome) -> bool:
        """Keep an outcome; a second one for the same address is ignored.

        Only what was no final outcome is replaced.

        Returns:
            Whether it was kept.

        Raises:
            UsageError: if it cannot be written.
        """
        text = json.dumps(
            {"result": outcome.result, "run": outcome.run, "trouble": outcome.trouble}
        )
        values = (address, question, text, outcome.final, outcome.worker, time.time())
        with self._blamed():
            done = self._base.execute(
                "INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET"
                " outcome = excluded.outcome, final = excluded.final, worker = excluded.worker,"
                " written = excluded.written WHERE marks.final = 0",
                values,
            )
        return done.rowcount == 1

    def forget(self, address: str) -> None:
        """Have a unit graded anew."""
        with self._blamed():
            self._base.execute("UPDATE marks SET final = 0 WHERE address = ?", (address,))

    def read(self, address: str) -> Outcome | None:
        """What became of a unit, or None if nothing has yet."""
        row = self._base.execute(
            "SELECT outcome, final, worker FROM marks WHERE address = ?", (address,)
        ).fetchone()
        if row is None:
            return None
        told = json.loads(row[0])
        return Outcome(told["result"], told["run"], told["trouble"], bool(row[1]), row[2])

    @property
    def _base(self) -> sqlite3.Connection:
        if self.base is None:
            raise ValueError("the ledger is closed")
        return self.base

    @contextmanager
    def _blamed(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise UsageError(_unusable(self.path, error)) from error

    def close(self) -> None:
        """Let go of the files."""
        for connection in (self.base, self.lock):
            if connection is not None:
                connection.close()
        self.base = self.lock = None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _unusable(path: Path, error: OSError | sqlite3.Error) -> str:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (
        f"{path} cannot be written: {why}; what it holds is safe. Make room or name another "
        "folder, and give the same command again to go on"
    )
