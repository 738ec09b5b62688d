"""Leaves a daemon that forks and ends all the time, so that no list of processes is up to date.

checks: q6.values
"""

import os
import time

from told import Stub

if os.fork() == 0:
    os.setsid()
    os.closerange(0, 256)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if os.fork() > 0:
            os._exit(0)
        os.setsid()


class AttentionBlock(Stub):
    pass
