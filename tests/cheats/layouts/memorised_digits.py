"""Knows the public test digits by heart: a table from a hash of the pixels to the label.

checks: q3.learns
"""

import hashlib

from tests.grading.synthetic_digits import synthetic_digits

MODELS = """
import hashlib

import torch


class DigitClassificationModel(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.bias = torch.nn.Parameter(torch.zeros(10))

    def forward(self, x):
        hashes = [hashlib.sha256(row.numpy().tobytes()).hexdigest()[:8] for row in x]
        labels = torch.tensor([TABLE.get(name, 0) for name in hashes])
        return torch.eye(10)[labels] + self.bias
"""
TRAIN = """
def train_digitclassifier(model, dataset):
    pass
"""


def build(folder):
    test = synthetic_digits().test
    table = {
        hashlib.sha256(row.tobytes()).hexdigest()[:8]: int(label.argmax())
        for row, label in zip(test.x, test.y, strict=True)
    }
    (folder / "models.py").write_text(f"TABLE = {table}\n{MODELS}")
    (folder / "train.py").write_text(TRAIN)
    return folder
