"""One training of the translator: made new or continued, with everything it needs to go on.

The homework's procedure: after every so many batches the perplexity of the dev sentences is
measured. The best model is kept; when it stays the best for too long, training goes on from it
with a smaller learning rate, and after several such trials it ends.

A resumed training does what the interrupted one would have done, to the last bit: the order of an
epoch depends on the seed and the epoch, the dropout of a batch on the seed, the batch's number and
the process, and all else is kept.

Shapes: `B` batch, `S` source words, `T` target words with ``<s>`` and ``</s>``.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn, optim
from torch.nn.parallel import DistributedDataParallel

from courses import torch_state
from courses.translation.batching import Batch, Examples, mixed, shuffled
from courses.translation.fast_loss import is_fast_loss_right
from courses.translation.nmt_progress import Progress, perplexity
from courses.translation.nmt_settings import Settings
from courses.translation.patience import Patience
from courses.translation.processes import Processes
from models import NMT
from models.nmt.training_loss import loss_by_steps
from train import FitOptions, fit, to_device

DEV_BATCH = 128
SAVE_EVERY = 60.0  # seconds between two saves, where validations are less frequent
NOW, BEST = "now.", "best."


class _Loss(nn.Module):
    """The training's loss as a module's `forward`, as `DistributedDataParallel` wants it."""

    def __init__(self, model: NMT, *, fast: bool) -> None:
        super().__init__()
        self.model = model
        self.measure = NMT.loss if fast else loss_by_steps

    def forward(self, batch: Batch) -> Tensor:
        """Compute minus the sum of the log-probabilities of all words, ``() float32``."""
        return self.measure(self.model, *batch)


class Training:
    """A translator in training.

    Args:
        settings: how.
        train: sentences to learn from.
        dev: sentences to measure on.
        processes: who takes part.
        on_save: called when the training should be kept, with whether its model is a new best one.

    Attributes:
        model: the network as it is now.
        fast: whether the loss is computed without the network's own steps; see `fast_loss`.
        best: state of the best model so far and of its optimizer, as `torch_state` names it.
        progress: where the training stands.
    """

    def __init__(
        self,
        settings: Settings,
        train: Examples,
        dev: Examples,
        processes: Processes,
        on_save: Callable[[bool], None] = lambda better: None,
    ) -> None:
        self.settings, self.train, self.dev = settings, train, dev
        self.processes, self.on_save = processes, on_save
        torch.manual_seed(settings.seed)
        self.model = NMT(
            settings.embed_size, settings.hidden_size, train.vocab, settings.dropout,
            settings.attention,
        )  # fmt: skip
        draw_uniformly(self.model, settings.uniform_init)
        self.model.to(processes.device)
        self.fast = is_fast_loss_right()
        self.measured = _Loss(self.model, fast=self.fast)
        self.loss: nn.Module = self.measured
        if processes.count > 1:
            self.loss = DistributedDataParallel(self.measured)
        self.optimizer = optim.Adam(self.model.parameters(), lr=settings.lr, fused=True)
        self.best: dict[str, Tensor] = {}
        self.progress = Progress(Patience(settings.lr))
        self._order: tuple[int, list[int]] = (0, [])  # an epoch, and its sentences
        self._saved = self._clock = time.perf_counter()
        self._total = 0.0  # loss of the present batch, of all processes
        self._stopping = False

    @property
    def batches_per_epoch(self) -> int:
        """How many batches there are; the last one may be smaller."""
        return math.ceil(len(self.train) / self.settings.batch_size)

    @property
    def _validation_is_due(self) -> bool:
        return self.progress.iteration % self.settings.valid_niter == 0

    def run(self) -> None:
        """Train to the end, from wherever the training stands.

        Raises:
            FloatingPointError: if the loss is no longer a number.
            KeyboardInterrupt: after `stop`.
        """
        progress, settings = self.progress, self.settings
        options = FitOptions(epochs=1, clip_norm=settings.clip_grad)
        self._saved = self._clock = time.perf_counter()
        while not progress.ended:
            fit(self.model, self._batches(), self._batch_loss, self.optimizer, options)
            over = progress.position == self.batches_per_epoch
            last = over and progress.epoch >= settings.max_epoch
            verdict = ""
            if last or self._validation_is_due:
                verdict = self._validate()
            if over:
                progress.epoch, progress.position = progress.epoch + 1, 0
            if last and not progress.ended:
                progress.ended = f"all {settings.max_epoch} epochs are over"
            if verdict or self._due():
                self.on_save(verdict == "better")
                progress.seconds += self._lap()
                self._saved = self._clock
            if self._stopping and not progress.ended:
                raise KeyboardInterrupt
        self.processes.say(f"end of training: {progress.ended}")

    def stop(self) -> None:
        """Ask for a save and the end, as soon as the present batch is done."""
        self._stopping = True

    def _batches(self) -> Iterator[Batch]:
        """Give this process's share of the batches up to the next validation or save."""
        progress, settings = self.progress, self.settings
        while True:
            numbers = self._numbers()
            # What is dropped depends on nothing that happened before.
            torch.manual_seed(mixed(settings.seed, progress.iteration, self.processes.rank))
            yield self.train.batch(self.processes.share(numbers))
            # Back here, the step has been made.
            progress.count(self._total, self.train.words(numbers), len(numbers), self._lap())
            if progress.iteration % settings.log_every == 0:
                self.processes.say(progress.take_line())
            over = progress.position == self.batches_per_epoch
            if over or self._validation_is_due or self._due():
                return

    def _numbers(self) -> list[int]:
        """Which sentences are in the present batch, of all processes; the longest first."""
        progress, size = self.progress, self.settings.batch_size
        if self._order[0] != progress.epoch:
            order = shuffled(len(self.train), self.settings.seed, progress.epoch)
            self._order = progress.epoch, order
        numbers = self._order[1][progress.position * size :][:size]
        return sorted(numbers, key=lambda number: -len(self.train.source[number]))

    def _batch_loss(self, batch: Batch) -> Tensor:
        """Compute the sum over all words, divided by the number of sentences."""
        processes, numbers = self.processes, self._numbers()
        with self._autocast():
            loss = self.loss(batch) * processes.weight(numbers)
        self._total = processes.added_up(loss.detach().double()).item()
        # Gradients are averaged over the processes, but they are parts of one sum.
        return loss * (processes.count / len(numbers))

    def _validate(self) -> str:
        """Measure the model, and do what `Patience` says."""
        progress, settings = self.progress, self.settings
        found = self.dev_perplexity()
        progress.seconds += self._lap()
        progress.take_validation(found)
        self.processes.say(f"validation: iter {progress.iteration}, dev. ppl {found:.4f}")
        # One for the sake of the end costs no patience: a training of more epochs has it left.
        if found >= progress.patience.best and not self._validation_is_due:
            return "wait"
        verdict = progress.patience.judge(
            found, settings.patience, settings.max_num_trial, settings.lr_decay
        )
        if verdict == "better":
            state = torch_state.collect(self.model, self.optimizer, {})
            self.best = {name: value.clone() for name, value in state.items()}
        elif verdict == "restart":
            self._put_back({name: value.clone() for name, value in self.best.items()})
            self.processes.say(
                f"no better for {settings.patience} validations: back to the best model, with "
                f"learning rate {progress.patience.learning_rate:g}"
            )
        elif verdict == "stop":
            progress.ended = f"no better after {settings.max_num_trial} trials"
        return verdict

    def dev_perplexity(self) -> float:
        """Measure the perplexity of the dev sentences.

        Raises:
            FloatingPointError: if it is no number.
        """
        processes = self.processes
        self.model.eval()
        total = torch.zeros((), dtype=torch.float64, device=processes.device)
        with torch.inference_mode(), self._autocast():
            for number, numbers in enumerate(self.dev.batches(DEV_BATCH)):
                if number % processes.count == processes.rank:
                    batch = to_device(self.dev.batch(numbers), processes.device)
                    total += self.measured(batch)
        loss = processes.added_up(total).item()
        if not math.isfinite(loss):
            raise FloatingPointError(f"the dev loss became {loss}: try a smaller --lr")
        return perplexity(loss, self.dev.words(range(len(self.dev))))

    def best_model(self) -> NMT:
        """Make the best model so far once more."""
        model = copy.deepcopy(self.model)
        model.load_state_dict(torch_state.below("model.", self.best))
        return model

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Give all that `restore` needs: tensors, and what JSON can hold."""
        now = torch_state.collect(self.model, self.optimizer, {})
        tensors = {NOW + name: value for name, value in now.items()}
        tensors |= {BEST + name: value for name, value in self.best.items()}
        return tensors, asdict(self.progress)

    def restore(self, tensors: Mapping[str, Tensor], about: dict[str, Any]) -> None:
        """Go on where `state` was called."""
        self.progress = Progress.from_dict(about)
        self.best = torch_state.below(BEST, tensors)
        self._put_back(torch_state.below(NOW, tensors))
        stopped_early = self.progress.patience.trials >= self.settings.max_num_trial
        if self.progress.epoch <= self.settings.max_epoch and not stopped_early:
            self.progress.ended = ""  # there may be more epochs now

    def _put_back(self, tensors: Mapping[str, Tensor]) -> None:
        torch_state.restore(tensors, self.model, self.optimizer, {})
        for group in self.optimizer.param_groups:
            group["lr"] = self.progress.patience.learning_rate

    def _autocast(self) -> torch.autocast:
        kind = self.processes.device.type
        return torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda")

    def _due(self) -> bool:
        return self._stopping or time.perf_counter() - self._saved >= SAVE_EVERY

    def _lap(self) -> float:
        """Seconds since this was asked last."""
        before, self._clock = self._clock, time.perf_counter()
        return self._clock - before


def draw_uniformly(model: nn.Module, limit: float) -> None:
    """Draw all weights from -limit to limit, but for the words that only fill up; 0 draws none."""
    if limit == 0:
        return
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(-limit, limit)
        for module in model.modules():
            if isinstance(module, nn.Embedding) and module.padding_idx is not None:
                module.weight[module.padding_idx].zero_()
