"""Fills memory in six children of 1 GiB each, since a limit counts one process each.

checks: q6.values
neighbour: yes
"""

import os
import time

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        for _ in range(6):
            try:
                if os.fork() == 0:
                    held = bytearray(b"x" * (1 << 30))
                    time.sleep(20 * bool(held))
                    os._exit(0)
            except (OSError, MemoryError):
                break
        time.sleep(20)
