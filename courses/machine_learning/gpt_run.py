"""One training run of question 7: a `CharacterGPT`, its text, and the files it leaves behind.

Shapes: `B` batch, `T` block size.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, optim

from courses.machine_learning import checkpoint
from data.files import write_atomically
from data.text import Text
from models import CharacterGPT
from train import FitOptions, fit

CHECKPOINT = "checkpoint.safetensors"
CONFIG = "config.json"
LOSSES = "losses.csv"
CURVE = "loss.png"


@dataclass(frozen=True)
class Settings:
    """What a run does; the defaults are the homework's.

    Attributes:
        block_size: how many characters the model looks back on.
        n_embd: the width of the model.
        n_layer: the number of transformer blocks.
        batch_size: pieces of text in a batch.
        iterations: updates of the weights.
        every: iterations between two samples, and between two checkpoints.
        sample_length: characters in a sample.
        learning_rate: the step size of Adam.
        seed: makes a run repeatable.
        prompt: what every sample begins with.
        text: the file to learn from; None for Shakespeare.
    """

    block_size: int = 10
    n_embd: int = 100
    n_layer: int = 6
    batch_size: int = 500
    iterations: int = 10_000
    every: int = 100
    sample_length: int = 500
    learning_rate: float = 0.001
    seed: int = 0
    prompt: str = "Pacman"
    text: str | None = None

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name not in ("seed", "prompt", "text") and value <= 0:
                raise ValueError(f"{name} must be above 0, got {value}")


class Run:
    """A model in training: made new, or continued from its checkpoint.

    Args:
        settings: what to do.
        text: what to learn from.
        folder: where the files go.
        device: where the model is trained.

    Attributes:
        losses: the loss of every iteration so far, in nats per character.
    """

    def __init__(self, settings: Settings, text: Text, folder: Path, device: torch.device) -> None:
        if len(text) <= settings.block_size:
            raise ValueError(
                f"the text has {len(text)} characters: expected more than the block size, "
                f"{settings.block_size}; give a longer text or a smaller block"
            )
        self.settings, self.text, self.folder, self.device = settings, text, folder, device
        self.fingerprint = hashlib.sha256(text.characters.encode()).hexdigest()
        # A generator of its own for each purpose: how often samples are printed must not change
        # which batches come next.
        self.generators = {
            "batches": torch.Generator().manual_seed(settings.seed),
            "samples": torch.Generator(device).manual_seed(settings.seed),
        }
        self.model = CharacterGPT(
            settings.block_size, settings.n_embd, settings.n_layer, len(text.alphabet)
        ).to(device)
        self.optimizer = optim.Adam(self.model.parameters(), lr=settings.learning_rate)
        self.losses: list[float] = []

    @property
    def iteration(self) -> int:
        """How many updates were made."""
        return len(self.losses)

    def batch(self) -> tuple[Tensor, Tensor]:
        """Draw pieces of text, ``(B, T) int64``, and the same one character later, ``(B, T)``."""
        return self.text.windows(
            self.settings.block_size, self.settings.batch_size, self.generators["batches"]
        )

    def train(self, stopped: Callable[[], bool], on_iteration: Callable[[float], None]) -> None:
        """Train up to the next sample, or until somebody asks to stop.

        Args:
            stopped: asked after every iteration.
            on_iteration: told the loss of every iteration.
        """

        def batches() -> Iterator[tuple[Tensor, Tensor]]:
            yield self.batch()
            while not stopped() and self.iteration % self.settings.every and not self.finished:
                yield self.batch()

        def batch_loss(batch: tuple[Tensor, Tensor]) -> Tensor:
            loss = self.model.get_loss(*batch)
            self.losses.append(loss.item())
            on_iteration(self.losses[-1])
            return loss

        fit(self.model, batches(), batch_loss, self.optimizer, FitOptions(epochs=1))

    @property
    def finished(self) -> bool:
        """Whether all iterations were made."""
        return self.iteration >= self.settings.iterations

    def sample(self) -> str:
        """Let the model write, beginning with the prompt."""
        # Another text may lack some letters of the prompt; the model cannot read those.
        known = "".join(c for c in self.settings.prompt if c in self.text.alphabet)
        prompt = self.text.encode(known or self.text.alphabet[0]).to(self.device)  # (T,)
        self.model.eval()
        written = self.model.generate(
            prompt[None], self.settings.sample_length, generator=self.generators["samples"]
        )
        return self.text.decode(written[0])

    def save(self) -> None:
        """Save the checkpoint, then the files for people that can be made from it."""
        tensors = checkpoint.collect(self.model, self.optimizer, self.generators)
        tensors["losses"] = torch.tensor(self.losses, dtype=torch.float64)
        about: dict[str, Any] = {"settings": asdict(self.settings), "text": self.fingerprint}
        checkpoint.save(self.folder / CHECKPOINT, tensors, about)
        state = about | {"iteration": self.iteration, "alphabet": self.text.alphabet}
        write_atomically(
            self.folder / CONFIG,
            lambda path: _write_text(path, json.dumps(state, indent=2, ensure_ascii=False)),
        )
        write_atomically(self.folder / LOSSES, self._write_losses)

    def resume(self) -> None:
        """Continue from the checkpoint in the folder.

        Raises:
            ValueError: when it was made with another text.
        """
        tensors, about = checkpoint.load(self.folder / CHECKPOINT)
        if about["text"] != self.fingerprint:
            raise ValueError(
                "this run was trained on another text; give the same file to --text, or start a "
                "new run with another --out"
            )
        checkpoint.restore(tensors, self.model, self.optimizer, self.generators)
        self.losses = tensors["losses"].tolist()

    def plot(self) -> None:
        """Draw the loss curve."""
        from courses.machine_learning.loss_curve import plot_losses

        guessing = math.log(len(self.text.alphabet))
        write_atomically(self.folder / CURVE, lambda path: plot_losses(self.losses, guessing, path))

    def _write_losses(self, path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["iteration", "loss"])
            writer.writerows(enumerate(self.losses, start=1))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")


def saved_settings(folder: Path) -> Settings:
    """Read the settings of the run in a folder."""
    _, about = checkpoint.load(folder / CHECKPOINT)
    return Settings(**about["settings"])
