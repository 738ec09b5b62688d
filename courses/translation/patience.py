"""When a training has to give way: the homework's rules of patience, trials and learning rates.

A validation that is no better costs patience. When all of it is used up, the training goes back to
the best model with a smaller learning rate: one trial. The last trial ends it instead: of three,
two lead to a restart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["better", "wait", "restart", "stop"]


@dataclass
class Patience:
    """How long to wait for a better model.

    Attributes:
        learning_rate: the present one.
        best: the smallest dev perplexity so far.
        hits: validations in a row that were no better.
        trials: how often patience was used up.
    """

    learning_rate: float
    best: float = math.inf
    hits: int = 0
    trials: int = 0

    def judge(self, perplexity: float, patience: int, max_trials: int, decay: float) -> Verdict:
        """Say what a validation leads to, and count it.

        Args:
            perplexity: of the dev sentences.
            patience: how many validations in a row that are no better use it up.
            max_trials: the trial that ends the training.
            decay: what the learning rate is multiplied with before a restart.

        Returns:
            ``better``: keep this model; ``wait``: go on; ``restart``: go back to the best model
            with the new learning rate; ``stop``.
        """
        if perplexity < self.best:
            self.best, self.hits = perplexity, 0
            return "better"
        self.hits += 1
        if self.hits < patience:
            return "wait"
        self.trials += 1
        if self.trials >= max_trials:
            return "stop"
        self.hits = 0
        self.learning_rate *= decay
        return "restart"
