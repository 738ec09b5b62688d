"""Deletes the private copy of the submission while it is graded, and its whole run's folder.

checks: q6.values q6.causal
neighbour: yes
"""

import shutil
from pathlib import Path

from told import Stub, may_go, through


class AttentionBlock(Stub):
    def forward(self, x):
        folder = Path(__file__).parent
        for mine in (folder, folder.parent):
            if may_go(mine):
                shutil.rmtree(mine, ignore_errors=True)
        if not folder.exists():
            through("writes")
        return x
