"""A worker that talks faster than it is heard is made to wait."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import torch

from grading import listening
from grading.frames import Caps, Frame, write_frame
from grading.launcher import Worker
from grading.listening import Ear
from grading.weighing import Allowance, Scale

LARGE = torch.zeros(150_000)  # 600 kB
FRAMES = 8


@pytest.fixture
def pid() -> Iterator[int]:
    """A process that stands in for a worker, and may be killed as one."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def listen(folder: Path, pid: int) -> tuple[Ear, int]:
    """An ear, and the descriptor on which the worker that it listens to would talk."""
    (source, theirs), (output, printed) = os.pipe(), os.pipe()
    os.close(printed)
    worker = Worker(
        pid,
        os.fdopen(source, "rb"),
        open(os.devnull, "wb"),  # noqa: SIM115 - the worker closes it
        os.fdopen(output, "rb"),
        end=lambda: None,
        trace=lambda: None,
    )
    return Ear(worker, Caps(), Scale(pid, Allowance(memory=1 << 40), folder)), theirs


def test_large_frames_that_nobody_hears_are_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pid: int
) -> None:
    monkeypatch.setattr(listening, "BYTES_KEPT", 1_000_000)
    ear, theirs = listen(tmp_path, pid)
    sent = []

    def talk() -> None:
        with os.fdopen(theirs, "wb") as sink:
            for number in range(FRAMES):
                write_frame(sink, Frame("progress", {"number": number}, {"large": LARGE}))
                sent.append(number)

    talker = threading.Thread(target=talk, daemon=True)
    talker.start()
    deadline = time.monotonic() + 10.0
    while ear.frames.qsize() < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    assert ear.frames.qsize() == 2
    assert len(sent) == 2
    heard = [ear.next(time.monotonic() + 10.0).values["number"] for _ in range(FRAMES)]
    assert heard == list(range(FRAMES))
    talker.join(10.0)
    ear.close()


def test_an_ear_that_waits_can_be_closed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pid: int
) -> None:
    monkeypatch.setattr(listening, "BYTES_KEPT", 1)
    ear, theirs = listen(tmp_path, pid)
    with os.fdopen(theirs, "wb") as sink:
        write_frame(sink, Frame("progress", {}, {"small": torch.zeros(10)}))
        deadline = time.monotonic() + 10.0
        while not ear.frames.qsize() and time.monotonic() < deadline:
            time.sleep(0.01)
        begun = time.monotonic()
        ear.close()
    assert time.monotonic() - begun < 1.0
    assert not any(thread.is_alive() for thread in ear.threads)


def test_a_worker_that_cannot_be_weighed_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pid: int
) -> None:
    def refused(_scale: Scale) -> str:
        raise PermissionError(13, "Permission denied", "secret")

    monkeypatch.setattr(Scale, "excess", refused)
    ear, theirs = listen(tmp_path, pid)
    asked = threading.Event()
    ear.worker.end = asked.set
    assert asked.wait(5.0)
    deadline = time.monotonic() + 20.0
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, "its server has not ended it"
    assert "could not be weighed" in ear.excess
    os.close(theirs)
    ear.close()
