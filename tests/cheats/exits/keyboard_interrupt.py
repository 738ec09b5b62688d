"""Raises KeyboardInterrupt in the answer, as if somebody had pressed Ctrl-C.

checks: q6.values q6.causal
"""

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        raise KeyboardInterrupt
