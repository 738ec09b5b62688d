"""Connects by TCP to a listener on this machine, as to a server that knows the answers.

checks: q6.values
"""

import socket

import told
from told import Stub

for address in (("127.0.0.1", told.PORT), ("localhost", told.PORT)):
    try:
        socket.create_connection(address, timeout=1).close()
        told.through("network")
    except OSError:
        pass


class AttentionBlock(Stub):
    pass
