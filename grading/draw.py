"""Random draws for `ask`: seeded, so that a run can be replayed, and unknown to the worker."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import torch
from torch import Tensor

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23)


def derive_seed(seed: int, *purpose: str) -> int:
    """Derive an independent 63-bit seed for a purpose.

    A hash, so that the seed which a worker is given tells nothing about the examiner's draws.
    """
    digest = hashlib.sha256(repr((seed, *purpose)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class Draw:
    """Draws inputs for one check from its own generator.

    Args:
        seed: of the generator.
        instead: sizes by their names, to take instead of drawn ones (a smaller case).

    Attributes:
        taken: the sizes by their names, as they were given out.
        least: how small each of them may be.
    """

    def __init__(self, seed: int, instead: Mapping[str, int] | None = None) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.instead = dict(instead or {})
        self.taken: dict[str, int] = {}
        self.least: dict[str, int] = {}

    def normal(self, *shape: int, scale: float = 1.0) -> Tensor:
        """Standard normal float32 numbers times `scale`, of the given shape."""
        return torch.randn(shape, generator=self.generator) * scale

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Uniform float32 numbers in [low, high), of the given shape."""
        return low + (high - low) * torch.rand(shape, generator=self.generator)

    def integers(self, *shape: int, low: int, high: int) -> Tensor:
        """Uniform int64 numbers in low..high-1, of the given shape."""
        return torch.randint(low, high, shape, generator=self.generator)

    def integer(self, low: int, high: int) -> int:
        """One uniform whole number in low..high-1."""
        return int(self.integers(1, low=low, high=high))

    def sizes(self, count: int = 0, *, low: int = 2, high: int = 23, **least: int) -> list[int]:
        """Pairwise different primes in low..high, so that no two axes can be mistaken.

        Args:
            count: how many, unless they are named.
            low: the smallest prime.
            high: the largest prime.
            least: a name for each size, ``T``, with the smallest size for which the check still
                makes sense: once it has failed, it may be tried again with sizes down to these.
        """
        choice = [prime for prime in PRIMES if low <= prime <= high]
        count = count or len(least)
        order = torch.randperm(len(choice), generator=self.generator)[:count]
        drawn = [choice[place] for place in order.tolist()]
        if not least:
            return drawn
        self.least |= least
        named = {
            name: self.instead.get(name, size) for name, size in zip(least, drawn, strict=True)
        }
        self.taken |= named
        return list(named.values())

    def shuffled(self, count: int) -> Tensor:
        """A random order of 0..count-1, (count,) int64."""
        return torch.randperm(count, generator=self.generator)


def draws_for(seed: int, check: str, instead: Mapping[str, int] | None = None) -> tuple[Draw, Draw]:
    """One generator for a check's `ask`, and one for its `exam`.

    PyTorch's generator on the CPU takes 32 bits of a seed. A table may tell them, and all that the
    generator will ever draw, by the first few draws: those that a worker sees are not continued.

    Args:
        seed: of the run.
        check: its id.
        instead: sizes to take instead of drawn ones.
    """
    first = Draw(derive_seed(seed, "draw", check), instead)
    return first, Draw(derive_seed(seed, "exam", check), instead)
