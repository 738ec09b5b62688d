"""Trains the transformer on a text with `train.fit`, so that it can stop and go on.

Shapes: `B` batch, `T` block size, `N` windows.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, optim

from courses import torch_state
from courses.experiment import Results
from data.text import Text
from models import BigramLanguageModel
from train import FitOptions, fit

EVALUATED_AT_ONCE = 4096  # characters, to keep memory small


@dataclass(frozen=True)
class Settings:
    """How a transformer is built and trained.

    Attributes:
        seed: of the first weights, the batches, the dropout and the samples.
        block_size: how many characters the model looks back on.
        n_embd: the width of the model.
        n_head: the heads of a block.
        n_layer: the number of blocks.
        dropout: the share that is set to zero in training.
        batch_size: windows of text in a batch.
        iterations: updates of the weights.
        every: iterations between two measurements, and between two checkpoints.
        evaluated: characters of each split to measure the loss on.
        learning_rate: the step size of AdamW.
        sample_length: characters in a sample.
    """

    seed: int = 1337
    block_size: int = 32
    n_embd: int = 64
    n_head: int = 4
    n_layer: int = 4
    dropout: float = 0.0
    batch_size: int = 16
    iterations: int = 5000
    every: int = 250
    evaluated: int = 50_000
    learning_rate: float = 0.001
    sample_length: int = 500

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name not in ("seed", "dropout") and value <= 0:
                raise ValueError(f"{name} must be above 0, got {value}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be from 0 to below 1, got {self.dropout}")
        if self.n_embd % self.n_head:
            raise ValueError(
                f"n_embd is {self.n_embd} and n_head {self.n_head}: give a width that the heads "
                "can share evenly"
            )


@dataclass(frozen=True)
class Measurement:
    """How good the model was at a time.

    Attributes:
        iteration: how many updates had been made.
        train: the loss on the training text, in nats per character.
        validation: the same on the validation text.
    """

    iteration: int
    train: float
    validation: float


class Training:
    """A transformer in training.

    Args:
        settings: how.
        train: the text to learn from.
        validation: the text to measure on as well.
        device: where the model is trained.

    Attributes:
        curve: the measurements so far, the first one before any update.
        iteration: how many updates were made.
        seconds: how long the updates took, measurements and samples left out.
        before: what the model wrote before it was trained.
    """

    def __init__(
        self, settings: Settings, train: Text, validation: Text, device: torch.device
    ) -> None:
        self.settings, self.text, self.device = settings, train, device
        torch.manual_seed(settings.seed)
        self.model = BigramLanguageModel(
            len(train.alphabet),
            settings.block_size,
            settings.n_embd,
            settings.n_head,
            settings.n_layer,
            settings.dropout,
        ).to(device)
        # The fused form updates all parameters in one call instead of one after the other.
        self.optimizer = optim.AdamW(self.model.parameters(), lr=settings.learning_rate, fused=True)
        # The batches have a generator of their own; dropout draws from the device's.
        self.generators = {
            "batches": torch.Generator().manual_seed(settings.seed),
            "dropout": _default_generator(device),
        }
        self.windows = [
            even_windows(text, settings.block_size, settings.evaluated).to(device)
            for text in (train, validation)
        ]
        self.iteration, self.seconds = 0, 0.0
        self.before = self.sample()
        self.curve = [self.measure()]

    def run(self, on_measurement: Callable[[], None], on_iteration: Callable[[], None]) -> None:
        """Train to the end, from wherever the training stands.

        Args:
            on_measurement: called after every measurement.
            on_iteration: called after every update.
        """
        while self.iteration < self.settings.iterations:
            self._run_stretch(on_iteration)
            self.curve.append(self.measure())
            on_measurement()

    def _run_stretch(self, on_iteration: Callable[[], None]) -> None:
        """Train up to the next measurement."""
        left = self.settings.iterations - self.iteration
        count = min(self.settings.every, left)

        def batches() -> Iterator[tuple[Tensor, Tensor]]:
            for _ in range(count):
                yield self.text.windows(
                    self.settings.block_size, self.settings.batch_size, self.generators["batches"]
                )
                on_iteration()

        begun = time.perf_counter()
        # One stretch a call: `fit` alone cannot go on in the middle of a training.
        fit(
            self.model,
            batches(),
            lambda batch: self.model(*batch)[1],
            self.optimizer,
            FitOptions(epochs=1),
        )
        self.seconds += time.perf_counter() - begun
        self.iteration += count

    @torch.no_grad()
    def measure(self) -> Measurement:
        """Return the losses of the model as it is."""
        self.model.eval()
        at_once = max(1, EVALUATED_AT_ONCE // self.settings.block_size)
        losses = []
        for windows in self.windows:  # (N, T + 1)
            total = sum(
                self.model(some[:, :-1], some[:, 1:])[1] * len(some)
                for some in windows.split(at_once)
            )
            losses.append(float(total) / len(windows))
        return Measurement(self.iteration, *losses)

    def sample(self) -> str:
        """Let the model write, beginning after the first character of the alphabet."""
        self.model.eval()
        start = torch.zeros(1, 1, dtype=torch.int64, device=self.device)
        written = self.model.generate(
            start,
            self.settings.sample_length,
            # The same draws before and after training: what changed is the model.
            generator=torch.Generator(self.device).manual_seed(self.settings.seed),
        )
        return self.text.decode(written[0, 1:])

    def keep(self, results: Results, name: str) -> None:
        """Save everything that `restore` needs."""
        tensors = torch_state.collect(self.model, self.optimizer, self.generators)
        about = {"curve": [asdict(point) for point in self.curve], "seconds": self.seconds}
        results.save(name, {key: value.numpy() for key, value in tensors.items()}, about)

    def restore(self, results: Results, name: str) -> bool:
        """Go on where `keep` was called, if it was."""
        kept = results.load(name)
        if kept is None:
            return False
        tensors = {key: torch.from_numpy(value) for key, value in kept[0].items()}
        torch_state.restore(tensors, self.model, self.optimizer, self.generators)
        self.curve = [Measurement(**point) for point in kept[1]["curve"]]
        self.iteration, self.seconds = self.curve[-1].iteration, kept[1]["seconds"]
        return True

    def record(self) -> dict[str, Any]:
        """What is worth keeping of a finished training."""
        characters = self.iteration * self.settings.batch_size * self.settings.block_size
        return {
            "settings": asdict(self.settings),
            "parameters": sum(parameter.numel() for parameter in self.model.parameters()),
            "curve": [asdict(point) for point in self.curve],
            "seconds": self.seconds,
            "characters_per_second": characters / self.seconds,
            "guessing": math.log(len(self.text.alphabet)),
            "before": self.before,
            "after": self.sample(),
        }


def expect_room(text: Text, block_size: int) -> None:
    """Raise a ValueError when a text is too short for one window and the character after it."""
    if len(text) <= block_size:
        raise ValueError(
            f"a part of the text has {len(text)} characters: expected more than the block size, "
            f"{block_size}; give a longer text or a smaller block"
        )


def even_windows(text: Text, block_size: int, characters: int) -> Tensor:
    """Windows of a text, spread evenly over it, so that every measurement reads the same.

    Args:
        text: to take them from.
        block_size: T.
        characters: about how many the windows shall have together.

    Returns:
        ``(N, T + 1) int64``: T characters to read, each followed by the one to expect.
    """
    last = len(text) - block_size - 1
    count = max(1, min(characters // block_size, last + 1))
    starts = torch.linspace(0, last, count, dtype=torch.float64).long()[:, None]  # (N, 1)
    return text.tokens[starts + torch.arange(block_size + 1)]


def _default_generator(device: torch.device) -> torch.Generator:
    if device.type != "cuda":
        return torch.default_generator
    return torch.cuda.default_generators[device.index or torch.cuda.current_device()]
