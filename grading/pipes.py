"""A pipe to a stranger who may refuse to read."""

from __future__ import annotations

import io
import os
import select
import time

SECONDS_TO_WRITE = 30.0


class PatientPipe(io.FileIO):
    """The writing end of a pipe; a write takes everything, or gives up after a while.

    Args:
        descriptor: the pipe's, which closes with this.
        seconds: how long one write may take.
    """

    def __init__(self, descriptor: int, seconds: float = SECONDS_TO_WRITE) -> None:
        super().__init__(descriptor, "wb")
        os.set_blocking(descriptor, False)
        self.seconds = seconds

    def write(self, content: bytes) -> int:  # type: ignore[override]
        """Write all of it.

        Raises:
            TimeoutError: if nobody has read it in time.
            OSError: if the other end is gone.
        """
        deadline, left = time.monotonic() + self.seconds, memoryview(content)
        poll = select.poll()  # unlike `select`, it minds no large number
        poll.register(self.fileno(), select.POLLOUT)
        while left:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError(f"nobody has read {len(left):,} bytes in {self.seconds} seconds")
            left = left[super().write(left) or 0 :]  # None where another write has filled it
        return len(content)
