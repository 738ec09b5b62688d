"""Kills the process that it was forked from, and lets an orphan live on.

checks: q6.values
neighbour: yes
"""

import ctypes
import os
import signal
import time

import told
from told import Stub

if os.fork() == 0:
    os.setsid()
    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG: nobody's end is ours
    os.closerange(0, 256)
    time.sleep(90)
    os._exit(0)
try:
    os.kill(os.getppid(), 0)
    told.through("signals")  # its server's end may be its own
    os.kill(os.getppid(), signal.SIGKILL)
except OSError:
    pass


class AttentionBlock(Stub):
    pass
