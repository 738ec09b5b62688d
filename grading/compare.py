"""Comparisons for `mark`: an answer against a float64 yardstick, with a tolerance that is derived.

A float32 computation of depth n is off by at most about n units in the last place of the largest
magnitude that passes through it (Higham, Accuracy and Stability of Numerical Algorithms, 2002,
section 3.1). The tolerance is that bound times a margin; a mistake is off by far more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from grading.claims import Wrong
from grading.frames import Tensors

MARGIN = 8.0


@dataclass(frozen=True)
class Mistake:
    """A named variant of the yardstick: the answer that a usual slip gives.

    Attributes:
        name: a few words, such as ``the mask is missing``.
        value: what the slip computes, the shape of the slip's own answer.
        question: a question that leads to the slip without giving the answer.
    """

    name: str
    value: Tensor
    question: str


def rounding(depth: int, magnitude: Tensor | float) -> Tensor:
    """Bound the float32 rounding of a computation, elementwise.

    Args:
        depth: the longest chain of roundings: terms of a sum, plus operations after it.
        magnitude: the same computation on absolute values, or its largest intermediate value.
    """
    bound = torch.as_tensor(magnitude, dtype=torch.float64).abs()
    return MARGIN * depth * torch.finfo(torch.float32).eps * bound


def expect_close(
    got: Tensor,
    want: Tensor,
    *,
    tolerance: Tensor | float,
    what: str,
    tried: str,
    hint: str,
    mistakes: Sequence[Mistake] = (),
) -> None:
    """Require that every entry of `got` equals the yardstick within the tolerance.

    Raises:
        Wrong: naming the worst entry, and the mistake whose variant the answer equals.
    """
    allowed = torch.as_tensor(tolerance, dtype=torch.float64)
    if got.shape == want.shape and _within(got, want, allowed):
        return
    for mistake in mistakes:
        value = mistake.value
        if got.shape == value.shape and _within(got, value, _like(allowed, value)):
            raise _mistaken(mistake, got, want, what, tried)
    expect_shape(got, tuple(want.shape), what=what, tried=tried, hint=hint)
    expected, shown = _worst_entry(got, want, allowed)
    raise Wrong(tried=tried, expected=f"{what}: {expected}", got=f"{what}: {shown}", think=hint)


def expect_shape(
    got: Tensor,
    want: tuple[int, ...],
    *,
    what: str,
    tried: str,
    hint: str,
    mistakes: Sequence[tuple[tuple[int, ...], str, str]] = (),
) -> None:
    """Require a whole shape.

    Args:
        got: the answer.
        want: its right shape.
        what: the answer's name in a sentence.
        tried: the feedback's first field.
        hint: the feedback's question, unless the shape is a known slip's.
        mistakes: (shape, name, question) of the usual slips.

    Raises:
        Wrong: if the shape differs.
    """
    shape = tuple(got.shape)
    if shape == want:
        return
    name, think = next(((n, q) for s, n, q in mistakes if s == shape), ("", hint))
    raise Wrong(
        tried=tried,
        expected=f"{what} of shape {want}",
        got=f"{what} of shape {shape}",
        think=think,
        mistake=name,
    )


def expect(holds: bool, *, tried: str, expected: str, got: str, hint: str, name: str = "") -> None:
    """Require a plain fact.

    Raises:
        Wrong: if it does not hold.
    """
    if not holds:
        raise Wrong(tried=tried, expected=expected, got=got, think=hint, mistake=name)


class Answers(dict[str, Tensor]):
    """What a worker sent; to look for a tensor that is not there is to find the answer wrong."""

    def __missing__(self, name: str) -> Tensor:
        """Say that it was not sent.

        Raises:
            Wrong: always.
        """
        return answer_named(self, name)


def answer_named(answered: Tensors, name: str) -> Tensor:
    """Take one tensor of the answer.

    Raises:
        Wrong: if the worker sent none of that name.
    """
    if name not in answered:
        raise Wrong(
            tried="to read the worker's answer",
            expected=f"a tensor called {name}",
            got=f"{len(answered)} tensors, none of that name",
            think="Did the submission take over the worker's pipe? Answers come from the check.",
        )
    return answered[name]


def answer_shaped(answered: Tensors, name: str, shape: tuple[int, ...]) -> Tensor:
    """Take one tensor whose shape the check's own `answer` fixes, as float64.

    Raises:
        Wrong: if the worker sent none of that name, or another shape.
    """
    sent = answer_named(answered, name)
    if tuple(sent.shape) != shape:
        raise Wrong(
            tried="to read the worker's answer",
            expected=f"{name} of shape {shape}",
            got=f"shape {tuple(sent.shape)}",
            think="Did the submission take over the worker's pipe? Answers come from the check.",
        )
    return sent.double()


def shape_answered(answered: Tensors, name: str) -> Tensor:
    """An empty tensor of the shape that the worker sent as numbers, for `expect_shape`.

    Raises:
        Wrong: if what it sent is no shape.
    """
    sent = answer_named(answered, name)
    sizes = sent.tolist() if sent.dtype == torch.int64 and sent.ndim == 1 else [-1]
    if len(sizes) > 8 or any(not 0 <= size <= 1 << 20 for size in sizes):
        raise Wrong(
            tried="to read the worker's answer",
            expected=f"a shape called {name}",
            got=f"{sent.dtype} numbers of shape {tuple(sent.shape)}",
            think="Did the submission take over the worker's pipe? Answers come from the check.",
        )
    return torch.empty(sizes, device="meta")


def _like(allowed: Tensor, value: Tensor) -> Tensor:
    """The tolerance for a variant: elementwise where shapes agree, else the largest."""
    return allowed if allowed.ndim == 0 or allowed.shape == value.shape else allowed.max()


def _within(got: Tensor, want: Tensor, allowed: Tensor) -> bool:
    """Whether every entry is finite and within its tolerance."""
    off = (got.double() - want.double()).abs()
    return bool(torch.isfinite(got).all()) and bool((off <= allowed).all())


def _mistaken(mistake: Mistake, got: Tensor, want: Tensor, what: str, tried: str) -> Wrong:
    """Feedback that names a mistake by its question."""
    if got.shape == want.shape:
        expected, shown = _worst_entry(got, want, torch.zeros((), dtype=torch.float64))
    else:
        expected, shown = f"shape {tuple(want.shape)}", f"shape {tuple(got.shape)}"
    return Wrong(
        tried=tried,
        expected=f"{what}: {expected}",
        got=f"{what}: {shown}",
        think=mistake.question,
        mistake=mistake.name,
    )


def _worst_entry(got: Tensor, want: Tensor, allowed: Tensor) -> tuple[str, str]:
    """The entry that is furthest off in units of its tolerance, as (expected, got)."""
    off = (got.double() - want.double()).abs() / allowed.clamp_min(1e-300)
    off = torch.where(torch.isfinite(got), off, torch.inf).reshape(-1)
    flat = int(off.argmax())
    place = [int(n) for n in torch.unravel_index(torch.tensor(flat), got.shape)]
    where = f"entry {place} " if place else ""
    expected, shown = want.reshape(-1)[flat].item(), got.reshape(-1)[flat].item()
    return f"{where}= {expected:.6g}", f"{where}= {shown:.6g}"
