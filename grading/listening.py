"""Listens to one worker: its frames, what it prints, and what it and its processes use."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress

from grading.frames import Caps, Frame, FrameError, read_frame
from grading.launcher import Worker
from grading.weighing import Scale

OUTPUT_KEPT = 20_000
TRACE_KEPT = 4_000
TRACE_BEGINS = b"(most recent call first):"  # written by faulthandler when a worker is asked
FRAMES_KEPT = 64
BYTES_KEPT = 64 << 20  # of tensors in frames that nobody has heard yet; one more frame may be read
SECONDS_BETWEEN_LOOKS = 0.1


class Ear:
    """Reads a worker's pipes in threads, so that a silent or noisy worker blocks nobody.

    Args:
        worker: the worker to listen to.
        caps: what a frame may hold.
        scale: weighs the worker and its processes.
    """

    def __init__(self, worker: Worker, caps: Caps, scale: Scale) -> None:
        self.worker = worker
        self.caps = caps
        self.scale = scale
        self.excess = ""
        self.frames: queue.Queue[Frame | Exception] = queue.Queue(maxsize=FRAMES_KEPT)
        self.unheard = 0
        self.heard = threading.Condition()
        self.output = bytearray()
        self.trace = b""
        self.printed = 0
        self.deaf = threading.Event()
        self.threads = [
            threading.Thread(target=self._read_frames, daemon=True),
            threading.Thread(target=self._read_output, daemon=True),
            threading.Thread(target=self._weigh, daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def next(self, deadline: float) -> Frame:
        """The next frame.

        Args:
            deadline: a time of `time.monotonic`.

        Raises:
            TimeoutError: if none came in time.
            EOFError: if the worker ended without one.
            FrameError: if what came is not an acceptable frame.
        """
        left = deadline - time.monotonic()
        if left <= 0:  # a flood of frames must not outrun the clock
            raise TimeoutError
        try:
            item = self.frames.get(timeout=left)
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(item, Exception):
            raise item
        with self.heard:
            self.unheard -= _bytes(item)
            self.heard.notify()
        return item

    def text(self) -> str:
        """What the worker printed, capped, with a line that says how much is missing."""
        text = bytes(self.output).decode(errors="replace")
        missing = self.printed - len(self.output)
        return text + (f"\n[{missing:,} more bytes were printed]" if missing > 0 else "")

    def close(self) -> None:
        """Stop listening once the worker is dead; what comes later is not read."""
        self.deaf.set()
        with self.heard:
            self.heard.notify()
        with suppress(queue.Empty):
            while True:
                self.frames.get_nowait()
        for thread in self.threads:
            thread.join(2.0)
        if not any(thread.is_alive() for thread in self.threads):
            self.worker.close()  # closing a pipe that a thread still reads waits for that thread

    def _read_frames(self) -> None:
        try:
            while not self.deaf.is_set():
                frame = read_frame(self.worker.source, self.caps)
                with self.heard:
                    self.unheard += _bytes(frame)
                self.frames.put(frame)
                with self.heard:
                    self.heard.wait_for(lambda: self.unheard < BYTES_KEPT or self.deaf.is_set())
        except Exception as error:  # whatever a stranger's bytes provoke, the interview hears of it
            item = error if isinstance(error, FrameError) else EOFError(str(error))
            with suppress(queue.Full):
                self.frames.put(item, timeout=60.0)

    def _read_output(self) -> None:
        with suppress(OSError, ValueError):
            while piece := self.worker.output.read1(65536):  # type: ignore[attr-defined]
                self.printed += len(piece)
                self.output += piece[: OUTPUT_KEPT - len(self.output)]
                self._look_for_trace(piece)

    def _look_for_trace(self, piece: bytes) -> None:
        """Keep what follows the last trace's first line, however much is printed after it."""
        self.trace += piece
        _, begins, after = self.trace.rpartition(TRACE_BEGINS)
        kept = begins + after[:TRACE_KEPT]
        self.trace = kept if begins else after[-len(TRACE_BEGINS) :]

    def _weigh(self) -> None:
        """End the worker when it and its processes use more than they may."""
        while not self.deaf.wait(SECONDS_BETWEEN_LOOKS) and not self.worker.ended.is_set():
            try:
                self.excess = self.scale.excess()
            except Exception as error:  # a worker that nothing watches must not go on
                self.excess = f"could not be weighed: {error}"
            if self.excess:
                self.worker.finish()
                return


def _bytes(frame: Frame) -> int:
    return sum(tensor.nbytes for tensor in frame.tensors.values())
