"""Widths 64, 128, 256 and 512: what a larger model does to the losses (section 5, question 1).

Embeddings and hidden state have the same width; keys and values of the attention keep 128.

Examples:
  python -m courses.recurrent_lm.width_sweep --quick
  python -m courses.recurrent_lm.width_sweep --scale 0.2 --batch_size 32
  python -m courses.recurrent_lm.width_sweep --scale 0.2 --batch_size 32 --resume
  python -m courses.recurrent_lm.width_sweep --device cuda

Usage:
  width_sweep.py [options]

Options:
  --scale X           The share of the homework's 50,000 sequences to train on [default: 1].
  --batch_size N      Sequences in a batch [default: 128].
  --seed N            Of the first weights [default: 10601].
  --train_data FILE   Token lists to learn from; stories/train_stories.json if not given.
  --val_data FILE     Token lists to measure on; stories/valid_stories.json if not given.
  --tokenizer FOLDER  Made the tokens; a folder "tokenizer" beside the training data, or
                      my_tokenizer here, if not given.
  --device DEVICE     auto, cpu or cuda [default: auto].
  --out FOLDER        Where results go; runs/width_sweep if not given.
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

WIDTHS = (64, 128, 256, 512)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; returns the exit code."""
    return run_command("width_sweep", __doc__, argv, run)


def run(arguments: Mapping[str, Any]) -> None:
    """Train once for each width, then write the table and the two pictures."""
    from courses.recurrent_lm.sweep import choose_settings, draw_curves, sweep

    settings = [choose_settings(arguments, embed_dim=it, hidden_dim=it) for it in WIDTHS]
    trainings = {it.hidden_dim: it for it in settings}
    draw_curves(*sweep(arguments, "width_sweep", "width", trainings), "width")


if __name__ == "__main__":
    sys.exit(main())
