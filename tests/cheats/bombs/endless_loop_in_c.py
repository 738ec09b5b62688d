"""Never ends, in C code that holds the interpreter's lock: no Python handler ever runs.

checks: q6.values
"""

import itertools
from collections import deque

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        deque(itertools.repeat(0), maxlen=0)
