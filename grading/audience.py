"""Who follows a run: a terminal, a window, or nobody. All calls come from the main thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grading.results import CheckResult, Report

if TYPE_CHECKING:  # importing torch takes seconds, and a usage error needs none of it
    from torch import Tensor


@dataclass(frozen=True)
class Progress:
    """How far the student's training has come.

    It is for showing only: the worker reports it, so no mark depends on it.

    Attributes:
        check: the check that trains.
        epochs: passes over the training data so far, a fraction.
        accuracy: the latest validation accuracy in 0..1, or None while there is none.
        watched: the model's answers to the inputs that a window shows, or nothing.
    """

    check: str
    epochs: float
    accuracy: float | None = None
    watched: dict[str, Tensor] = field(default_factory=dict)


class Audience:
    """Hears what happens during a run; each method may be overridden, and none has to be."""

    def opened(self, report: Report) -> None:
        """The run begins; every check of `report` is pending."""

    def started(self, check: str) -> None:
        """A worker has begun with this check."""

    def shown(self, check: str, inputs: dict[str, Tensor]) -> None:
        """With graphics: the inputs, labels and texts that a window of this check draws."""

    def progressed(self, progress: Progress) -> None:
        """Training went on."""

    def finished(self, result: CheckResult, report: Report) -> None:
        """A check has ended and `report` holds its result."""

    def waited(self) -> None:
        """Called some ten times a second while checks run, so that a window can stay alive."""

    def closed(self, report: Report) -> None:
        """All checks have ended, or the run was interrupted (`report.complete` is False)."""


class Several(Audience):
    """Passes everything on to several listeners."""

    def __init__(self, *listeners: Audience) -> None:
        self.listeners = listeners

    def opened(self, report: Report) -> None:
        """See `Audience.opened`."""
        for listener in self.listeners:
            listener.opened(report)

    def started(self, check: str) -> None:
        """See `Audience.started`."""
        for listener in self.listeners:
            listener.started(check)

    def shown(self, check: str, inputs: dict[str, Tensor]) -> None:
        """See `Audience.shown`."""
        for listener in self.listeners:
            listener.shown(check, inputs)

    def progressed(self, progress: Progress) -> None:
        """See `Audience.progressed`."""
        for listener in self.listeners:
            listener.progressed(progress)

    def finished(self, result: CheckResult, report: Report) -> None:
        """See `Audience.finished`."""
        for listener in self.listeners:
            listener.finished(result, report)

    def waited(self) -> None:
        """See `Audience.waited`."""
        for listener in self.listeners:
            listener.waited()

    def closed(self, report: Report) -> None:
        """See `Audience.closed`."""
        for listener in self.listeners:
            listener.closed(report)
