"""Makes 20,000 files, in folders that may not be entered, to be cleaned up by somebody else.

checks: q6.values
"""

import os

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        for folder in range(20):
            os.mkdir(f"d{folder}")
            for number in range(1000):
                try:
                    os.close(os.open(f"d{folder}/{number}", os.O_CREAT | os.O_WRONLY))
                except OSError:
                    break
            os.chmod(f"d{folder}", 0)
        return x
