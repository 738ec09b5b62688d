"""Where a training of the translator stands, apart from its weights, as JSON can hold it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from courses.translation.patience import Patience


def perplexity(loss: float, words: int) -> float:
    """Between how many equally likely words a model hesitates, given its loss in nats."""
    return math.exp(min(loss / words, 700.0))  # more does not fit a float


@dataclass
class Window:
    """Sums since the last line, or since the last validation.

    Attributes:
        loss: in nats.
        words: target words that were predicted.
        sents: sentences.
        seconds: how long it took.
    """

    loss: float = 0.0
    words: int = 0
    sents: int = 0
    seconds: float = 0.0

    def add(self, loss: float, words: int, sents: int, seconds: float) -> None:
        """Count one more batch."""
        self.loss += loss
        self.words += words
        self.sents += sents
        self.seconds += seconds


@dataclass
class Progress:
    """Where a training stands.

    Attributes:
        patience: the learning rate, the best perplexity, and what is left of patience.
        epoch: the present one, counted from 1.
        position: how many of its batches are done.
        iteration: how many batches are done since the beginning.
        sents: how many sentences they held.
        seconds: since the beginning, validations included, pauses not.
        line: sums since the last line.
        part: sums since the last validation.
        validations: what each one found: a row of the table beside the curve.
        ended: why the training is over; empty while it is not.
    """

    patience: Patience
    epoch: int = 1
    position: int = 0
    iteration: int = 0
    sents: int = 0
    seconds: float = 0.0
    line: Window = field(default_factory=Window)
    part: Window = field(default_factory=Window)
    validations: list[dict[str, Any]] = field(default_factory=list)
    ended: str = ""

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Progress:
        """Make what `dataclasses.asdict` took apart."""
        windows = {name: Window(**content[name]) for name in ("line", "part")}
        return cls(**content | windows | {"patience": Patience(**content["patience"])})

    def count(self, loss: float, words: int, sents: int, seconds: float) -> None:
        """Count one more batch.

        Raises:
            FloatingPointError: if its loss is no number.
        """
        self.position += 1
        self.iteration += 1
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss became {loss} in iteration {self.iteration}: try a smaller --lr"
            )
        self.sents += sents
        self.seconds += seconds
        for window in (self.line, self.part):
            window.add(loss, words, sents, seconds)

    def take_line(self) -> str:
        """Say how training goes, and begin the next line's sums."""
        line, self.line = self.line, Window()
        return (
            f"epoch {self.epoch}, iter {self.iteration}, "
            f"avg. loss {line.loss / line.sents:.2f}, "
            f"avg. ppl {perplexity(line.loss, line.words):.2f}, "
            f"cum. examples {self.sents}, "
            f"speed {line.words / line.seconds:.0f} words/sec, "
            f"time elapsed {self.seconds:.1f} sec"
        )

    def take_validation(self, dev_perplexity: float) -> None:
        """Keep what a validation found, and begin the sums up to the next one."""
        part, self.part = self.part, Window()
        self.validations.append(
            {
                "iteration": self.iteration,
                "epoch": self.epoch,
                "train perplexity": perplexity(part.loss, part.words) if part.words else math.nan,
                "dev perplexity": dev_perplexity,
                "learning rate": self.patience.learning_rate,
            }
        )
