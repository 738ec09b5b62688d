"""What a run is asked to do, checked before anything starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LEAST_MEMORY = 256


class UsageError(Exception):
    """The request cannot be carried out as it was given; the message says what to change."""


@dataclass(frozen=True)
class Options:
    """One run of the autograder.

    Attributes:
        submission: a folder or a zip with the homework's own file layout.
        asked: questions, checks, homeworks: ``q3``, ``q6.causal``, ``all``; empty means the first
            homework.
        seed: replays a run's random draws; None takes a fresh one from the system.
        device: ``auto``, ``cpu`` or ``cuda``.
        jobs: checks to run side by side; None takes as many as the CPU quota allows.
        threads: torch threads a check; more than one makes results depend on the machine.
        results: where the results file lies; None writes none.
        watched: whether a window wants to see training (costs a little time).
        patience: multiplies every time limit, for slow machines.
        isolation: ``namespace``, ``kernel`` or ``process``; None takes the best that works here.
        required: the lowest level of isolation that will do; None if any will.
        memory: MiB that one check's processes may hold; None for 3 GiB.
        replays: for a check that failed before, the seed of that run; it is drawn first.
    """

    submission: Path
    asked: tuple[str, ...] = ()
    seed: int | None = None
    device: str = "auto"
    jobs: int | None = None
    threads: int = 1
    results: Path | None = None
    watched: bool = False
    patience: float = 1.0
    replays: Mapping[str, int] = field(default_factory=dict)
    isolation: str | None = None
    required: str | None = None
    memory: int | None = None

    def __post_init__(self) -> None:
        """Refuse values that cannot mean anything."""
        if self.device not in ("auto", "cpu", "cuda"):
            raise UsageError(f"--device is {self.device!r}; give auto, cpu or cuda")
        for option, level in (
            ("--isolation", self.isolation),
            ("--require-isolation", self.required),
        ):
            if level not in (None, "namespace", "kernel", "process"):
                raise UsageError(f"{option} is {level!r}; give namespace, kernel or process")
        if self.jobs is not None and self.jobs < 1:
            raise UsageError(f"--jobs is {self.jobs}; give a whole number from 1")
        if self.threads < 1:
            raise UsageError(f"--threads is {self.threads}; give a whole number from 1")
        if self.memory is not None and self.memory < LEAST_MEMORY:
            raise UsageError(
                f"--memory is {self.memory}; give at least {LEAST_MEMORY} MiB, for torch alone "
                "takes most of that"
            )
        if self.patience <= 0:
            raise UsageError(f"--patience is {self.patience}; give a factor above 0")
        if self.seed is not None and self.seed < 0:
            raise UsageError(f"--seed is {self.seed}; give a whole number from 0")
