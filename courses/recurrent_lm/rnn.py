r"""Train the recurrent language model of q10, and let it write on after a prefix.

Examples:
  python -m courses.recurrent_lm.rnn --quick
  python -m courses.recurrent_lm.rnn --train_data stories/train_stories.json --val_data \
    stories/valid_stories.json --train_losses_out train_losses.txt --val_losses_out \
    val_losses.txt --metrics_out metrics.txt --embed_dim 64 --hidden_dim 128 --dk \
    32 --dv 32 --num_sequences 128 --batch_size 1
  python -m courses.recurrent_lm.rnn --num_sequences 10000 --batch_size 32 --out runs/longer
  python -m courses.recurrent_lm.rnn complete "Once upon a time there was a"
  python -m courses.recurrent_lm.rnn complete --help

Usage:
  rnn.py [options]

Options:
  --train_data FILE        Token lists to learn from (stories/train_stories.json).
  --val_data FILE          Token lists to measure on (stories/valid_stories.json).
  --train_losses_out FILE  Training losses, one a line (train_losses.txt in --out).
  --val_losses_out FILE    Validation losses, one a line (val_losses.txt in --out).
  --metrics_out FILE       The final losses (metrics.txt in --out).
  --embed_dim N            Width of the embeddings (64).
  --hidden_dim N           Width of the recurrent network (128).
  --dk N                   Width of the attention's queries and keys (32).
  --dv N                   Width of its values (32).
  --num_sequences N        Sequences to train on, in whole batches (128).
  --batch_size N           Sequences in a batch (1).
  --lr X                   Step size of Adam (0.001).
  --seed N                 Of the first weights (10601).
  --tokenizer FOLDER       Made the tokens; a folder "tokenizer" beside the training data, or
                           my_tokenizer here, where there is one.
  --whole_validation       The metrics use the whole validation set, not its first batch.
  --device DEVICE          auto, cpu or cuda; a GPU differs in the last digits [default: cpu].
  --out FOLDER             Where the model goes, with losses.csv and their curve, losses.png
                           (runs/rnn, or runs/rnn-quick with --quick; what was there before is
                           moved to runs/rnn-before).
  --resume                 Go on after an interruption.
  --restart                Throw an earlier training in --out away.
  --quick                  A small model, on made-up sequences if no data is named: in seconds the
                           validation loss falls from 4.1 to about 1.
  -h, --help               Show this.

Exit code: 0 done, 1 a part is not written yet or a loss is no longer a number, 2 the command line
or the data is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from courses.commands import choose_device, number, run_command

if TYPE_CHECKING:
    from courses.recurrent_lm.lm_training import Settings, Training
    from models import RNN, RNNCell, RNNLanguageModel, SelfAttention
    from train_lm import train, validate

# The homework's module is called rnn: this one serves all its names.
__all__ = [
    "RNN",
    "RNNCell",
    "RNNLanguageModel",
    "SelfAttention",
    "complete",
    "main",
    "train",
    "validate",
]

COMPLETE = """Let a trained language model write on after a prefix.

Examples:
  python -m courses.recurrent_lm.rnn complete "Once upon a time there was a"
  python -m courses.recurrent_lm.rnn complete "Once upon a time" --temperature 0
  python -m courses.recurrent_lm.rnn complete "Tom and Sue" --model runs/longer --samples 5

Usage:
  rnn.py complete <prefix>... [options]
  rnn.py complete (-h | --help)

Options:
  --model FOLDER      Of a training; also a file model.pt that holds a state_dict, or its folder
                      [default: runs/rnn].
  --tokenizer FOLDER  Made the tokens; the one that the model was trained with, if it is there.
  --num_tokens N      The most tokens to write [default: 64].
  --temperature X     0 takes the likeliest token every time; the higher, the more surprising
                      [default: 0.3].
  --samples N         How many completions [default: 3].
  --seed N            Makes the completions repeatable; another one every time if not given.
  -h, --help          Show this.

A completion that ends with </s> was ended by the model itself.
"""

FOLDER = Path("runs/rnn")
# Option -> the setting that it changes, and how its text is read.
OPTIONS: dict[str, tuple[str, type]] = {
    "--embed_dim": ("embed_dim", int),
    "--hidden_dim": ("hidden_dim", int),
    "--dk": ("dk", int),
    "--dv": ("dv", int),
    "--num_sequences": ("num_sequences", int),
    "--batch_size": ("batch_size", int),
    "--lr": ("learning_rate", float),
    "--seed": ("seed", int),
}
QUICK = {
    "embed_dim": 16,
    "hidden_dim": 32,
    "dk": 8,
    "dv": 8,
    "num_sequences": 2000,
    "batch_size": 8,
    "learning_rate": 0.01,
}


def __getattr__(name: str) -> Any:
    """Fetch the homework's names when they are asked for: --help need not wait for PyTorch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import models
    import train_lm

    return getattr(train_lm if name in ("train", "validate") else models, name)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, or complete a prefix, as the command line says; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["complete"]:
        return run_command("rnn complete", COMPLETE, words, _complete, "no more is written")
    return run_command("rnn", __doc__, words, _train)


