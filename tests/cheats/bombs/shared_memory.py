"""Leaves 256 MiB in shared memory, where no folder of a check is cleaned.

checks: q6.values
"""

import told
from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        try:
            with open(f"/dev/shm/{told.MARK}-left", "wb") as file:
                file.write(bytes((1 << 28) - 1))
        except OSError:
            pass
        return x
