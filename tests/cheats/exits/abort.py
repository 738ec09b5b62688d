"""Aborts in the answer, to leave a core file or a broken pipe.

checks: q6.values q6.causal
"""

import os

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        os.abort()
