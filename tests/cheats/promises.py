"""What each level of isolation promises to keep out of reach, and what a run's outcome scores."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import Any

ACCESSES = {
    "reads": "the checks, the solution, the data, other people's files",
    "writes": "files outside the check's own folder",
    "memory": "the memory of other processes, /proc and ptrace",
    "signals": "ending other processes",
    "network": "TCP, UDP and abstract sockets, in and out",
    "sockets": "a socket that is a file",
    "operators": "a forbidden operator, hidden from the watch",
    "public": "the answers of a public test set, known by heart and disguised",
}
AS_ROOT = os.name == "posix" and os.geteuid() == 0
# As SECURITY.md has it; no level can refuse `operators` and `public`.
PROMISED: dict[str, frozenset[str]] = {
    "process": frozenset() if AS_ROOT else frozenset({"memory"}),
    "kernel": frozenset({"reads", "writes", "memory", "signals", "network"}),
    "namespace": frozenset({"reads", "writes", "memory", "signals", "network", "sockets"}),
}
EARN_BY = {"reads", "memory", "writes", "operators", "public"}
COST_BY = {"signals", "memory", "writes"}


@dataclass
class Outcome:
    """What became of one cheat at one level.

    Attributes:
        cheat: its name.
        level: of isolation.
        earned: points; an honest stub earns none.
        cost: points that the honest neighbour lost.
        strays: processes that it left behind.
        files: files that it left in folders that the grader cleans.
        late: whether it outlived its time limits.
        reached: the accesses that succeeded.
        seconds: wall-clock time.
        statuses: each check's outcome.
        trouble: what went wrong in the examiner itself, or "".
    """

    cheat: str
    level: str
    earned: int = 0
    cost: int = 0
    strays: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    late: bool = False
    reached: list[str] = field(default_factory=list)
    seconds: float = 0.0
    statuses: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def broken(self) -> list[str]:
        """The accesses that succeeded although this level promises to refuse them."""
        return sorted(set(self.reached) & PROMISED[self.level])

    @property
    def open(self) -> list[str]:
        """The accesses that succeeded and that this level does not promise to refuse."""
        return sorted(set(self.reached) - PROMISED[self.level])

    @property
    def excused(self) -> int:
        """Points that came from an access which the level leaves open; they are shown apart."""
        earned = self.earned if EARN_BY & set(self.open) else 0
        return earned + (self.cost if COST_BY & set(self.open) else 0)

    @property
    def score(self) -> int:
        """Points gained or taken, and one for each promise that was broken; 0 is how it must be."""
        trouble = bool(self.trouble) and not COST_BY & set(self.open)
        faults = [bool(self.strays), bool(self.files), self.late, trouble]
        points = self.earned + self.cost - self.excused
        return points + sum(faults) + len(self.broken)

    def reasons(self) -> str:
        """Why the score is not 0, in words."""
        said = [f"earned {self.earned}" if self.earned else ""]
        said += [f"cost others {self.cost}" if self.cost else ""]
        said += [f"left processes: {', '.join(self.strays[:3])}" if self.strays else ""]
        said += [f"left files: {', '.join(self.files[:3])}" if self.files else ""]
        said += ["outlived its limits" if self.late else "", self.trouble]
        said += [f"reached {', '.join(self.broken)}" if self.broken else ""]
        return "; ".join(filter(None, said))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "score": self.score, "excused": self.excused, "open": self.open}
