"""Stops the examiner for three seconds, and so its clocks; a child wakes it up again.

checks: q6.values
"""

import os
import signal
import time

import told
from told import Stub

try:
    pid = told.parent_of(os.getppid())
    if pid > 1 and os.fork() == 0:
        os.setsid()
        try:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(3)
            os.kill(pid, signal.SIGCONT)
            told.through("signals")
        finally:
            os._exit(0)
    time.sleep(1)
except OSError:
    pass


class AttentionBlock(Stub):
    pass
