"""Forks until it holds 300 processes that sleep, each in a session of its own.

checks: q6.values
neighbour: yes
"""

import os
import time

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        for _ in range(300):
            try:
                if os.fork() == 0:
                    os.setsid()
                    time.sleep(20)
                    os._exit(0)
            except OSError:
                break
        return x
