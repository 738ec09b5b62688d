"""Says "ready" at once and never reads, so that the examiner waits to be heard.

checks: q6.values q1.learns
"""

import json
import os
import struct
import time


def frame(kind, body=b"", **values):
    header = json.dumps({"kind": kind, **values}).encode()
    return struct.pack("!IQ", len(header), len(body)) + header + body


def write_everywhere(message):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, message)
        except OSError:
            pass


write_everywhere(frame("ready"))
time.sleep(120)
