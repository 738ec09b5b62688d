"""Opens sockets of rare families: netlink, packets, virtual machines, Bluetooth, io_uring.

checks: q6.values
"""

import contextlib
import ctypes
import socket

from told import Stub

for family in (16, 17, 38, 40, 44):
    with contextlib.suppress(OSError):
        socket.socket(family, socket.SOCK_RAW).close()
ctypes.CDLL(None).syscall(425, 8, ctypes.create_string_buffer(120))  # io_uring_setup


class AttentionBlock(Stub):
    pass