def choose_settings(arguments: Mapping[str, Any]) -> Settings:
    """Read the settings from the options."""
    from courses.recurrent_lm.lm_training import Settings

    given = {name: number(arguments, option, kind) for option, (name, kind) in OPTIONS.items()}
    given = {name: value for name, value in given.items() if value is not None}
    return Settings(**(QUICK if arguments["--quick"] else {}) | given)


def _train(arguments: Mapping[str, Any]) -> None:
    import torch

    from courses.recurrent_lm import lm_run
    from courses.recurrent_lm.lm_training import Training
    from courses.recurrent_lm.story_data import read_data

    torch.set_num_threads(1)  # the same bits on any number of cores
    settings, device = choose_settings(arguments), choose_device(arguments["--device"])
    usual = FOLDER.with_name(f"{FOLDER.name}-quick") if arguments["--quick"] else FOLDER
    folder = Path(arguments["--out"] or usual)
    stories = read_data(arguments)
    training = Training(settings, stories.train, stories.valid, stories.vocab_size, device)
    outputs = lm_run.claim_outputs(arguments, folder)
    results = lm_run.open_folder(arguments, folder, settings, stories, device.type)
    _tell_plan(training, device.type)
    record = lm_run.carry_out(training, results, stories.tokenizer)
    measured, valid_loss = "first batch", record["valid"][-1]
    if arguments["--whole_validation"]:
        measured, valid_loss = "whole set", training.whole_validation_loss()
    sequences = settings.steps * settings.batch_size
    print(
        f"{record['parameters']:,} parameters; {record['seconds']:.1f} s, "
        f"{sequences / record['seconds']:.1f} sequences/s; validation on the {measured}"
    )
    lm_run.write_outputs(outputs, record, valid_loss)
    print("written:")
    lm_run.draw_losses(results, record)
    for path in (folder / "losses.csv", folder / lm_run.CHECKPOINT, *outputs.values()):
        print(path)


def _tell_plan(training: Training, device: str) -> None:
    """Say what is about to happen, as far as the options do not."""
    import torch

    settings, there = training.settings, len(training.train_tokens)
    wanted = settings.steps * settings.batch_size
    print(f"training on {wanted:,} sequences, in batches of {settings.batch_size}, on {device}")
    if device == "cpu" and torch.cuda.is_available():
        print("a GPU is here: --device cuda trains on it, with other last digits")
    whole = there - there % settings.batch_size
    if wanted > whole:
        print(f"the data has {whole:,} in whole batches: it is read {wanted / whole:.1f} times")


def complete(
    prefix: str,
    num_tokens: int = 64,
    temperature: float = 0.0,
    *,
    model: Any = FOLDER,
    tokenizer: Any = None,
    seed: int | None = None,
) -> str:
    """Let a language model write on after a prefix.

    Args:
        prefix: the beginning of a text.
        num_tokens: the most tokens to write.
        temperature: 0 takes the likeliest token every time; the higher, the more surprising.
        model: the folder of a training, or a model.
        tokenizer: its folder, or a tokenizer; if not given, the one that the model was trained
            with, or one in a folder my_tokenizer.
        seed: makes the text repeatable; the global generator is used without it.

    Returns:
        What follows the prefix. A text that the model ended itself ends with ``</s>``.

    Raises:
        ValueError: if there is no model or no tokenizer, the prefix is empty, or a number is out
            of range.
    """
    from courses.recurrent_lm.lm_checkpoint import open_writer, seeded

    writer = open_writer(model, tokenizer)
    device = next(writer.model.parameters()).device
    generator = None if seed is None else seeded(seed, device)
    return writer.complete(prefix, num_tokens, temperature, generator)


def _complete(arguments: Mapping[str, Any]) -> None:
    import torch

    from courses.recurrent_lm.lm_checkpoint import open_writer, seeded

    torch.set_num_threads(1)
    samples, num_tokens = number(arguments, "--samples"), number(arguments, "--num_tokens")
    temperature, seed = number(arguments, "--temperature", float), number(arguments, "--seed")
    if samples < 1:
        raise ValueError(f"--samples is {samples}; give 1 or more")
    if seed is None:
        seed = random.randrange(1_000_000)
    generator, prefix = seeded(seed), " ".join(arguments["<prefix>"])
    writer = open_writer(arguments["--model"], arguments["--tokenizer"])
    if temperature == 0:  # nothing is drawn: every sample would be the same
        samples = 1
    for sample in range(1, samples + 1):
        text = writer.complete(prefix, num_tokens, temperature, generator)
        if sample == 1:
            print(f"prefix: {prefix}")
            print(f"temperature {temperature:g}" + (f", seed {seed}" if temperature else ""))
        print(f"completion {sample}: {text.strip()}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
