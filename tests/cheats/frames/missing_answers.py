"""Sends an answer without any tensor, so that what the marking looks up is missing.

checks: q1.score q1.update q1.parameter q3.loss q5.values q6.causal q9.gradient
"""

import json
import os
import struct


def frame(kind, body=b"", **values):
    header = json.dumps({"kind": kind, **values}).encode()
    return struct.pack("!IQ", len(header), len(body)) + header + body


def write_everywhere(message):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, message)
        except OSError:
            pass


def lie(*_, **__):
    write_everywhere(frame("answer", more=False, banned=[]))
    os._exit(0)


class PerceptronModel:
    __init__ = lie


class AttentionBlock:
    __init__ = lie


Convolve = lie


def __getattr__(name):
    return lie
