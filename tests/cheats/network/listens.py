"""Listens on this machine's loopback address, for somebody who comes to tell the answers.

checks: q6.values
"""

import socket

import told
from told import Stub

try:
    with socket.create_server(("127.0.0.1", told.LISTEN)) as server:
        server.settimeout(1)
        server.accept()
        told.through("network")
except OSError:
    pass


class AttentionBlock(Stub):
    pass
