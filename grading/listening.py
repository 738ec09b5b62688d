"""Listens to one worker: its frames, what it prints, and how much memory it holds."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress

import psutil

from grading.frames import Caps, Frame, FrameError, read_frame
from grading.launcher import Worker

OUTPUT_KEPT = 20_000
TRACE_KEPT = 4_000
TRACE_BEGINS = b"(most recent call first):"  # written by faulthandler when a worker is asked
FRAMES_KEPT = 64
SECONDS_BETWEEN_LOOKS = 0.1


class Ear:
    """Reads a worker's pipes in threads, so that a silent or noisy worker blocks nobody.

    Args:
        worker: the worker to listen to.
        caps: what a frame may hold.
        memory: bytes that the worker and its children may hold in memory.
    """

    def __init__(self, worker: Worker, caps: Caps, memory: int) -> None:
        self.worker = worker
        self.caps = caps
        self.memory = memory
        self.too_big = False
        self.frames: queue.Queue[Frame | Exception] = queue.Queue(maxsize=FRAMES_KEPT)
        self.output = bytearray()
        self.trace = b""
        self.printed = 0
        self.deaf = threading.Event()
        self.threads = [
            threading.Thread(target=self._read_frames, daemon=True),
            threading.Thread(target=self._read_output, daemon=True),
            threading.Thread(target=self._watch_memory, daemon=True),
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
        return item

    def text(self) -> str:
        """What the worker printed, capped, with a line that says how much is missing."""
        text = bytes(self.output).decode(errors="replace")
        missing = self.printed - len(self.output)
        return text + (f"\n[{missing:,} more bytes were printed]" if missing > 0 else "")

    def close(self) -> None:
        """Stop listening once the worker is dead; what comes later is not read."""
        self.deaf.set()
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
                self.frames.put(read_frame(self.worker.source, self.caps))
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

    def _watch_memory(self) -> None:
        """End the worker when it and its children hold more than they may."""
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process = psutil.Process(self.worker.pid)
            while not self.deaf.wait(SECONDS_BETWEEN_LOOKS) and not self.worker.ended.is_set():
                if _resident(process) > self.memory:
                    self.too_big = True
                    self.worker.end()
                    return


def _resident(process: psutil.Process) -> int:
    """Bytes resident in a process and its children, pages shared with files not counted."""
    total = 0
    for member in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            usage = member.memory_info()
            total += usage.rss - getattr(usage, "shared", 0)
    return total
