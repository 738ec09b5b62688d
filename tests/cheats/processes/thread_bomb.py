"""Starts 2,000 threads that sleep, and leaves them running.

checks: q6.values
neighbour: yes
"""

import threading
import time

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        for _ in range(2000):
            try:
                threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            except RuntimeError:
                break
        return x
