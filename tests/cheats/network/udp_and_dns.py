"""Sends datagrams: the inputs to a listener, and a question in the form of a name's look-up.

checks: q6.values
"""

import socket

import told
from told import Stub

QUERY = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06secret\x07example\x00\x00\x01\x00\x01"
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(QUERY, ("127.0.0.1", told.PORT))
except OSError:
    pass


class AttentionBlock(Stub):
    pass
