"""How a training went, as the worker tells it: few points, and never a reason for a mark."""

from __future__ import annotations

MOST_POINTS = 64
MOST_EPOCHS = 1_000_000


class Curve:
    """Accuracies over epochs; where they become many, every second one is let go."""

    def __init__(self) -> None:
        self.kept: list[tuple[float, float]] = []
        self.last: tuple[float, float] | None = None
        self.stride = 1
        self.heard = 0

    def add(self, epochs: object, accuracy: object) -> None:
        """Note what a worker said; nonsense, and what is not later than the last, is ignored."""
        if not isinstance(epochs, (int, float)) or not 0 <= epochs <= MOST_EPOCHS:  # NaN is neither
            return
        if not isinstance(accuracy, float) or not 0.0 <= accuracy <= 1.0:
            return
        if self.last is not None and epochs <= self.last[0]:
            return
        self.last = (round(float(epochs), 3), round(accuracy, 4))
        if self.heard % self.stride == 0:
            self.kept.append(self.last)
        self.heard += 1
        if len(self.kept) == MOST_POINTS:
            del self.kept[1::2]
            self.stride *= 2

    def points(self) -> tuple[tuple[float, float], ...]:
        """At most `MOST_POINTS` pairs of epochs and accuracy; the last one is always among them."""
        ends = [] if self.last is None or self.kept[-1:] == [self.last] else [self.last]
        return (*self.kept, *ends)
