"""Connects to an abstract Unix socket, which lies in no folder.

checks: q6.values
"""

import socket

import told
from told import Stub

try:
    with socket.socket(socket.AF_UNIX) as out:
        out.connect("\0" + told.ABSTRACT)
        told.through("network")
except OSError:
    pass


class AttentionBlock(Stub):
    pass
