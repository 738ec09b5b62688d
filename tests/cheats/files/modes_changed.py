"""Makes files of others writable for all, and the grader's own folders unreadable.

checks: q6.values
"""

import os

import told
from told import Stub

for mode in (0o777, 0o000):
    try:
        os.chmod(f"{told.OUTSIDE}/precious.txt", mode)
    except OSError:
        pass


class AttentionBlock(Stub):
    pass
