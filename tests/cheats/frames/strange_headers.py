"""Sends headers that parsers stumble over: deep, endless numbers, no object, huge shapes.

checks: q6.values q6.causal q1.learns
"""

import os
import struct

import torch
from told import Stub

SHAPES = b'{"output":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}'
HEADERS = (
    b'{"kind":' + b"[" * 20000 + b"]" * 20000 + b"}",
    b'{"kind":"progress","epochs":1e999,"accuracy":NaN}',
    b'{"kind":"answer","more":' + b"9" * 5000 + b"}",
)


def send(header, body=b""):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack("!IQ", len(header), len(body)) + header + body)
        except OSError:
            pass


def send_all():
    send(HEADERS[1])
    send(b'{"kind":"answer"}', struct.pack("<Q", len(SHAPES)) + SHAPES)
    send(HEADERS[0])
    send(HEADERS[2])


class AttentionBlock(Stub):
    def forward(self, x):
        send_all()
        return x


class PerceptronModel(torch.nn.Module):
    def __init__(self, dimensions):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(1, dimensions))
        send_all()
