"""One training of the language model: made new or continued, with everything worth keeping of it.

Shapes: `B` batch, `N` sequences, `T` tokens in a sequence.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn, optim

from courses import torch_state
from courses.experiment import Results
from data.token_lists import token_batches
from models import RNNLanguageModel
from train_lm import Records, train, validate

WIDTHS = ("embed_dim", "hidden_dim", "dk", "dv", "num_sequences", "batch_size")


@dataclass(frozen=True)
class Settings:
    """How a language model is built and trained; the defaults are the homework's example.

    Attributes:
        embed_dim: the width of the embeddings.
        hidden_dim: the width of the recurrent network.
        dk: the width of the attention's queries and keys.
        dv: the width of its values.
        num_sequences: how many sequences to train on, in whole batches.
        batch_size: sequences in a batch.
        learning_rate: the step size of Adam.
        seed: of the first weights; nothing else draws random numbers.
    """

    embed_dim: int = 64
    hidden_dim: int = 128
    dk: int = 32
    dv: int = 32
    num_sequences: int = 128
    batch_size: int = 1
    learning_rate: float = 0.001
    seed: int = 10601

    def __post_init__(self) -> None:
        for name in WIDTHS:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give 1 or more")
        if self.num_sequences < self.batch_size:
            raise ValueError(
                f"num_sequences is {self.num_sequences} and batch_size {self.batch_size}: give at "
                "least one whole batch"
            )
        if not 0 < self.learning_rate < math.inf:  # nan is refused, too
            raise ValueError(f"learning_rate is {self.learning_rate}; give a number above 0")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"seed is {self.seed}; give a whole number from 0 to 2^63 - 1")

    @property
    def steps(self) -> int:
        """How many updates of the weights are made."""
        return self.num_sequences // self.batch_size

    @property
    def every(self) -> int:
        """How many batches lie between two records."""
        return max(1, int(self.num_sequences * 0.1) // self.batch_size)


class Training:
    """A language model in training.

    Args:
        settings: how.
        train_tokens: ``(N, T) int64`` sequences to learn from; read again from the beginning
            when there are fewer than the training wants.
        valid_tokens: ``(N, T) int64`` sequences to measure on.
        vocab_size: the number of different tokens.
        device: where the model is trained.

    Attributes:
        model: the network, its weights drawn with the settings' seed.
        records: the losses so far; see `train_lm.train`.
        seconds: how long training took, measuring included, as the homework counts it.

    Raises:
        ValueError: if a batch is larger than the data, or a sequence has no next token to predict.
    """

    def __init__(
        self,
        settings: Settings,
        train_tokens: Tensor,
        valid_tokens: Tensor,
        vocab_size: int,
        device: torch.device,
    ) -> None:
        if settings.batch_size > len(train_tokens):
            raise ValueError(
                f"batch_size is {settings.batch_size}, but the training data has "
                f"{len(train_tokens)} sequences; give a smaller batch or more data"
            )
        for what, tokens in (("training", train_tokens), ("validation", valid_tokens)):
            if tokens.shape[1] < 2:
                raise ValueError(
                    f"a sequence of the {what} data has {tokens.shape[1]} token, after which there "
                    "is none to predict; give two or more"
                )
        self.settings = settings
        # The whole data fits on the device, so that no batch has to wait for its transfer.
        self.train_tokens, self.valid_tokens = train_tokens.to(device), valid_tokens.to(device)
        self.vocab_size = vocab_size
        # The homework compares losses to several digits: from here to the last layer nothing
        # else may draw random numbers.
        torch.manual_seed(settings.seed)
        self.model = RNNLanguageModel(
            settings.embed_dim, settings.hidden_dim, vocab_size, settings.dk, settings.dv
        ).to(device)
        self.optimizer = optim.Adam(self.model.parameters(), lr=settings.learning_rate)
        self.loss_fn = nn.CrossEntropyLoss()
        self.records: Records = ([], [])
        self.seconds = 0.0

    def run(
        self,
        on_record: Callable[[], None] = lambda: None,
        watched: Callable[[Iterable[Tensor]], Iterable[Tensor]] = lambda batches: batches,
    ) -> None:
        """Train to the end, from wherever the training stands.

        Args:
            on_record: called after every record.
            watched: is given the batches and hands them on, for instance to show progress.

        Raises:
            FloatingPointError: if a loss is no longer a number.
            ValueError: if `train` neither tells nor returns any records.
        """
        settings, begun, before = self.settings, time.perf_counter(), self.seconds

        def record(records: Records) -> None:
            expect_number(records[1][-1], "validation loss")
            self.records = (list(records[0]), list(records[1]))
            self.seconds = before + time.perf_counter() - begun
            on_record()

        batches = token_batches(self.train_tokens, settings.batch_size, count=settings.steps)
        returned = train(
            self.model,
            watched(batches),
            token_batches(self.valid_tokens, settings.batch_size),
            self.loss_fn,
            self.optimizer,
            settings.num_sequences,
            settings.batch_size,
            **_taken(train, begun=self.records, on_record=record),
        )
        records = expect_records(returned)
        if records != self.records:  # it told none, or not the last one
            record(records)
        self.seconds = before + time.perf_counter() - begun

    def keep(self, results: Results, name: str) -> None:
        """Save everything that `restore` needs, after a record."""
        tensors = torch_state.collect(self.model, self.optimizer, {})
        about = {"records": self.records, "seconds": self.seconds}
        results.save(name, {key: value.numpy() for key, value in tensors.items()}, about)

    def restore(self, results: Results, name: str) -> bool:
        """Go on where `keep` was called, if it was."""
        kept = results.load(name)
        if kept is None:
            return False
        tensors = {key: torch.from_numpy(value) for key, value in kept[0].items()}
        torch_state.restore(tensors, self.model, self.optimizer, {})
        train_losses, valid_losses = kept[1]["records"]
        self.records, self.seconds = (train_losses, valid_losses), kept[1]["seconds"]
        return True

    def whole_validation_loss(self) -> float:
        """Measure the loss on all validation sequences, in nats a token."""
        # Large batches need less time; only the last one may weigh a little more or less.
        batches = token_batches(self.valid_tokens, 128)
        # The homework's own validate measures one batch, and has no option for more.
        losses = [validate(self.model, [batch], self.loss_fn) for batch in batches]
        return expect_number(sum(losses) / len(losses), "loss on the whole validation set")

    def record(self, *, whole_validation: bool = True) -> dict[str, Any]:
        """What is worth keeping of a finished training.

        Args:
            whole_validation: measure the loss on all validation sequences, too, which can take
                longer than a short training.
        """
        seen = [1 + index * self.settings.every for index in range(len(self.records[0]))]
        whole = {"whole_valid": self.whole_validation_loss()} if whole_validation else {}
        return whole | {
            "settings": asdict(self.settings),
            "parameters": sum(parameter.numel() for parameter in self.model.parameters()),
            "sequences": [count * self.settings.batch_size for count in seen],
            "train": self.records[0],
            "valid": self.records[1],
            "guessing": math.log(self.vocab_size),
            "seconds": self.seconds,
        }


def _taken(function: Callable[..., Any], **options: Any) -> dict[str, Any]:
    """The options that a function takes: the homework's own `train` has none."""
    parameters = inspect.signature(function).parameters
    if any(it.kind is it.VAR_KEYWORD for it in parameters.values()):
        return options
    return {name: value for name, value in options.items() if name in parameters}


def expect_records(returned: Any) -> Records:
    """Pass on what `train` returned, unless it is no training and validation losses."""
    try:
        trained, validated = ([float(loss) for loss in losses] for losses in returned)
    except (TypeError, ValueError):
        trained = validated = []
    if not trained or len(trained) != len(validated):
        raise ValueError(
            f"train returned {repr(returned)[:60]}; expected two lists, the training and the "
            "validation losses, one of each a record"
        )
    return trained, validated


def expect_number(loss: float, what: str) -> float:
    """Pass on a loss, unless it is no longer a number."""
    if not math.isfinite(loss):
        raise FloatingPointError(f"the {what} became {loss}: try a smaller learning rate")
    return loss
