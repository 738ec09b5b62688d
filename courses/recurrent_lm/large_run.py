"""A large model on 250,000 sequences, and what it writes at three temperatures (section 5, 4).

Width 512, keys and values 256, batch size 128.

Examples:
  python -m courses.recurrent_lm.large_run --quick
  python -m courses.recurrent_lm.large_run --scale 0.1 --batch_size 32
  python -m courses.recurrent_lm.large_run --scale 0.1 --batch_size 32 --resume
  python -m courses.recurrent_lm.large_run --device cuda

Usage:
  large_run.py [options]

Options:
  --scale X           The share of the homework's 250,000 sequences to train on [default: 1].
  --batch_size N      Sequences in a batch [default: 128].
  --seed N            Of the first weights and of the samples [default: 10601].
  --train_data FILE   Token lists to learn from; stories/train_stories.json if not given.
  --val_data FILE     Token lists to measure on; stories/valid_stories.json if not given.
  --tokenizer FOLDER  Made the tokens; a folder "tokenizer" beside the training data, or
                      my_tokenizer here, if not given.
  --device DEVICE     auto, cpu or cuda [default: auto].
  --out FOLDER        Where results go; runs/large_run if not given.
  --resume            Go on after an interruption.
  --restart           Throw earlier results in the folder away.
  --quick             A small model on short sequences, made up if no data is named: seconds.
  -h, --help          Show this.

Writes table.csv and table.md, samples.csv and samples.md, as .png with their .csv training_loss
and validation_loss, and the model, with which `rnn complete` writes more.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from courses.commands import run_command

if TYPE_CHECKING:
    from torch import Tensor

    from courses.experiment import Results, Row
    from courses.recurrent_lm.lm_training import Training
    from courses.recurrent_lm.story_data import Stories

WIDTH, ATTENTION_WIDTH, COUNT = 512, 256, 250_000
PREFIX = "Once upon a time there was a"
TEMPERATURES = (0, 0.3, 0.8)
SAMPLES, LENGTH = 3, 64
NUMBERS = 4  # of the first validation sequence begin a text where no tokenizer knows words


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; returns the exit code."""
    return run_command("large_run", __doc__, argv, run)


def run(arguments: Mapping[str, Any]) -> None:
    """Train once, let the model write, then write the table, the samples and the pictures."""
    from courses.recurrent_lm.lm_checkpoint import CHECKPOINT
    from courses.recurrent_lm.sweep import choose_settings, draw_curves, sweep

    widths = {"embed_dim": WIDTH, "hidden_dim": WIDTH, "dk": ATTENTION_WIDTH, "dv": ATTENTION_WIDTH}
    settings = choose_settings(arguments, **widths, num_sequences=COUNT)
    width, also = settings.hidden_dim, (CHECKPOINT, "samples.csv", "samples.md")
    results, records = sweep(
        arguments, "large_run", "width", {width: settings}, after=save_and_write, also=also
    )
    show_samples(results, records[width]["prefix"], records[width]["samples"])
    draw_curves(results, records, "width")


def save_and_write(results: Results, training: Training, stories: Stories) -> Row:
    """Save the model, so that it can write more later, and let it write.

    Returns:
        The texts' beginning, and the samples: a row each with temperature, number and text.
    """
    import torch

    from courses.recurrent_lm.lm_checkpoint import open_writer, save_model

    save_model(results.folder, training.model, stories.tokenizer)
    device = next(training.model.parameters()).device
    generator = torch.Generator(device).manual_seed(training.settings.seed)
    if stories.tokenizer is None:
        begun = stories.valid[:1, :NUMBERS].to(device)  # (1, NUMBERS)
        prefix = _numbers(begun[0])

        def write(temperature: float) -> str:
            return _numbers(training.model.generate(begun, LENGTH, temperature, generator))
    else:
        prefix, writer = PREFIX, open_writer(training.model, stories.tokenizer)

        def write(temperature: float) -> str:
            return writer.complete(prefix, LENGTH, temperature, generator)

    samples = [
        {"temperature": temperature, "sample": sample, "text": write(temperature)}
        for temperature in TEMPERATURES
        for sample in range(1, SAMPLES + 1)
    ]
    return {"prefix": prefix, "samples": samples}


def _numbers(tokens: Tensor) -> str:
    return " " + " ".join(map(str, tokens.tolist()))


def show_samples(results: Results, prefix: str, samples: Sequence[Row]) -> None:
    """Write the samples as CSV and as Markdown, and print them."""
    from data.files import write_atomically

    results.numbers("samples", samples)
    lines = [f"# {prefix.strip()} …"]
    for row in samples:
        if row["sample"] == 1:
            lines.append(f"## Temperature {row['temperature']}")
        # What Markdown reads as its own signs, the </s> at a text's end among them, is escaped.
        text = re.sub(r"([\\`*_<>#\[\]])", r"\\\1", row["text"].strip())
        lines.append(f"{row['sample']}. " + " ".join(text.split()))
    text = "\n\n".join(lines) + "\n"
    write_atomically(
        results.folder / "samples.md",
        lambda path: path.write_text(text, encoding="utf-8", newline="\n"),
    )
    print(text)


if __name__ == "__main__":
    sys.exit(main())
