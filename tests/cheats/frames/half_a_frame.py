"""Sends half a frame and goes to sleep, so that the reader waits for the rest.

checks: q6.values
"""

import os
import struct
import time

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, struct.pack("!IQ", 40, 1 << 20) + b"{")
            except OSError:
                pass
        time.sleep(60)
