"""Points in the plane on two sides of a line (q1).

A point is two standard normal numbers and a 1, with which a perceptron can move its line away
from the origin. The label is 1 where x0 + 2 x1 - 1 >= 0, else -1.
"""

from __future__ import annotations

import torch

from data.examples import Examples
from data.source import Contents
from data.splits import Edition, Splits

COUNT = 500
SEED = 1


def draw(generator: torch.Generator, count: int = COUNT) -> Examples:
    """Points from a generator of the caller's: x (count, 3) and y (count, 1), each 1 or -1."""
    x = torch.ones(count, 3)
    x[:, :2] = torch.randn(count, 2, generator=generator)
    positive = x[:, 0] + 2 * x[:, 1] - 1 >= 0
    return Examples(x, torch.where(positive, 1.0, -1.0)[:, None])


def read(edition: Edition, _: Contents) -> Splits[Examples]:
    """The same points each time; there is nothing to validate or test on."""
    return Splits(draw(torch.Generator().manual_seed(SEED)), None, None, edition)
