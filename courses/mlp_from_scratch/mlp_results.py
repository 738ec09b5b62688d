"""Reads the results files that neural_networks writes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

KEYS = ("train", "val", "test", "time")
NAME = re.compile(r"MLP_lr(?P<rate>.+)_b(?P<size>\d+)")


def read_results(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """The results of trainings, one for each file.

    Raises:
        ValueError: if a file is missing or holds something else; all that are missing are named
            with the command that makes each.
    """
    missing = [path for path in paths if not path.is_file()]
    if missing:
        commands = "".join(f"\n  {_command(path)}" for path in missing)
        names = ", ".join(str(path) for path in missing)
        raise ValueError(f"there is no {names}; to make what is missing:{commands}")
    return [_read(path) for path in paths]


def _command(path: Path) -> str:
    """The command that would write this file."""
    words = "python -m courses.mlp_from_scratch.neural_networks"
    named = NAME.fullmatch(path.stem)
    words += f" --minibatch_size {named['size'] if named else 5}"
    if named and named["rate"] != "0.01":
        words += f" --learning_rate {named['rate']}"
    return words if path.parent == Path() else f"{words} --out {path.parent}"


def _read(path: Path) -> dict[str, Any]:
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        lacking = [key for key in KEYS if key not in results]
    except (ValueError, TypeError):
        lacking = list(KEYS)
    if lacking:
        raise ValueError(f"{path} lacks {', '.join(lacking)}; it is no result of neural_networks")
    return dict(results)
