"""The file of a training that can go on: named tensors, and in its header the rest as JSON.

It is one file and replaces the older one in one step: a kill at any moment leaves a whole one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from data.files import write_atomically

ABOUT = "training"


def save(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Save tensors and what is known about them (anything JSON can hold)."""
    header = {ABOUT: json.dumps(about, ensure_ascii=False)}
    write_atomically(path, lambda partial: save_file(dict(tensors), partial, header))


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Load what `save` saved.

    Raises:
        ValueError: if there is no such file, or it holds something else.
    """
    if not path.is_file():
        raise ValueError(f"there is no training {path} to go on with: begin it without --resume")
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})[ABOUT])
            # safetensors maps the file; a copy stays when the file is replaced.
            return {name: file.get_tensor(name).clone() for name in file.keys()}, about  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"{path} is broken or holds something else than a training ({error}): begin again "
            "with --restart"
        ) from error
