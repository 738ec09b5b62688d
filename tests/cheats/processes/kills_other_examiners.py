"""Looks for other people's examiners of this run among all processes, and kills them.

checks: q6.values
neighbour: yes
"""

import os
import signal

import told
from told import Stub

above, pid = set(), os.getpid()
try:
    while pid > 1:
        above.add(pid)
        pid = told.parent_of(pid)
except OSError:
    pass
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in above:
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                ours = told.OUTSIDE.rpartition("/")[0].encode() + b"/tmp" in file.read()
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if ours and b"tests.cheats.bench" in file.read():
                    os.kill(int(name), signal.SIGKILL)
                    told.through("signals")
        except OSError:
            pass


class AttentionBlock(Stub):
    pass
