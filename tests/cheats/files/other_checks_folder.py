"""Writes into the folders of other checks of the run, also before those have begun.

checks: q6.values q6.causal q1.learns
"""

import os

from told import Stub

for name in ("q6.values", "q6.causal", "q1.learns", "q3.learns"):
    for file in ("inputs-1.safetensors", "answer", "left.txt"):
        try:
            os.makedirs(f"../{name}", exist_ok=True)
            with open(f"../{name}/{file}", "w") as out:
                out.write("passed")
        except OSError:
            pass


class AttentionBlock(Stub):
    pass
