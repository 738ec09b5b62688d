"""Reads the memory of the processes above it through /proc, where marks and seeds lie.

checks: q6.values
"""

import os

import told
from told import Stub


def read_memory(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        line = next(line for line in maps if " rw-p " in line)
        memory.seek(int(line.partition("-")[0], 16))
        return memory.read(16)


pid = told.parent_of(os.getppid()) or os.getppid()
for _ in range(4):
    try:
        if read_memory(pid):
            told.through("memory")
        pid = told.parent_of(pid)
    except (OSError, StopIteration, ValueError):
        break


class AttentionBlock(Stub):
    pass
