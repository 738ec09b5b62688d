"""A GPU for machines that have none: tensors that say they lie elsewhere and compute on the CPU.

They refuse to meet a plain tensor, as a real device does. What a GPU computes differently they do
not show; only whether everything that meets lies in the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

NAME = "meta"  # a build without CUDA will not hear of cuda; this name it knows
# A real GPU takes some arguments of these from the CPU: copies, indices, lengths.
MAY_MIX = ("copy_", "_to_copy", "index", "index_put_", "_index_put_impl_", "_pack_padded_sequence")
FROM_NUMBERS = (torch.tensor, torch.as_tensor)


class Elsewhere(Tensor):
    """A tensor on the pretended device; `held` has its numbers."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> Elsewhere:
        """Wrap a plain tensor."""
        wrapped: Elsewhere = Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            layout=held.layout,
            device=torch.device(NAME),
            requires_grad=held.requires_grad,
        )
        wrapped.held = held
        return wrapped

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Answer what PyTorch does not ask a wrapper."""
        if func is Tensor.tolist:
            return args[0].held.tolist()
        if func is Tensor.is_meta.__get__:
            return False
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **(kwargs or {}))

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Compute where the numbers are."""
        return _compute(func, args, kwargs or {})

    def __repr__(self) -> str:
        return f"Elsewhere({self.held!r})"


class Operations(TorchDispatchMode):
    """Computes what has no tensor among its arguments, too."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return _compute(func, args, kwargs or {})


class Construction(TorchFunctionMode):
    """Makes tensors from numbers here, and moves them."""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func not in FROM_NUMBERS or isinstance(args[0], Tensor):
            return func(*args, **kwargs)
        wanted = kwargs.pop("device", None)
        made = func(*args, **kwargs)
        return made if wanted is None else made.to(wanted)


def _compute(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    flat, shape = pytree.tree_flatten((args, kwargs))
    there = any(isinstance(each, Elsewhere) for each in flat)
    name = func.overloadpacket.__name__
    if there and any(map(_is_here, flat)) and name not in MAY_MIX:
        raise RuntimeError(f"{func} found tensors on two devices, {NAME} and cpu")
    wanted = kwargs.get("device")
    ends_there = torch.device(wanted).type == NAME if wanted is not None else there
    if name in MAY_MIX and wanted is None:
        ends_there = isinstance(args[0], Elsewhere)
    plain_args, plain_kwargs = pytree.tree_unflatten(list(map(_plain, flat)), shape)
    computed = func(*plain_args, **plain_kwargs)
    known = {id(each.held): each for each in flat if isinstance(each, Elsewhere)}

    def wrapped(value: Any) -> Any:
        if not isinstance(value, Tensor) or not ends_there:
            return value
        # What was changed in place stays who it is.
        return known[id(value)] if id(value) in known else Elsewhere(value)

    if name == "_pack_padded_sequence":  # which steps have how many sequences is told here
        return wrapped(computed[0]), computed[1]
    return pytree.tree_map(wrapped, computed)


def _is_here(value: Any) -> bool:
    """Whether it is a plain tensor; one of no dimension may go anywhere."""
    return isinstance(value, Tensor) and not isinstance(value, Elsewhere) and value.dim() > 0


def _plain(value: Any) -> Any:
    if isinstance(value, Elsewhere):
        return value.held
    is_there = isinstance(value, torch.device) and value.type == NAME
    return torch.device("cpu") if is_there else value


@contextmanager
def pretended_gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Tensor], Tensor]]:
    """Within it `NAME` is a device; yields what moves a tensor there."""
    move, future = nn.Module._apply, torch.__future__

    def exchange(module: nn.Module, *args: Any, **kwargs: Any) -> nn.Module:
        """Parameters become tensors of another class, which takes an exchange."""
        before = future.get_swap_module_params_on_conversion()
        future.set_swap_module_params_on_conversion(True)
        try:
            return move(module, *args, **kwargs)
        finally:
            future.set_swap_module_params_on_conversion(before)

    monkeypatch.setattr(nn.Module, "_apply", exchange)
    with Construction(), Operations():
        yield lambda tensor: tensor.to(NAME)
