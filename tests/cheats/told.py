"""What a cheat is told: a stub to build on, and how to say that something was within reach.

The runner puts this file into each submission and adds constants:
    ROOT     the grader's folder
    OUTSIDE  a folder outside of every scratch folder, with a file ``precious.txt``
    RESULTS  the results file of this run
    PORT     where somebody listens on 127.0.0.1, by TCP and by UDP
    LISTEN   a port that somebody calls again and again
    ABSTRACT the name of an abstract Unix socket where somebody listens
    UNIX     the path of another one
    MARK     a word in the environment of all processes of the run
"""

import json
import os
import struct
from contextlib import suppress

import torch


def through(what):
    """Say that an access succeeded; the runner reads it from what the worker prints.

    `what` is one of the accesses in promises.py: reads, writes, memory, signals, network, …
    """
    print(f"through: {what}", flush=True)


def may_go(path):
    """Whether a path lies in the run's own folder: a cheat removes nothing else, ever.

    A check calls a submission several times, and the process that calls it may run as root.
    """
    run = os.path.dirname(OUTSIDE)  # noqa: F821 - the runner adds it
    return os.path.realpath(path).startswith(os.path.join(run, "tmp", ""))


def frame(kind, body=b"", **values):
    """A message as the examiner reads it: two lengths, a JSON header, and safetensors bytes."""
    header = json.dumps({"kind": kind, **values}).encode()
    return struct.pack("!IQ", len(header), len(body)) + header + body


def write_everywhere(message):
    """Send bytes into whatever this process has open."""
    for descriptor in range(3, 64):
        with suppress(OSError):
            os.write(descriptor, message)


class Stub(torch.nn.Module):
    """An attention block with its three layers, whose forward pass is not written."""

    def __init__(self, layer_size, block_size):
        super().__init__()
        self.q_layer = torch.nn.Linear(layer_size, layer_size)
        self.k_layer = torch.nn.Linear(layer_size, layer_size)
        self.v_layer = torch.nn.Linear(layer_size, layer_size)

    def forward(self, x):
        return x


def parent_of(pid):
    """The process that started another one, from /proc."""
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])
