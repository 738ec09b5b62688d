"""Leaves a thread that writes another answer as soon as the first one is out.

checks: q6.values q6.causal
"""

import json
import os
import struct
import threading
import time

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


def keep_writing():
    while True:
        write_everywhere(frame("answer", more=False) + frame("passed", points=99))
        time.sleep(0.001)


class AttentionBlock(Stub):
    def forward(self, x):
        threading.Thread(target=keep_writing, daemon=True).start()
        return x
