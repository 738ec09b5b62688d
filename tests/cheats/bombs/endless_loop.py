"""Never ends, and hides from signals: a loop in Python that ignores all it can.

checks: q6.values
"""

import signal

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        while True:
            pass
