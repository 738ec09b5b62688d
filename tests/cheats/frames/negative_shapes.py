"""Sends shapes below zero, of too many numbers and of text, to make the marking itself fail.

checks: q1.weights q1.score q3.shape q2.shape q1.parameter
"""

import safetensors.torch
import torch
from told import frame, write_everywhere


def lie():
    names = ("shape", "batch", "alone", "scores", "count", "weights", "many", "one")
    body = safetensors.torch.save({name: torch.tensor([-1.5, -7.0]) for name in names})
    write_everywhere(frame("answer", body, more=False, banned=[]))


class PerceptronModel(torch.nn.Module):
    def __init__(self, dimensions):
        super().__init__()
        lie()


class DigitClassificationModel(torch.nn.Module):
    def __init__(self):
        super().__init__()
        lie()


class RegressionModel(torch.nn.Module):
    def __init__(self):
        super().__init__()
        lie()
