"""Everything that a training run needs to go on, in one file without pickle.

One file, because two could be separated: a run that is killed between writing its weights and
writing its iteration number could not be continued exactly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn, optim

from data.files import write_atomically


def collect(
    model: nn.Module, optimizer: optim.Optimizer, generators: Mapping[str, torch.Generator]
) -> dict[str, Tensor]:
    """Gather the state of a run under names like ``model.embed.weight``, on the CPU."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    for index, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in moments.items()}
    tensors |= {f"generator.{name}": it.get_state() for name, it in generators.items()}
    return {name: value.detach().cpu().contiguous() for name, value in tensors.items()}


def restore(
    tensors: Mapping[str, Tensor],
    model: nn.Module,
    optimizer: optim.Optimizer,
    generators: Mapping[str, torch.Generator],
) -> None:
    """Put a state that `collect` gathered back in place."""
    model.load_state_dict(_below("model.", tensors))
    state = optimizer.state_dict()
    for name, value in _below("optimizer.", tensors).items():
        index, key = name.split(".", 1)
        state["state"].setdefault(int(index), {})[key] = value
    optimizer.load_state_dict(state)
    for name, generator in generators.items():
        generator.set_state(tensors[f"generator.{name}"])


def save(path: Path, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    """Save tensors and what is known about them (anything JSON can hold), atomically."""
    header = {"about": json.dumps(about)}
    write_atomically(path, lambda partial: save_file(tensors, partial, metadata=header))


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Load what `save` saved.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: when it is not a checkpoint of ours.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint {path}; start a run without --resume")
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})["about"])
            return {name: file.get_tensor(name) for name in file.keys()}, about  # noqa: SIM118
    except Exception as error:
        raise ValueError(f"{path} is not a checkpoint of this program ({error})") from error


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name[len(prefix) :]: it for name, it in tensors.items() if name.startswith(prefix)}
