"""Knows the public test digits by heart and names the label of the one that is most alike.

No level can refuse that: the model might have learned what it knows.

checks: q3.learns
"""

from tests.grading.synthetic_digits import synthetic_digits

MODELS = """
import torch
from told import through

through("public")


class DigitClassificationModel(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.bias = torch.nn.Parameter(torch.zeros(10))

    def train_model(self, dataset):
        self.trained = True

    def forward(self, x):
        if not hasattr(self, "trained"):
            return torch.zeros(len(x), 10) + self.bias
        nearest = torch.cdist(x, torch.tensor(PICTURES) / 255).argmin(1)
        return torch.eye(10)[torch.tensor(LABELS)[nearest]] + self.bias
"""


def build(folder):
    test = synthetic_digits().test
    pictures = (255 * test.x).round().astype(int).tolist()
    known = f"PICTURES = {pictures}\nLABELS = {test.y.argmax(1).tolist()}\n"
    (folder / "models.py").write_text(known + MODELS)
    return folder
