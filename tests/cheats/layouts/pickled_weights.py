"""Hands in weights as pickles that run code where they are loaded, under every likely name.

checks: q6.values q11.bleu q3.learns
"""

import pickle
from pathlib import Path

NAMES = ("model.pt", "model.bin", "weights.pth", "checkpoint.pkl", "outputs/test_outputs.txt")
MODELS = "from told import Stub\n\nAttentionBlock = DigitClassificationModel = Stub\n"


class Runs:
    def __reduce__(self):
        return exec, ("import os; os._exit(0)",)


def build(folder):
    (folder / "outputs").mkdir()
    for name in NAMES:
        Path(folder, name).write_bytes(pickle.dumps(Runs()))
    (folder / "models.py").write_text(MODELS)
    (folder / "nmt_model.py").write_text("class NMT:\n    pass\n")
    return folder
