"""Kills the examiner, two steps above it, before it can write down a result.

checks: q6.values
neighbour: yes
"""

import os
import signal

import told
from told import Stub

try:
    pid = os.getppid()
    while pid > 1:
        above = told.parent_of(pid)
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if b"tests.cheats.bench" in file.read():
                os.kill(pid, signal.SIGKILL)
                break
        pid = above
except OSError:
    pass


class AttentionBlock(Stub):
    pass
