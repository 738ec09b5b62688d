"""Leaves a process that writes all points into the results file again and again.

checks: q6.values
"""

import os
import time

import told
from told import Stub

if os.fork() == 0:
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            with open(told.RESULTS, "w") as file:
                file.write('{"format": 1, "points": 2, "earned": 2}')
        except OSError:
            pass
        time.sleep(0.02)
    os._exit(0)


class AttentionBlock(Stub):
    pass
