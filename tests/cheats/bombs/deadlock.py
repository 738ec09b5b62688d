"""Waits for a lock that it holds itself: it uses no processor time at all.

checks: q6.values
"""

import threading

from told import Stub

lock = threading.Lock()


class AttentionBlock(Stub):
    def forward(self, x):
        with lock, lock:
            return x
