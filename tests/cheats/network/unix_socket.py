"""Connects to a Unix socket in a folder of somebody else, as the Docker daemon's.

checks: q6.values
"""

import socket

import told
from told import Stub

try:
    with socket.socket(socket.AF_UNIX) as out:
        out.connect(told.UNIX)
        told.through("sockets")
except OSError:
    pass


class AttentionBlock(Stub):
    pass
