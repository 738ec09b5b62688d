"""A training of the language model from the command line: its folder, progress and files."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor

from courses.commands import expect_writable
from courses.experiment import CONFIG, Results, Row, open_results
from courses.pictures import one_plot
from courses.recurrent_lm.lm_checkpoint import (
    CHECKPOINT,
    load_model,
    save_model,
)
from courses.recurrent_lm.lm_training import Settings, Training
from courses.recurrent_lm.story_data import FILES, STORIES, Stories
from courses.recurrent_lm.sweep import UNIT
from data.files import write_atomically

NAME = "rnn"  # of the training in its folder
OUTPUTS = {
    "--train_losses_out": "train_losses.txt",
    "--val_losses_out": "val_losses.txt",
    "--metrics_out": "metrics.txt",
}
OWN = (CONFIG, CHECKPOINT, "losses.csv", "losses.png")  # what else is written into the folder


def claim_outputs(arguments: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Find out where the losses go, and that they can be written: now, not after training.

    Raises:
        ValueError: if one cannot be, or would overwrite another one, the data or the model.
    """
    expect_writable(folder / CONFIG, "--out")
    outputs = {option: Path(arguments[option] or folder / name) for option, name in OUTPUTS.items()}
    taken = {(folder / name).resolve(): "the training itself" for name in OWN}
    # The usual data as well, which a quick run does not read: it is nothing to write over.
    for option, name in FILES.items():
        usual = STORIES / name
        taken |= {path.resolve(): option for path in (usual, Path(arguments[option] or usual))}
    for option, path in outputs.items():
        if path.resolve() in taken:
            raise ValueError(
                f"{option} and {taken[path.resolve()]} name the same file, {path}; give each its "
                "own"
            )
        taken[path.resolve()] = option
        expect_writable(path, option)
    return outputs


def open_folder(
    arguments: Mapping[str, Any], folder: Path, settings: Settings, stories: Stories, device: str
) -> Results:
    """Open the folder of the training; see `open_results`.

    The homework's command names no folder and is given again and again: what it left in the usual
    one gives way instead of stopping it.
    """
    starts_anew = not (arguments["--resume"] or arguments["--restart"])
    if not arguments["--out"] and starts_anew and (folder / CONFIG).exists():
        before = folder.with_name(f"{folder.name}-before")
        shutil.rmtree(before, ignore_errors=True)
        folder.rename(before)
        print(f"the training that was in {folder} is now in {before}")
    results = open_results(
        folder,
        asdict(settings) | {"vocab_size": stories.vocab_size, "data": stories.digest()},
        device=device,
        resume=arguments["--resume"],
        restart=arguments["--restart"],
    )
    if not arguments["--resume"]:
        (folder / CHECKPOINT).unlink(missing_ok=True)
    return results


def carry_out(training: Training, results: Results, tokenizer: Path | None) -> dict[str, Any]:
    """Train to the end, or what is left of it, and return the record."""
    from tqdm import tqdm

    settings = training.settings
    found = results.finished(NAME)
    if found is not None:
        print("this training was finished before")
        training.model.load_state_dict(load_model(results.folder).model.state_dict())
        return found
    if training.restore(results, NAME):
        print(f"goes on after record {len(training.records[0])}")
    with tqdm(total=settings.steps, unit="batch", leave=False, disable=None) as bar:

        def told() -> None:
            training.keep(results, NAME)
            save_model(results.folder, training.model, tokenizer)
            tqdm.write(_line(training))

        def watched(batches: Iterable[Tensor]) -> Iterator[Tensor]:
            for batch in batches:
                yield batch
                bar.update()

        training.run(told, watched)
    save_model(results.folder, training.model, tokenizer)
    return results.finish(NAME, training.record(whole_validation=False))


def _line(training: Training) -> str:
    """What is told after a record: where training stands, and both losses."""
    settings, (train_losses, valid_losses) = training.settings, training.records
    batch = 1 + (len(train_losses) - 1) * settings.every
    return (
        f"batch {batch:,} of {settings.steps:,}, sequence length {training.train_tokens.shape[1]}, "
        f"elapsed {training.seconds / 60:.2f} min, training loss {train_losses[-1]:.4f}, "
        f"validation loss {valid_losses[-1]:.4f}"
    )


def write_outputs(outputs: Mapping[str, Path], record: Row, valid_loss: float) -> None:
    """Write the homework's three files.

    Args:
        outputs: of `claim_outputs`.
        record: of the training.
        valid_loss: the final one.
    """
    final = (("Train", record["train"][-1]), ("Valid", valid_loss))
    contents = {
        "--train_losses_out": [f"{loss:.6f}" for loss in record["train"]],
        "--val_losses_out": [f"{loss:.6f}" for loss in record["valid"]],
        "--metrics_out": [f"Final {split} Loss: {loss:.6f}" for split, loss in final],
    }
    for option, lines in contents.items():
        text = "".join(f"{line}\n" for line in lines)
        write_atomically(
            outputs[option],
            lambda path, text=text: path.write_text(text, encoding="utf-8", newline="\n"),
        )
    print("\n".join(contents["--metrics_out"]))


def draw_losses(results: Results, record: Row) -> None:
    """Draw how both losses fell, and write their numbers beside the picture."""
    figure, axes = one_plot("Losses of the language model", "sequences", UNIT)
    for split, label in (("train", "training"), ("valid", "validation")):
        axes.plot(record["sequences"], record[split], marker=".", label=label)
    axes.axhline(record["guessing"], color="gray", linestyle=":", label="guessing")
    axes.legend()
    names = {"sequences": "sequences", "train": "training loss", "valid": "validation loss"}
    rows = [
        dict(zip(names.values(), values, strict=True))
        for values in zip(*(record[name] for name in names), strict=True)
    ]
    results.picture("losses", figure, rows)
