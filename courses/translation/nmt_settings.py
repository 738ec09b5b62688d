"""How a translator is built and trained; the defaults are the homework's."""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.nmt.attention import ATTENTIONS

AT_LEAST_ONE = (
    "batch_size", "embed_size", "hidden_size", "log_every", "max_epoch", "patience",
    "max_num_trial", "valid_niter",
)  # fmt: skip
MAY_CHANGE = ("log_every", "max_epoch")
"""What a resumed training may have different: what it did so far would have been the same, but for
a best model that was found because the last epoch ended there."""


@dataclass(frozen=True)
class Settings:
    """Everything that decides a training, the data aside.

    Attributes:
        seed: of the first weights, the order of the sentences and dropout.
        batch_size: sentences in a batch, of all processes together.
        embed_size: the width of the embeddings.
        hidden_size: the width of the LSTMs.
        attention: which; see `models.nmt.attention`.
        dropout: how much of every combined output is dropped.
        uniform_init: weights are drawn from -X to X; 0 leaves PyTorch's own.
        lr: the learning rate of Adam at the beginning.
        lr_decay: what it is multiplied with at every restart from the best model.
        clip_grad: a longer gradient is cut down to this length.
        log_every: batches between two lines.
        valid_niter: batches between two validations.
        patience: so many validations in a row that are no better use it up: a trial, after which
            training goes on from the best model.
        max_num_trial: the trial that ends the training instead.
        max_epoch: passes over the data at most.
    """

    seed: int = 0
    batch_size: int = 32
    embed_size: int = 256
    hidden_size: int = 256
    attention: str = "multiplicative"
    dropout: float = 0.3
    uniform_init: float = 0.1
    lr: float = 0.001
    lr_decay: float = 0.5
    clip_grad: float = 5.0
    log_every: int = 10
    valid_niter: int = 2000
    patience: int = 5
    max_num_trial: int = 5
    max_epoch: int = 30

    def __post_init__(self) -> None:
        for name in AT_LEAST_ONE:
            _expect(name, getattr(self, name), getattr(self, name) >= 1, "a whole number from 1 up")
        for name in ("lr", "clip_grad"):
            value = getattr(self, name)
            _expect(name, value, 0 < value < math.inf, "a number above 0")
        _expect("lr_decay", self.lr_decay, 0 < self.lr_decay <= 1, "a number above 0, at most 1")
        _expect("dropout", self.dropout, 0 <= self.dropout < 1, "a number from 0 up, below 1")
        init = self.uniform_init
        _expect("uniform_init", init, 0 <= init < math.inf, "a number, 0 or more")
        _expect("seed", self.seed, 0 <= self.seed < 2**63, "a whole number from 0 to 2^63 - 1")
        names = ", ".join(ATTENTIONS)
        _expect("attention", self.attention, self.attention in ATTENTIONS, f"one of {names}")


def _expect(name: str, value: object, fine: bool, what: str) -> None:
    if not fine:
        raise ValueError(f"--{name.replace('_', '-')} is {value}; give {what}")
