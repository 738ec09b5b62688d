from __future__ import annotations

import os
import threading
import time

import pytest

from grading.pipes import PatientPipe


def test_a_pipe_that_nobody_reads_is_given_up() -> None:
    reading, writing = os.pipe()
    begun = time.monotonic()
    with PatientPipe(writing, 0.5) as pipe, pytest.raises(TimeoutError, match=r"bytes in 0\.5"):
        pipe.write(bytes(1 << 20))
    assert time.monotonic() - begun < 10.0
    os.close(reading)


def test_a_pipe_whose_reader_is_gone_is_an_error_at_once() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with PatientPipe(writing) as pipe, pytest.raises(BrokenPipeError):
        pipe.write(b"x")


def test_a_slow_reader_gets_all_of_it() -> None:
    reading, writing = os.pipe()
    content, got = os.urandom(1 << 20), bytearray()

    def read() -> None:
        while piece := os.read(reading, 50_000):
            got.extend(piece)
            time.sleep(0.001)

    reader = threading.Thread(target=read)
    reader.start()
    with PatientPipe(writing) as pipe:
        assert pipe.write(content) == len(content)
    reader.join()
    os.close(reading)
    assert got == content
