"""A folder of links, pipes and devices: to the solution, to another's file, to one without end.

checks: q6.values q6.causal
"""

import os
from pathlib import Path

SOLUTION = Path(__file__).resolve().parents[3] / "models"


def build(folder):
    (folder / "models").symlink_to(SOLUTION)
    (folder / "train.py").symlink_to("/dev/zero")
    os.mkfifo(folder / "utils.py")
    (folder / "outputs").mkdir()
    os.mkfifo(folder / "outputs" / "test_outputs.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "losses.py").write_text("")
    return folder
