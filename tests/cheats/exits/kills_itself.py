"""Kills its own process group, and whatever else that may hold.

checks: q6.values q6.causal
"""

import os
import signal

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        os.killpg(0, signal.SIGKILL)
