"""The state of a torch training as named tensors, so that it can be kept and put back exactly."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn, optim


def collect(
    model: nn.Module, optimizer: optim.Optimizer, generators: Mapping[str, torch.Generator]
) -> dict[str, Tensor]:
    """Gather the state of a training under names like ``model.embed.weight``, on the CPU."""
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
    """Put a state that `collect` gathered back in place; other names are left alone."""
    model.load_state_dict(below("model.", tensors))
    state = optimizer.state_dict()
    for name, value in below("optimizer.", tensors).items():
        index, key = name.split(".", 1)
        state["state"].setdefault(int(index), {})[key] = value
    optimizer.load_state_dict(state)
    for name, generator in generators.items():
        generator.set_state(tensors[f"generator.{name}"])


def below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a prefix, under the rest of their names."""
    return {name[len(prefix) :]: it for name, it in tensors.items() if name.startswith(prefix)}
