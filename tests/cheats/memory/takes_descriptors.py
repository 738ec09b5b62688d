"""Takes the examiner's own open files with pidfd_getfd, and reads with process_vm_readv.

checks: q6.values
"""

import ctypes
import os

import told
from told import Stub

PIDFD_GETFD = 438
libc = ctypes.CDLL(None, use_errno=True)
pid = told.parent_of(os.getppid()) or os.getppid()
try:
    handle = os.pidfd_open(pid)
    for number in range(3, 16):
        if libc.syscall(PIDFD_GETFD, handle, number, 0) >= 0:
            told.through("memory")
except OSError:
    pass


class IoVec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


room = ctypes.create_string_buffer(8)
here = IoVec(ctypes.addressof(room), 8)
if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(here), 1, 0) > 0:
    told.through("memory")


class AttentionBlock(Stub):
    pass
