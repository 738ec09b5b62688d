"""Sends, in place of shapes, numbers that would have the examiner allocate terabytes.

checks: q1.weights q1.score q3.shape
"""

import safetensors.torch
import torch
from told import frame, write_everywhere


def lie():
    shape = torch.tensor([1 << 40, 3, 1 << 20])
    names = ("shape", "batch", "alone", "scores")
    body = safetensors.torch.save({name: shape.clone() for name in names})
    write_everywhere(frame("answer", body, more=False, banned=[]))


class PerceptronModel(torch.nn.Module):
    def __init__(self, dimensions):
        super().__init__()
        lie()


class DigitClassificationModel(torch.nn.Module):
    def __init__(self):
        super().__init__()
        lie()
