"""One period and more of the sine, to be learnt from points on it (q2).

The points are evenly spaced over [-2 pi, 2 pi], ends included, and in random order.
"""

from __future__ import annotations

import math

import torch

from data.examples import Examples
from data.source import Contents
from data.splits import Edition, Splits

COUNT = 200
SEED = 2


def draw(generator: torch.Generator, count: int = COUNT) -> Examples:
    """Points in an order that the caller's generator draws: x and y, both (count, 1)."""
    x = torch.linspace(-2 * math.pi, 2 * math.pi, count)
    x = x[torch.randperm(count, generator=generator)][:, None]
    return Examples(x, torch.sin(x))


def read(edition: Edition, _: Contents) -> Splits[Examples]:
    """The points in the same order each time; there is nothing to validate or test on."""
    return Splits(draw(torch.Generator().manual_seed(SEED)), None, None, edition)
