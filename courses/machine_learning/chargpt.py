"""Train a small GPT on Shakespeare, character by character (question 7).

Every 100 iterations it prints the iteration and 500 characters of its own, which begin with
"Pacman", and saves itself. Stop it with Ctrl-C and continue with --resume: the result is the same
as without the pause.

Usage:
  chargpt [options]
  chargpt (-h | --help)

Examples:
  python -m courses.machine_learning.chargpt --quick
  python -m courses.machine_learning.chargpt
  python -m courses.machine_learning.chargpt --resume
  python -m courses.machine_learning.chargpt --text songs.txt --width 200 --out runs/songs

Options:
  --quick            A tiny model for a few seconds, to see that everything works.
  --resume           Continue the run in the output folder.
  --out DIR          Where checkpoint, settings, losses and curve go
                     (runs/chargpt, or runs/chargpt-quick with --quick).
  --text FILE        Learn from this UTF-8 text file (Shakespeare).
  --device DEVICE    auto, cpu or cuda [default: auto].
  --seed N           Makes a run repeatable (0).
  --iterations N     Updates of the weights (10000). May be raised with --resume.
  --block-size N     Characters that the model looks back on (10).
  --width N          Width of the model (100).
  --layers N         Transformer blocks (6).
  --batch-size N     Pieces of text in a batch (500).
  --lr RATE          Step size of Adam (0.001).
  --prompt TEXT      What every sample begins with (Pacman).
  -h --help          Show this.

Exit code: 0 finished, 1 no data or an unwritten part of q6 or q7, 2 wrong usage, 130 stopped by
Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docopt import docopt

from courses.commands import choose_device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from courses.machine_learning.gpt_run import Run, Settings
    from data.text import Text

QUICK = {
    "n_embd": 24,
    "n_layer": 2,
    "batch_size": 32,
    "iterations": 60,
    "every": 20,
    "sample_length": 80,
}
# Option -> the setting that it changes, and how its text is read.
OPTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "--text": ("text", str),
    "--seed": ("seed", int),
    "--iterations": ("iterations", int),
    "--block-size": ("block_size", int),
    "--width": ("n_embd", int),
    "--layers": ("n_layer", int),
    "--batch-size": ("batch_size", int),
    "--lr": ("learning_rate", float),
    "--prompt": ("prompt", str),
}


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = docopt(__doc__, argv=argv)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch is imported
    from data.fetching import FetchError

    try:
        run = prepare(arguments)
    except (ValueError, OSError, FetchError) as error:
        print(f"chargpt: {error}", file=sys.stderr)
        return 1 if isinstance(error, FetchError) else 2
    try:
        return train(run)
    except NotImplementedError as error:
        print(f"chargpt: a part of the model is not written yet: {error}", file=sys.stderr)
        return 1


def prepare(arguments: dict[str, Any]) -> Run:
    """Build the run that the arguments ask for, or continue it."""
    import torch

    from courses.machine_learning.gpt_run import CHECKPOINT, Run

    quick_folder = arguments["--quick"] and not arguments["--out"]
    folder = Path(arguments["--out"] or ("runs/chargpt-quick" if quick_folder else "runs/chargpt"))
    if (folder / CHECKPOINT).exists() and not arguments["--resume"] and not quick_folder:
        raise ValueError(
            f"{folder} already holds a run: continue it with --resume, or choose another --out"
        )
    settings = choose_settings(arguments, folder)
    text, device = read_text(settings.text), choose_device(arguments["--device"])
    torch.manual_seed(settings.seed)
    run = Run(settings, text, folder, device)
    if arguments["--resume"]:
        run.resume()
    return run


def choose_settings(arguments: dict[str, Any], folder: Path) -> Settings:
    """Read the settings from the options; a run that goes on keeps its own."""
    from courses.machine_learning.gpt_run import Settings, saved_settings

    given = {
        name: _read(option, kind, arguments[option])
        for option, (name, kind) in OPTIONS.items()
        if arguments[option] is not None
    }
    if not arguments["--resume"]:
        return Settings(**(QUICK if arguments["--quick"] else {}) | given)
    saved = saved_settings(folder)
    for option, (name, _) in OPTIONS.items():
        fixed = option not in ("--iterations", "--text")  # a text is compared by its content
        if fixed and name in given and given[name] != getattr(saved, name):
            raise ValueError(
                f"{option} {given[name]} differs from the run's own, {getattr(saved, name)}; "
                f"leave the option out, or start a new run with another --out"
            )
    return replace(saved, **given)


def _read(option: str, kind: Callable[[str], Any], text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{option} must be a number, got {text!r}") from None


def read_text(path: str | None) -> Text:
    """Read the text to learn from: a file, or Shakespeare."""
    if path is None:
        import data

        return data.load("shakespeare").train
    from data.text import Text

    try:
        return Text(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ValueError(f"--text {path} cannot be read: {why}; give a UTF-8 text file") from error


def train(run: Run) -> int:
    """Train to the end or to Ctrl-C, with samples and checkpoints on the way."""
    from tqdm import tqdm

    bar = tqdm(total=run.settings.iterations, initial=run.iteration, unit="iteration", disable=None)

    def advance(loss: float) -> None:
        bar.update()
        bar.set_postfix(loss=f"{loss:.3f}", refresh=False)

    with bar, interruptible() as stopped:
        while not run.finished and not stopped():
            run.train(stopped, advance)
            if run.iteration % run.settings.every == 0 or run.finished:
                tqdm.write(f"iteration {run.iteration}\n{run.sample()}\n")
            run.save()
    if run.losses:
        run.plot()
    print(f"iteration {run.iteration} of {run.settings.iterations}, saved in {run.folder}")
    if not run.finished:
        print("stopped; continue with --resume")
        return 130
    return 0


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into a question that is asked between iterations; the second one ends at once.

    An interruption in the middle of an update would leave half of the weights changed.
    """
    asked = False

    def remember(signal_number: int, frame: Any) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, remember)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, previous)


if __name__ == "__main__":
    sys.exit(main())
