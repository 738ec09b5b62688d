"""Says where a student's intermediate values leave the yardstick's, as far as they can be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from grading.claims import Wrong


@dataclass(frozen=True)
class Step:
    """One intermediate value.

    Attributes:
        name: ``the queries``; one that ends in s is read as a plural.
        got: the student's, or None if it was not seen.
        want: the yardstick's.
        tolerance: how far off rounding may take it.
        symptom: a sentence on what is wrong with a value of the right shape, or "" if it is
            merely off.
    """

    name: str
    got: Tensor | None
    want: Tensor
    tolerance: Tensor
    symptom: Callable[[Tensor], str] = lambda _: ""

    def holds(self) -> bool:
        """Whether the value is right; one that was not seen is not."""
        if self.got is None or self.got.shape != self.want.shape:
            return False
        return bool(((self.got.double() - self.want).abs() <= self.tolerance).all())

    def trouble(self) -> str:
        """What is wrong with it, as a sentence."""
        off = f"{self.name} {'are' if self.name.endswith('s') else 'is'} off"
        if self.got is None or self.got.shape != self.want.shape:
            return off
        return self.symptom(self.got.double()) or off


def first_to_differ(steps: Sequence[Step]) -> str:
    """The first step that is wrong, and those before it that are right.

    A step that was not seen is passed over.

    Returns:
        A sentence without its full stop; "" if there is nothing to say.
    """
    seen = [step for step in steps if step.got is not None]
    right: list[str] = []
    for step in seen:
        if not step.holds():
            return step.trouble() + (f"; {_joined(right)} came out right" if right else "")
        right.append(step.name)
    return f"{_joined(right)} came out right, but not what follows" if right else ""


def _joined(names: Sequence[str]) -> str:
    """``the queries, the keys and the values``."""
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last


@contextmanager
def naming_the_first_step(steps: Callable[[], Sequence[Step]]) -> Iterator[None]:
    """Where the comparison inside fails, add the first wrong step to what came back."""
    try:
        yield
    except Wrong as wrong:
        with torch.no_grad():
            found = first_to_differ(steps())
        if found:
            wrong.got += f"\n{found}"
        raise
