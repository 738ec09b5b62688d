"""Floods the examiner with progress frames of 60 MiB, to fill its memory.

checks: q6.values
neighbour: yes
"""

import os
import struct

import torch
from told import Stub

HEADER = b'{"kind":"progress","epochs":1.0}'
BODY = bytes(60 << 20)


class AttentionBlock(Stub):
    def forward(self, x):
        torch.set_num_threads(1)
        message = struct.pack("!IQ", len(HEADER), 0) + HEADER
        large = struct.pack("!IQ", len(HEADER), len(BODY)) + HEADER + BODY
        pipe = max(d for d in range(3, 64) if os.path.exists(f"/proc/self/fd/{d}"))
        while True:
            for piece in (message, large):
                while piece:
                    piece = piece[os.write(pipe, piece) :]
