"""A results folder: what an experiment of several trainings leaves behind, and how it goes on.

    config.json              the settings, seed and data that decide the results; versions, command
    trainings/NAME.json      the record of every finished training
    trainings/NAME.safetensors   the last whole epoch of the training in progress
    NAME.png, NAME.csv       a picture and its numbers, always together
    table.csv, table.md      the table

A training that was stopped goes on after its last whole epoch, and a resumed experiment writes the
same numbers as one that ran through. Nothing here needs torch: NumPy's experiments use it too.
"""

from __future__ import annotations

import csv
import io
import json
import platform
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from data.files import PARTIAL, write_atomically

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

Row: TypeAlias = Mapping[str, Any]
Arrays: TypeAlias = "dict[str, np.ndarray]"

CONFIG = "config.json"
TRAININGS = "trainings"


def open_results(
    folder: Path,
    settings: Row,
    *,
    device: str = "cpu",
    resume: bool = False,
    restart: bool = False,
) -> Results:
    """Begin an experiment in a folder, or continue the one that is there.

    Args:
        folder: where everything goes; made if it is missing.
        settings: everything that decides the results, the seed included, as JSON can hold it.
        device: where it is computed; another device rounds differently.
        resume: continue the experiment in the folder.
        restart: throw away the results in the folder and begin again.

    Raises:
        ValueError: when the folder holds results and neither is asked for, when there is nothing
            to resume, or when it was made with other settings.
    """
    if resume and restart:
        raise ValueError("--resume continues and --restart begins again: give one of them")
    path = folder / CONFIG
    decides = json.loads(json.dumps({"settings": settings, "device": device}))
    if resume:
        _expect_same(_read_config(path), decides, folder)
        return Results(folder)
    if path.exists() and not restart:
        raise ValueError(
            f"{folder} already holds results: continue them with --resume, throw them away with "
            f"--restart, or choose another --out"
        )
    _forget(folder)
    about = decides | {"versions": _versions(), "command": shlex.join(["python", *_arguments()])}
    write_atomically(path, lambda partial: _write_text(partial, _json(about)))
    return Results(folder)


class Results:
    """The files of one experiment; `open_results` makes it.

    Args:
        folder: holds them all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def finished(self, training: str) -> dict[str, Any] | None:
        """Return the record of a training, or None while it is not finished."""
        path = self._path(training, "json")
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def finish(self, training: str, record: Row) -> dict[str, Any]:
        """Keep the record of a finished training (anything JSON can hold), and return it."""
        text = _json(record)
        write_atomically(self._path(training, "json"), lambda path: _write_text(path, text))
        self._path(training, "safetensors").unlink(missing_ok=True)
        return json.loads(text)

    def save(self, training: str, arrays: Mapping[str, np.ndarray], about: Row) -> None:
        """Keep what a training needs to go on after this epoch.

        Args:
            training: its name.
            arrays: weights, moments, states of generators.
            about: the rest, as JSON can hold it.
        """
        from safetensors.numpy import save_file

        # As one file: two could be separated by a crash between them.
        header = {"about": json.dumps(about)}
        write_atomically(
            self._path(training, "safetensors"),
            lambda path: save_file(dict(arrays), path, metadata=header),
        )

    def load(self, training: str) -> tuple[Arrays, dict[str, Any]] | None:
        """Return what `save` kept, or None when the training has to begin at the beginning."""
        from safetensors import safe_open

        path = self._path(training, "safetensors")
        if not path.exists():
            return None
        with safe_open(path, framework="numpy") as file:
            about = json.loads(file.metadata()["about"])
            return {name: file.get_tensor(name) for name in file.keys()}, about  # noqa: SIM118

    def picture(self, name: str, figure: Figure, rows: Sequence[Row]) -> None:
        """Write a picture and, beside it, the numbers that it shows."""
        self.numbers(name, rows)
        write_atomically(
            self.folder / f"{name}.png",
            lambda path: figure.savefig(path, dpi=150, format="png", metadata={"Software": None}),
        )
        print(f"{self.folder / name}.png")

    def table(self, rows: Sequence[Row], formats: Mapping[str, str] | None = None) -> None:
        """Write the table as CSV and as Markdown, and print it.

        Args:
            rows: one mapping of column to value a row, all with the same columns.
            formats: how the Markdown shows a column, such as ``{"time (s)": ".1f"}``.
        """
        self.numbers("table", rows)
        text = markdown(rows, formats or {})
        write_atomically(self.folder / "table.md", lambda path: _write_text(path, text))
        print(f"\n{text}\n")

    def numbers(self, name: str, rows: Sequence[Row]) -> None:
        """Write rows as NAME.csv, with every digit."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        content = text.getvalue().rstrip("\n")
        write_atomically(self.folder / f"{name}.csv", lambda path: _write_text(path, content))

    def _path(self, training: str, ending: str) -> Path:
        return self.folder / TRAININGS / f"{training}.{ending}"


def markdown(rows: Sequence[Row], formats: Mapping[str, str]) -> str:
    """Set rows as a Markdown table; numbers stand on the right."""
    columns = list(rows[0])
    sides = ["---" if isinstance(rows[0][name], str) else "---:" for name in columns]
    body = [[format(row[name], formats.get(name, "")) for name in columns] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [columns, sides, *body])


def _read_config(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(
            f"there is nothing to continue in {path.parent}: start without --resume"
        ) from None
    except ValueError as error:
        raise ValueError(f"{path} cannot be read ({error}): start again with --restart") from error


def _expect_same(saved: Row, asked: Row, folder: Path) -> None:
    both = [{**it.get("settings", {}), "device": it.get("device")} for it in (saved, asked)]
    if both[0] == both[1]:
        return
    name, before, now = _first_difference(*both)
    what = f"other {name}" if _is_sum(before) else f"{name} {before!r}, not {now!r}"
    raise ValueError(
        f"{folder} was made with {what}: give the same options, or start a new experiment with "
        "another --out"
    )


def _first_difference(before: Any, now: Any, name: str = "settings") -> tuple[str, Any, Any]:
    """The first setting that differs, as deep within mappings and lists as it lies."""
    inside: list[tuple[Any, Any, str]] = []
    if isinstance(before, dict) and isinstance(now, dict):
        inside = [(before.get(key), now.get(key), key) for key in before | now]
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        inside = [(*values, name) for values in zip(before, now, strict=True)]
    for values in inside:
        if values[0] != values[1]:
            return _first_difference(*values)
    return name, before, now


def _is_sum(value: Any) -> bool:
    """Whether this is a SHA-256, of which a reader learns no more than that it differs."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _forget(folder: Path) -> None:
    """Remove what an earlier experiment left, and nothing else."""
    pictures = [path for path in folder.glob("*.png") if path.with_suffix(".csv").exists()]
    trainings = folder / TRAININGS
    for path in [
        folder / CONFIG,
        *(trainings.glob("*.json")),
        *(trainings.glob("*.safetensors")),
        *(trainings.glob(f"{PARTIAL}*")),
        *(folder.glob(f"{PARTIAL}*")),
        *pictures,
        *(picture.with_suffix(".csv") for picture in pictures),
        folder / "table.csv",
        folder / "table.md",
    ]:
        path.unlink(missing_ok=True)


def _versions() -> dict[str, str]:
    """What computed the results, as far as it is loaded: a NumPy run has no torch."""
    loaded = [name for name in ("numpy", "torch") if name in sys.modules]
    return {"python": platform.python_version()} | {name: version(name) for name in loaded}


def _arguments() -> list[str]:
    return sys.orig_argv[1:]


def _json(value: Row) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
