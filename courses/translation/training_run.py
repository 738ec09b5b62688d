"""One training of the translator from the command line: its data, its files and their names.

Beside the model, such as ``model.bin``, stand:

    model.training.safetensors   everything that --resume needs
    model.perplexity.png, .csv   the dev perplexity of every validation
"""

from __future__ import annotations

import hashlib
import json
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from courses.commands import expect_writable
from courses.translation import training_file
from courses.translation.batching import Examples
from courses.translation.corpus import digest, find_pairs
from courses.translation.fast_loss import NOT_FAST
from courses.translation.nmt_settings import MAY_CHANGE, Settings
from courses.translation.nmt_training import Training
from courses.translation.perplexity_curve import draw_curve, write_table
from courses.translation.processes import Processes, join
from data.sentence_pairs import SentencePairs
from models.nmt.vocabulary import SPECIAL, Vocab

DRAW_EVERY = 60.0  # seconds
TO_MAKE = "to make one: python -m courses.translation.vocab"
FILES = ("--train-src", "--train-tgt", "--dev-src", "--dev-tgt")


def beside(model: Path, ending: str) -> Path:
    """Name a file that belongs to a model."""
    return model.with_name(f"{model.stem}.{ending}")


def train(arguments: Mapping[str, Any], settings: Settings) -> None:
    """Train as the command line says, and leave the files."""
    torch.set_num_threads(1)  # the same bits on any number of cores
    path = Path(arguments["--save-to"])
    with join(arguments["--device"]) as processes:
        vocab = read_vocab(arguments["--vocab"])
        parts = [find_pairs(*(arguments[it] for it in FILES[at : at + 2])) for at in (0, 2)]
        expect_writable(path, "--save-to")
        run = Run(settings, vocab, *parts, path, processes)
        run.open(resume=arguments["--resume"], restart=arguments["--restart"])
        with interruptible(run.training):
            run.training.run()
        run.close()


@contextmanager
def interruptible(training: Training) -> Iterator[None]:
    """Let Ctrl-C end a training between two batches, and a second one at once.

    An interruption in the middle of an update would leave half of the weights changed. Of several
    processes none may stop before the others: there the last save has to do.
    """
    if training.processes.count > 1:
        yield
        return

    def ask(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, previous)
        training.stop()

    previous = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def read_vocab(path: str) -> Vocab:
    """Read the vocabulary.

    Raises:
        ValueError: if there is none, or it knows no word of a language.
    """
    try:
        vocab = Vocab.load(path)
    except FileNotFoundError:
        raise ValueError(f"there is no vocabulary {path}; {TO_MAKE}") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    for side, entry in (("source", vocab.src), ("target", vocab.tgt)):
        if len(entry) == len(SPECIAL):
            raise ValueError(f"{path} knows no word of the {side} language; {TO_MAKE}")
    return vocab


class Run:
    """A training with its files.

    Args:
        settings: of the training.
        vocab: the words of both languages.
        train: sentences to learn from.
        dev: sentences to measure on.
        path: of the model.
        processes: who takes part; only the first one writes.
    """

    def __init__(
        self,
        settings: Settings,
        vocab: Vocab,
        train: SentencePairs,
        dev: SentencePairs,
        path: Path,
        processes: Processes,
    ) -> None:
        self.settings, self.vocab, self.path, self.processes = settings, vocab, path, processes
        self.checkpoint = beside(path, "training.safetensors")
        self.data = digest(train, dev)
        words = json.dumps(vocab.to_dict(), sort_keys=True)
        self.vocabulary = hashlib.sha256(words.encode()).hexdigest()
        self.drawn = time.perf_counter()
        self.training = Training(
            settings, Examples(train, vocab), Examples(dev, vocab), processes, self.save
        )
        words = sum(map(len, train.target))
        self.plan = (
            f"{len(train):,} pairs to learn from ({words:,} target words), {len(dev):,} to measure "
            f"on; {len(vocab.src):,} source and {len(vocab.tgt):,} target words are known"
        )

    def open(self, *, resume: bool, restart: bool) -> None:
        """Begin the training, or go on with the one that is in the files.

        Raises:
            ValueError: if there is a training and neither is asked for, or none to resume, or it
                had other settings or data.
        """
        say, training = self.processes.say, self.training
        if resume and restart:
            raise ValueError("--resume goes on and --restart begins again: give one of them")
        if self.checkpoint.exists() and not (resume or restart):
            raise ValueError(
                f"{self.checkpoint} already holds a training: go on with --resume, throw it away "
                "with --restart, or choose another --save-to"
            )
        if resume:
            tensors, about = training_file.load(self.checkpoint)
            self._expect_same(about)
            training.restore(tensors, about["progress"])
            if self.processes.first and training.best and not self.path.exists():
                training.best_model().save(self.path)
        elif self.processes.first:
            self.checkpoint.unlink(missing_ok=True)
        count = sum(parameter.numel() for parameter in training.model.parameters())
        say(self.plan)
        say(
            f"{count:,} parameters; {training.batches_per_epoch:,} iterations an epoch, on "
            f"{self.processes.device.type}, in {self.processes.count} process(es)"
        )
        if not training.fast:
            say(NOT_FAST)
        if resume:
            say(f"goes on after iter {training.progress.iteration}")

    def save(self, better: bool) -> None:
        """Keep the training, and first of all its best model."""
        if not self.processes.first:
            return
        if better:
            # Before the training: after a kill in between, the steps that led here are repeated.
            self.training.model.save(self.path)
        tensors, progress = self.training.state()
        training_file.save(self.checkpoint, tensors, self._about() | {"progress": progress})
        if progress["validations"]:
            write_table(beside(self.path, "perplexity.csv"), progress["validations"])
            # To look at while a long training goes on; a short one would do little else.
            if time.perf_counter() - self.drawn >= DRAW_EVERY:
                self._draw()

    def close(self) -> None:
        """Draw the curve, and say what the training left."""
        progress = self.training.progress
        best = min(progress.validations, key=lambda row: row["dev perplexity"])
        if self.processes.first:
            self._draw()
        self.processes.say(
            f"best dev. ppl {best['dev perplexity']:.4f} at iter {best['iteration']}; "
            f"{progress.iteration:,} iterations took {progress.seconds:.0f} s; written: "
            f"{self.path}, {beside(self.path, 'perplexity.png')}, {self.checkpoint}"
        )

    def _draw(self) -> None:
        draw_curve(beside(self.path, "perplexity.png"), self.training.progress.validations)
        self.drawn = time.perf_counter()

    def _about(self) -> dict[str, Any]:
        settings = asdict(self.settings)
        return {"settings": settings, "data": self.data, "vocabulary": self.vocabulary}

    def _expect_same(self, about: Mapping[str, Any]) -> None:
        """Refuse to go on with other settings, other sentences or another vocabulary."""
        asked = self._about()
        for name, before in about["settings"].items():
            now = asked["settings"].get(name)
            if name not in MAY_CHANGE and now != before:
                raise ValueError(
                    f"{self.checkpoint} was made with --{name.replace('_', '-')} {before}, not "
                    f"{now}: give the same options, or begin again with --restart"
                )
        for name in ("vocabulary", "data"):
            if about.get(name) != asked[name]:
                what = "other data" if name == "data" else f"another {name}"
                raise ValueError(
                    f"{self.checkpoint} was made with {what}: give the same files, or begin again "
                    "with --restart"
                )
