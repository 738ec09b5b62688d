"""A decoder-only transformer on tiny Shakespeare: its text before and after training (4.1).

A sweep trains the model anew for several values of one setting, everything else unchanged.

Examples:
  python -m courses.mlp_from_scratch.transformer --quick
  python -m courses.mlp_from_scratch.transformer
  python -m courses.mlp_from_scratch.transformer --resume
  python -m courses.mlp_from_scratch.transformer --sweep block_size
  python -m courses.mlp_from_scratch.transformer --sweep n_head

Usage:
  transformer.py [options]

Options:
  --sweep NAME        block_size (2, 16 and 64) or n_head (2, 4 and 8).
  --seed N            Of weights, batches, dropout and samples [default: 1337].
  --block_size N      Characters that the model looks back on (32).
  --n_embd N          Width of the model (64).
  --n_head N          Heads of a block (4).
  --n_layer N         Blocks (4).
  --dropout X         The share that is set to zero in training (0).
  --batch_size N      Windows of text in a batch (16).
  --iterations N      Updates of the weights (5000).
  --learning_rate X   Step size of AdamW (0.001).
  --sample_length N   Characters in a sample (500).
  --text FILE         Learn from this UTF-8 text file (Shakespeare).
  --device DEVICE     cpu or cuda [default: cpu].
  --out FOLDER        Where results go; runs/transformer or runs/transformer-NAME if not given.
  --resume            Go on after an interruption.
  --restart           Throw earlier results in the folder away.
  --quick             A small model and 60 iterations: seconds instead of minutes.
  -h, --help          Show this.

Writes the losses as loss.png and loss.csv, table.csv and table.md, the samples as text files, and
the trained weights as .safetensors.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from courses.commands import choose_device, number, run_command

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from courses.experiment import Results, Row
    from courses.mlp_from_scratch.transformer_training import Measurement, Settings, Training
    from data.text import Text

SWEEPS = {"block_size": (2, 16, 64), "n_head": (2, 4, 8)}
QUICK = {
    "block_size": 16,
    "n_embd": 32,
    "n_layer": 2,
    "batch_size": 8,
    "iterations": 60,
    "every": 20,
    "evaluated": 2_000,
    "sample_length": 100,
}
# The options that are settings of the same name, and how their text is read.
OPTIONS: dict[str, type] = {
    "seed": int,
    "block_size": int,
    "n_embd": int,
    "n_head": int,
    "n_layer": int,
    "dropout": float,
    "batch_size": int,
    "iterations": int,
    "learning_rate": float,
    "sample_length": int,
}
FORMATS = {
    "parameters": ",",
    "training loss": ".4f",
    "validation loss": ".4f",
    "time (s)": ".1f",
    "characters/s": ",.0f",
}


def choose_settings(arguments: Mapping[str, Any]) -> Settings:
    """Read the settings from the options."""
    from courses.mlp_from_scratch.transformer_training import Settings

    given = {name: number(arguments, f"--{name}", kind) for name, kind in OPTIONS.items()}
    given = {name: value for name, value in given.items() if value is not None}
    return Settings(**(QUICK if arguments["--quick"] else {}) | given)


def choose_trainings(settings: Settings, sweep: str | None) -> dict[str, Settings]:
    """Name every training: a single one, or one for each value of a sweep."""
    if sweep is None:
        return {"transformer": settings}
    if sweep not in SWEEPS:
        raise ValueError(f"--sweep is {sweep!r}; give {' or '.join(SWEEPS)}")
    return {f"{sweep}-{value}": replace(settings, **{sweep: value}) for value in SWEEPS[sweep]}


def read_texts(path: str | None) -> tuple[Text, Text]:
    """Read the text to learn from and the text to validate on: of a file, or Shakespeare."""
    import data
    from data.text import VALIDATION_SHARE, Text

    if path is None:
        splits = data.load("shakespeare")
        return splits.train, splits.validation
    try:
        characters = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ValueError(f"--text {path} cannot be read: {why}; give a UTF-8 text file") from error
    alphabet = "".join(sorted(set(characters)))
    end = len(characters) - int(len(characters) * VALIDATION_SHARE)
    return Text(characters[:end], alphabet), Text(characters[end:], alphabet)


def open_folder(arguments: Mapping[str, Any], settings: Settings, texts: Sequence[Text]) -> Results:
    """The results folder; what decides the results is the settings and the text."""
    from courses.experiment import open_results

    sweep = arguments["--sweep"]
    name = f"transformer-{sweep}" if sweep else "transformer"
    folder = Path(arguments["--out"] or f"runs/{name}{'-quick' if arguments['--quick'] else ''}")
    swept = {sweep: SWEEPS[sweep]} if sweep else {}
    text = hashlib.sha256("".join(text.characters for text in texts).encode()).hexdigest()
    results = open_results(
        folder,
        asdict(settings) | swept | {"text": text},
        device=arguments["--device"],
        resume=arguments["--resume"],
        restart=arguments["--restart"],
    )
    if arguments["--restart"]:
        for path in [*folder.glob("*-before.txt"), *folder.glob("*-after.txt")]:
            path.unlink()
    return results


def train(
    results: Results, name: str, settings: Settings, texts: tuple[Text, Text], device: torch.device
) -> dict[str, Any]:
    """Carry out one training, or what is left of it, and return its record."""
    from tqdm import tqdm

    from courses.mlp_from_scratch.transformer_training import Training

    found = results.finished(name)
    if found is not None:
        print(f"{name}: done before")
        return found
    training = Training(settings, *texts, device)
    if training.restore(results, name):
        print(f"{name}: goes on after iteration {training.iteration}")
    else:
        print(f"{name}, before training:\n{training.before}\n")
        print(_line(name, training.curve[0]))
    bar = tqdm(
        total=settings.iterations, initial=training.iteration, unit="iteration", disable=None
    )

    def told() -> None:
        training.keep(results, name)
        tqdm.write(_line(name, training.curve[-1]))

    with bar:
        training.run(told, bar.update)
    record = training.record()
    print(f"\n{name}, after training:\n{record['after']}\n", flush=True)
    keep_texts(results, name, record)
    keep_weights(results, name, training)
    return results.finish(name, record)


def _line(name: str, at: Measurement) -> str:
    return (
        f"{name}: iteration {at.iteration}, training loss {at.train:.4f}, "
        f"validation loss {at.validation:.4f}"
    )


def keep_texts(results: Results, name: str, record: Row) -> None:
    """Write the samples, each as a text file."""
    from data.files import write_atomically

    for when in ("before", "after"):
        text = record[when] + "\n"
        write_atomically(
            results.folder / f"{name}-{when}.txt",
            lambda path, text=text: path.write_text(text, encoding="utf-8", newline="\n"),
        )


def keep_weights(results: Results, name: str, training: Training) -> None:
    """Write the trained weights, and with them what is needed to use them again."""
    from safetensors.torch import save_file

    from data.files import write_atomically

    about = {"settings": json.dumps(asdict(training.settings)), "alphabet": training.text.alphabet}
    weights = {key: value.cpu() for key, value in training.model.state_dict().items()}
    write_atomically(
        results.folder / f"{name}.safetensors", lambda path: save_file(weights, path, about)
    )


def show(results: Results, title: str, records: Mapping[str, Row]) -> None:
    """Write the table, and the curves of all trainings into one plot."""
    results.table([_row(name, record) for name, record in records.items()], FORMATS)
    rows = [{"training": name, **at} for name, it in records.items() for at in it["curve"]]
    results.picture("loss", draw(title, records), rows)


def draw(title: str, records: Mapping[str, Row]) -> Figure:
    """Draw all curves and, enlarged, what follows the first steep part."""
    from courses.pictures import one_plot

    figure, axes = one_plot(title, "iteration", "loss (nats per character)")
    figure.set_figheight(6)
    first = next(iter(records.values()))
    panels = [(axes, 0)]  # a plot, and where its curves begin
    if len(first["curve"]) >= 10:  # in a quick run all of it is steep
        enlarged = axes.inset_axes((0.34, 0.36, 0.63, 0.5))
        enlarged.grid(alpha=0.3)
        panels.append((enlarged, len(first["curve"]) // 5))
    for place, (name, record) in enumerate(records.items()):
        for split, style in (("train", "--"), ("validation", "-")):
            curve = [(at["iteration"], at[split]) for at in record["curve"]]
            look = {"color": f"C{place}", "label": f"{name}, {split}"}
            for panel, start in panels:
                panel.plot(*zip(*curve[start:], strict=True), style, **look)
    axes.axhline(first["guessing"], color="gray", linestyle=":", label="guessing")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def _row(name: str, record: Row) -> dict[str, Any]:
    last = record["curve"][-1]
    return {
        "training": name,
        "parameters": record["parameters"],
        "iterations": last["iteration"],
        "training loss": last["train"],
        "validation loss": last["validation"],
        "time (s)": record["seconds"],
        "characters/s": record["characters_per_second"],
    }


def run(arguments: Mapping[str, Any]) -> None:
    """Train once or, in a sweep, several times; then write the table and the plot."""
    from courses.mlp_from_scratch.transformer_training import expect_room

    settings = choose_settings(arguments)
    device = choose_device(arguments["--device"], ("cpu", "cuda"))
    sweep = arguments["--sweep"]
    trainings = choose_trainings(settings, sweep)
    texts = read_texts(arguments["--text"])
    for one in trainings.values():
        for text in texts:
            expect_room(text, one.block_size)
    results = open_folder(arguments, settings, texts)
    records = {name: train(results, name, one, texts, device) for name, one in trainings.items()}
    what = {None: "", "block_size": " and its context length", "n_head": " and its heads"}[sweep]
    show(results, f"The transformer{what}", records)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiment; returns the exit code."""
    return run_command("transformer", __doc__, argv, run)


if __name__ == "__main__":
    sys.exit(main())
