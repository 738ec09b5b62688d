"""Sends messages of kinds that might count as a verdict: passed, result, mark, points.

checks: q6.values q6.causal
"""

import json
import os
import struct

from told import Stub


def frame(kind, body=b"", **values):
    header = json.dumps({"kind": kind, **values}).encode()
    return struct.pack("!IQ", len(header), len(body)) + header + body


def write_everywhere(message):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, message)
        except OSError:
            pass


class AttentionBlock(Stub):
    def forward(self, x):
        for kind in ("passed", "result", "mark", "points", "stopped", "progress", "verdict"):
            write_everywhere(frame(kind, status="passed", points=99, earned=99, epochs=1.0))
        return x
