"""The server's part of the conversation, without a process of its own."""

from __future__ import annotations

import json
import os
import socket

import pytest

from grading.worker.server import Server


def test_a_fork_that_fails_is_told_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError("Resource temporarily unavailable")

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    nothing = [os.open(os.devnull, os.O_RDWR) for _ in range(3)]
    before = len(os.listdir("/proc/self/fd"))
    with ours, theirs:
        socket.send_fds(ours, [json.dumps({"start": 7}).encode()], nothing)
        monkeypatch.setattr(os, "fork", refuse)
        assert Server(theirs).obey()
        told = json.loads(ours.recv(4096))
        assert len(os.listdir("/proc/self/fd")) == before  # what came has been closed
    for descriptor in nothing:
        os.close(descriptor)
    assert told == {"failed": 7, "why": "Resource temporarily unavailable"}
