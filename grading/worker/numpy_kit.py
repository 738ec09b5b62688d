"""What the `answer` step of a check in NumPy may use besides: arrays in, arrays out, and prints.

Answers travel as tensors and the homework of q8 speaks NumPy, so every array is turned twice.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grading.worker.trouble import WrongType

# A checker that compares every entry prints some hundred; a flood would hold any number.
MOST_NUMBERS = 1_000
NUMBER = re.compile(r"(?<![\w.])[-+]?(\d+)(?:\.(\d*))?(?:[eE]([-+]?\d{1,3}))?")


def array_of(tensor: Tensor) -> NDArray[Any]:
    """A copy as NumPy has it: float64, or int64 for whole numbers."""
    plain = tensor.detach().cpu()
    return np.array((plain.double() if plain.is_floating_point() else plain.long()).numpy())


def tensor_of(value: Any, what: str) -> Tensor:
    """A student's array as a float64 tensor.

    Args:
        value: what the student's code returned or stored.
        what: names it in the feedback, ``linear_layer.forward``.

    Raises:
        WrongType: if it is anything but an array of numbers.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return torch.from_numpy(np.array(value, dtype=np.float64))
    shown = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else _named_type(value)
    raise WrongType(f"{what} is {shown}; it should be a NumPy array of numbers")


def entry_of(mapping: Any, name: str, what: str) -> Tensor:
    """An entry of a student's dict of arrays, as a float64 tensor.

    Raises:
        WrongType: if it is no dict, has no such entry, or the entry is no array of numbers.
    """
    if not isinstance(mapping, dict):
        raise WrongType(f"{what} is {_named_type(mapping)}; it should be a dict of arrays")
    if name not in mapping:
        raise WrongType(f"{what} has no entry {name!r}")
    return tensor_of(mapping[name], f"{what}[{name!r}]")


class Spy:
    """A layer whose two passes are given from outside, so that they may note who calls them.

    Args:
        forward: takes the layer itself and what `forward` was given.
        backward: takes the layer itself and what `backward` was given.
        params: parameters by name; without them, the layer has neither `params` nor `gradient`.
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        backward: Callable[..., Any],
        params: dict[str, NDArray[Any]] | None = None,
    ) -> None:
        self._passes = forward, backward
        if params is not None:
            self.params = params
            self.gradient = {name: np.zeros_like(values) for name, values in params.items()}

    def forward(self, X: Any, Y: Any = None) -> Any:  # noqa: N803 - the homework's names
        """Pass on to what was given."""
        return self._passes[0](self, X) if Y is None else self._passes[0](self, X, Y)

    def backward(self, X: Any, grad: Any = None, *, Y: Any = None) -> Any:  # noqa: N803
        """Pass on to what was given; a loss takes labels in the gradient's place."""
        return self._passes[1](self, X, grad if Y is None else Y)


@contextmanager
def printed() -> Iterator[io.StringIO]:
    """Collect what is printed; afterwards it is printed after all."""
    text = io.StringIO()
    try:
        with redirect_stdout(text):
            yield text
    finally:
        sys.stdout.write(text.getvalue())


def numbers_in(text: str) -> Tensor:
    """All numbers in a text, (n, 3) float64: the value, half a unit of its last digit, its digits.

    A whole number without a point counts as one without digits: it is a name's part or a count.
    """
    rows = []
    for found in list(NUMBER.finditer(text))[:MOST_NUMBERS]:
        whole, part, power = found.groups()
        if part is None and power is None:
            continue
        exponent = int(power or 0) - len(part or "")
        digits = len((whole + (part or "")).lstrip("0"))
        rows.append([float(found.group()), 0.5 * 10.0**exponent, float(digits)])
    return torch.tensor(rows, dtype=torch.float64).reshape(-1, 3)


def _named_type(value: Any) -> str:
    return "None" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"
