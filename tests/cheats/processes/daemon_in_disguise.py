"""Leaves a daemon that has another program, no environment and ignores every signal it can.

checks: q6.values
"""

import os
import signal

import told
from told import Stub

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 256)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_IGN)
        os.execve("/bin/sh", ["sh", "-c", f"sleep 90; : {told.MARK}"], {})
    os._exit(0)


class AttentionBlock(Stub):
    pass
