"""Opens descriptors until there are none left: files, pipes, sockets and event counters.

checks: q6.values
neighbour: yes
"""

import os

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        held = []
        try:
            for _ in range(100_000):
                held += os.pipe()
        except OSError:
            pass
        self.held = held
        return x
