"""10,000 to 100,000 sequences: the last losses of longer trainings (section 5, question 3).

Every training begins anew, with the same weights and the same first sequences.

Examples:
  python -m courses.recurrent_lm.sequence_sweep --quick
  python -m courses.recurrent_lm.sequence_sweep --scale 0.2 --batch_size 32
  python -m courses.recurrent_lm.sequence_sweep --scale 0.2 --batch_size 32 --resume
  python -m courses.recurrent_lm.sequence_sweep --device cuda

Usage:
  sequence_sweep.py [options]

Options:
  --scale X           The share of the homework's numbers of sequences [default: 1].
  --batch_size N      Sequences in a batch [default: 128].
  --seed N            Of the first weights [default: 10601].
  --train_data FILE   Token lists to learn from; stories/train_stories.json if not given.
  --val_data FILE     Token lists to measure on; stories/valid_stories.json if not given.
  --tokenizer FOLDER  Made the tokens; a folder "tokenizer" beside the training data, or
                      my_tokenizer here, if not given.
  --device DEVICE     auto, cpu or cuda [default: auto].
  --out FOLDER        Where results go; runs/sequence_sweep if not given.
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

COUNTS = (10_000, 20_000, 50_000, 100_000)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; returns the exit code."""
    return run_command("sequence_sweep", __doc__, argv, run)


def run(arguments: Mapping[str, Any]) -> None:
    """Train once for each number of sequences, then write the table and the two pictures."""
    from courses.recurrent_lm.sweep import choose_settings, draw_final, sweep

    settings = [choose_settings(arguments, num_sequences=it) for it in COUNTS]
    trainings = {it.num_sequences: it for it in settings}
    draw_final(*sweep(arguments, "sequence_sweep", "num_sequences", trainings), "num_sequences")


if __name__ == "__main__":
    sys.exit(main())
