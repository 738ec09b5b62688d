"""Sends shapes below zero, of too many numbers and of text, to make the marking itself fail.

checks: q1.weights q1.score q3.shape q2.shape q1.parameter
"""

import json
import os
import struct

import safetensors.torch
import torch


def frame(kind, body=b"", **values):
    header = json.dumps({"kind": kind, **values}).encode()
    return struct.pack("!IQ", len(header), len(body)) + header + body


def write_everywhere(message):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, message)
        except OSError:
            pass


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
