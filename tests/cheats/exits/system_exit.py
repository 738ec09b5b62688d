"""Calls sys.exit(0) in its constructor: no failure, says the exit code.

checks: q6.values q6.causal
"""

import sys

from told import Stub


class AttentionBlock(Stub):
    def __init__(self, layer_size, block_size):
        super().__init__(layer_size, block_size)
        sys.exit(0)

    def forward(self, x):
        return x
