"""Looks at a student's intermediate values from outside: what goes into and out of named layers.

Forward hooks on layers that the homework itself names are all the means; no student code is
changed, and what cannot be seen this way is not guessed. It serves the feedback and no mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from grading.frames import Tensors


@contextmanager
def watching(layers: Mapping[str, nn.Module]) -> Iterator[Tensors]:
    """Keep what goes into and comes out of layers when they are called for the first time.

    Args:
        layers: the layers by name.

    Yields:
        ``NAME.in`` and ``NAME.out``, filled in as the layers are called.
    """
    seen: Tensors = {}

    def note(name: str, value: Any) -> None:
        if isinstance(value, Tensor) and value.dtype == torch.float32 and not value.is_sparse:
            seen.setdefault(name, value.detach().clone())

    def hook(name: str) -> Any:
        def see(_: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            note(f"{name}.in", inputs[0] if inputs else None)
            note(f"{name}.out", output)

        return see

    handles = [layer.register_forward_hook(hook(name)) for name, layer in layers.items()]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def mixing_weights(attention: nn.Module, value_layer: nn.Module, inputs: Tensor) -> Tensors:
    """How much each position takes from each other one, seen by giving known values to mix.

    In place of the value layer's output come rows of zeros with a single 1; what comes out of the
    block then are the weights themselves, however they were computed.

    Args:
        attention: the block, (B, T, C) to (B, T, C).
        value_layer: the layer whose output it mixes.
        inputs: (B, T, C).

    Returns:
        ``weights`` (B, T, T), or nothing where the block does more than mix these values once.
    """
    batch, steps, width = inputs.shape
    try:
        if not _is_zero(_mixed(attention, value_layer, inputs, torch.zeros_like(inputs))):
            return {}
        columns = []
        for first in range(0, steps, width):
            count = min(width, steps - first)
            values = torch.zeros_like(inputs)
            values[:, range(first, first + count), range(count)] = 1.0
            mixed = _mixed(attention, value_layer, inputs, values)
            if mixed is None:
                return {}
            columns.append(mixed[..., :count])
    except Exception:  # a block that fails on other values has been told so, or never will be
        return {}
    weights = torch.cat(columns, dim=-1)
    return {"weights": weights} if weights.shape == (batch, steps, steps) else {}


def _is_zero(mixed: Tensor | None) -> bool:
    """Whether nothing was added to a mixture of zeros; a weight that is no number adds nothing."""
    return mixed is not None and not bool(torch.nan_to_num(mixed).any())


def _mixed(
    attention: nn.Module, value_layer: nn.Module, inputs: Tensor, values: Tensor
) -> Tensor | None:
    """The block's output with these values; None if it did not ask for them exactly once."""
    calls = 0

    def replace(*_: Any) -> Tensor:
        nonlocal calls
        calls += 1
        return values.clone()

    handle = value_layer.register_forward_hook(replace)
    try:
        with torch.no_grad():
            output = attention(inputs)
    finally:
        handle.remove()
    return output if calls == 1 and isinstance(output, Tensor) else None
