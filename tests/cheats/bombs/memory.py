"""Fills memory up to 6 GiB, in steps of 256 MiB that are all written to.

checks: q6.values
neighbour: yes
"""

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        held = []
        for _ in range(24):
            held.append(bytearray(b"x" * (1 << 28)))
        return x
