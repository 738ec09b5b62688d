"""Deletes and overwrites files that belong to somebody else: the solution, say, or the checks.

checks: q6.values
"""

from pathlib import Path

import told
from told import Stub

for act in (
    lambda file: file.write_text("gone"),
    lambda file: file.rename(file.with_name("moved.txt")),
    lambda file: file.unlink(),
):
    try:
        act(Path(told.OUTSIDE, "precious.txt"))
    except OSError:
        pass
try:
    open(f"{told.ROOT}/grading/checks/q6_attention.py", "r+b").close()  # and nothing is written
    told.through("writes")
except OSError:
    pass


class AttentionBlock(Stub):
    pass
