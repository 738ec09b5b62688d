"""Returns NaN, which no comparison finds to be too far away.

checks: q6.values q6.causal q1.learns
"""

import torch
from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        return x * float("nan")


class PerceptronModel(torch.nn.Module):
    def __init__(self, dimensions):
        super().__init__()
        self.w = torch.nn.Parameter(torch.full((1, dimensions), float("nan")))
