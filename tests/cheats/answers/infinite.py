"""Returns infinities, so that every difference and every tolerance is infinite or NaN.

checks: q6.values q6.causal
"""

import torch
from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        signs = torch.where(x > 0, 1.0, -1.0)
        return signs * float("inf")
