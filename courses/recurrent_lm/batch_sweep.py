"""Batch sizes 32, 64, 128 and 256: what they do to losses and time (section 5, question 2).

The validation loss of the curves is the homework's, on the first validation batch, so each batch
size has another; the table also has the loss on the whole validation set.

Examples:
  python -m courses.recurrent_lm.batch_sweep --quick
  python -m courses.recurrent_lm.batch_sweep --scale 0.2
  python -m courses.recurrent_lm.batch_sweep --scale 0.2 --resume
  python -m courses.recurrent_lm.batch_sweep --device cuda

Usage:
  batch_sweep.py [options]

Options:
  --scale X           The share of the homework's 50,000 sequences to train on [default: 1].
  --seed N            Of the first weights [default: 10601].
  --train_data FILE   Token lists to learn from; stories/train_stories.json if not given.
  --val_data FILE     Token lists to measure on; stories/valid_stories.json if not given.
  --tokenizer FOLDER  Made the tokens; a folder "tokenizer" beside the training data, or
                      my_tokenizer here, if not given.
  --device DEVICE     auto, cpu or cuda [default: auto].
  --out FOLDER        Where results go; runs/batch_sweep if not given.
  --resume            Go on after an interruption.
  --restart           Throw earlier results in the folder away.
  --quick             Small models on short sequences, made up if no data is named: seconds.
  -h, --help          Show this.

Writes table.csv and table.md, and as .png with their .csv: training_loss, validation_loss.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from courses.commands import run_command

SIZES = (32, 64, 128, 256)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; returns the exit code."""
    return run_command("batch_sweep", __doc__, argv, run)


def run(arguments: Mapping[str, Any]) -> None:
    """Train once for each batch size, then write the table and the two pictures."""
    from courses.recurrent_lm.sweep import choose_settings, draw_curves, sweep

    trainings = {size: choose_settings(arguments, batch_size=size) for size in SIZES}
    draw_curves(*sweep(arguments, "batch_sweep", "batch size", trainings), "batch size")


if __name__ == "__main__":
    sys.exit(main())
