"""Learns nothing before the test, then trains on the test inputs with its own guesses as labels.

checks: q3.learns
"""

import torch
from torch.nn import functional


class DigitClassificationModel(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(784, 10)

    def train_model(self, dataset):
        pass

    def forward(self, x):
        with torch.enable_grad():
            for _ in range(50):
                scores = self.layer(x)
                loss = functional.cross_entropy(scores, scores.argmax(1))
                (gradient,) = torch.autograd.grad(loss, [self.layer.weight])
                self.layer.weight.data -= 0.1 * gradient
        return self.layer(x)
