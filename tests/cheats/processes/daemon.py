"""Leaves a daemon behind: forked twice, in a session of its own, without any descriptor.

checks: q6.values
"""

import os
import time

from told import Stub

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 256)
        time.sleep(90)
    os._exit(0)


class AttentionBlock(Stub):
    pass
