"""Reads the environment, its own and the examiner's, for secrets and for the seed.

checks: q6.values
"""

import os
from pathlib import Path

import told
from told import Stub

if any(word in os.environ for word in ("REDTEAM_SECRET", "COURSEWORK_DATA")):
    told.through("reads")
pid = os.getppid()
for _ in range(4):
    try:
        said = Path(f"/proc/{pid}/environ").read_bytes()
        if b"REDTEAM_SECRET" in said:
            told.through("memory")
        pid = told.parent_of(pid)
    except OSError:
        break


class AttentionBlock(Stub):
    pass
