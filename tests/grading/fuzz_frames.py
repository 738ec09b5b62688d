"""Throws bytes at the frame reader for as long as one likes; run by hand, never by pytest.

    python -m tests.grading.fuzz_frames --minutes 20            plain random mutations
    python -m tests.grading.fuzz_frames --minutes 20 --atheris  guided by coverage

The second needs `pip install atheris` (https://github.com/google/atheris). Both judge the reader
by the same rules, `judge` below, which the tests use as well: it returns a frame within its caps,
or raises FrameError or EOFError with a short message, and reads no byte that it should not. The
last line counts executions; an input that breaks a rule is printed, to become a test.
"""

from __future__ import annotations

import argparse
import inspect
import io
import json
import random
import resource
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

import torch

from grading.frames import DTYPES, PREFIX, Caps, Frame, FrameError, read_frame, write_frame

CAPS = Caps(header=2000, body=20_000, tensors=5, rank=4)
NUMBERS = [0, 1, 2, 3, 7, 8, 16, -1, 1 << 31, 1 << 32, 1 << 53, 1 << 62, 1 << 63, (1 << 64) - 1]
ODDITIES = [*NUMBERS, 1 << 70, 10**400, True, None, "", "8", 0.0, 8.0, [], {}, [[]], [0, 8], 1e308]
LITERALS = [b"NaN", b"-Infinity", b"1e999", b'"\\ud800"', b"9" * 5000, b"[" * 900 + b"]" * 900]
LONGEST_MESSAGE = 400
MEBI = 1 << 20


def framed(header: bytes, body: bytes) -> bytes:
    """A frame whose lengths are right, whatever is in it."""
    return PREFIX.pack(len(header), len(body)) + header + body


def packed(description: bytes, content: bytes) -> bytes:
    """A body whose header length is right, whatever is in it."""
    return struct.pack("<Q", len(description)) + description + content


def judge(data: bytes) -> Frame | None:
    """Read one frame from `data`; an AssertionError, or anything unforeseen, is a finding."""
    pipe = io.BytesIO(data)
    try:
        frame = read_frame(pipe, CAPS)
    except (FrameError, EOFError) as error:
        _judge_refusal(data, pipe, str(error))
        return None
    _judge_frame(frame)
    return frame


def _judge_refusal(data: bytes, pipe: io.BytesIO, message: str) -> None:
    """Lengths beyond a cap end the reading before anything else is read."""
    assert len(message) <= LONGEST_MESSAGE, f"a message of {len(message):,} characters"
    if len(data) >= PREFIX.size:
        header, body = PREFIX.unpack(data[: PREFIX.size])
        refused = header > CAPS.header or body > CAPS.body
        assert pipe.tell() <= PREFIX.size + (0 if refused else header + body)


def _judge_frame(frame: Frame) -> None:
    assert isinstance(frame.kind, str)
    str(frame.values)  # not nested so deep that nobody can print it
    assert len(frame.tensors) <= CAPS.tensors
    assert sum(tensor.nbytes for tensor in frame.tensors.values()) <= CAPS.body
    for name, tensor in frame.tensors.items():
        assert isinstance(name, str)
        assert tensor.dim() <= CAPS.rank
        assert tensor.is_contiguous()
        rows = max([1, *tensor.shape])
        assert rows * tensor.element_size() <= CAPS.body, "an axis that nobody could reduce"
        if tensor.dtype is torch.bool:
            assert int(tensor.view(torch.uint8).sum()) == int(tensor.sum())
        tensor.double().sum()
        if tensor.numel():
            tensor.view(-1)[0] = 0  # its memory is there, and its own


def seeds() -> list[bytes]:
    """Valid frames, from which mutations begin."""
    tensors = {
        "a": torch.arange(6, dtype=torch.float32).reshape(2, 3),
        "b": torch.tensor([True, False]),
        "none": torch.zeros(0, 4),
        "half": torch.ones(3, dtype=torch.bfloat16),
        "one": torch.tensor(7),
    }
    frames = [
        Frame("warm"),
        Frame("progress", {"epochs": 1.5, "accuracy": None}),
        Frame("stopped", {"status": "crashed", "message": "ünï", "line": 3, "x": [{"y": [1]}]}),
        Frame("answer", {"more": False, "banned": []}, {"a": tensors["a"]}),
        Frame("answer", {"more": True}, tensors),
    ]
    written = []
    for frame in frames:
        pipe = io.BytesIO()
        write_frame(pipe, frame)
        written.append(pipe.getvalue())
    return written


class Mutator:
    """Makes hostile frames: bytes changed at random, or headers that lie in a thought-out way."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.seeds = seeds()

    def next(self) -> bytes:
        """The next input."""
        way: Callable[[], bytes] = self.random.choice(
            [self.noise, self.changed, self.changed, self.lying, self.lying, self.spliced]
        )
        return way()

    def noise(self) -> bytes:
        """Random bytes in a frame, or without one."""
        data = self.random.randbytes(self.random.randrange(80))
        return data if self.random.random() < 0.3 else framed(b'{"kind":"a"}', data)

    def changed(self) -> bytes:
        """A valid frame with some bytes flipped, dropped, doubled or cut off."""
        data = bytearray(self.random.choice(self.seeds))
        for _ in range(self.random.randint(1, 4)):
            at = self.random.randrange(len(data) or 1)
            match self.random.randrange(5):
                case 0:
                    data[at : at + 1] = self.random.randbytes(1)
                case 1:
                    del data[at : at + self.random.randint(1, 9)]
                case 2:
                    data[at:at] = data[at : at + self.random.randint(1, 30)]
                case 3:
                    data[at:at] = self.random.choice(LITERALS)
                case _:
                    del data[at:]
        return self.mended(bytes(data)) if self.random.random() < 0.6 else bytes(data)

    def mended(self, data: bytes) -> bytes:
        """The same with lengths that fit, so that what follows them is read at all."""
        header, _, body = data[PREFIX.size :].partition(b"}")
        description, brace, content = body[8:].rpartition(b"}}")
        return framed(header + b"}", packed(description + brace, content) if body else b"")

    def lying(self) -> bytes:
        """A body whose header was made up entry by entry."""
        entries = {f"t{number}": self.entry() for number in range(self.random.randrange(7))}
        text = json.dumps(entries).encode()
        if self.random.random() < 0.2:
            text = text.replace(b"t1", b"t0").replace(b"0", self.random.choice(LITERALS), 1)
        size = self.random.choice([0, 4, 8, 16, 24, 48])
        return framed(b'{"kind":"a"}', packed(text, self.random.randbytes(size)))

    def entry(self) -> Any:
        """A tensor's description: half right, or anything."""
        pick = self.random.choice
        if self.random.random() < 0.05:
            return pick(ODDITIES)
        begin = pick([0, 0, 4, 8])
        entry: dict[str, Any] = {
            "dtype": pick([*sorted(DTYPES), "F8_E4M3", "C64", 3]),
            "shape": [pick([0, 1, 2, 4, pick(NUMBERS)]) for _ in range(self.random.randrange(4))],
            "data_offsets": [begin, begin + pick([0, 4, 8, 16, pick(NUMBERS)])],
        }
        if self.random.random() < 0.2:
            entry[pick([*entry, "more"])] = pick(ODDITIES)
        return entry

    def spliced(self) -> bytes:
        """The beginning of one frame and the end of another."""
        one, two = (self.random.choice(self.seeds) for _ in range(2))
        return one[: self.random.randrange(len(one))] + two[self.random.randrange(len(two)) :]


def guided(data: bytes) -> None:
    """What atheris calls: the first byte says how much around the rest is made to fit."""
    how, rest = data[:1], data[1:]
    if how < b"\x40":
        judge(rest)
    elif how < b"\x80":
        judge(framed(*rest.split(b"\n", 1)) if b"\n" in rest else framed(rest, b""))
    else:
        description, _, content = rest.partition(b"\n")
        judge(framed(b'{"kind":"a"}', packed(description, content)))


def main() -> None:
    """Fuzz until the time is over, and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", action="store_true")
    parser.add_argument("corpus", nargs="*", help="a folder in which atheris keeps its inputs")
    given = parser.parse_args()
    if given.atheris:
        _run_atheris(given.minutes, given.seed, given.corpus)
        return
    mutator, found, count = Mutator(given.seed), 0, 0
    judge(mutator.seeds[-1])
    before = _most_memory()
    end = time.process_time() + 60 * given.minutes
    while time.process_time() < end:
        data = mutator.next()
        count += 1
        try:
            judge(data)
        except BaseException as error:  # a panic of a parser in Rust is no Exception
            if isinstance(error, KeyboardInterrupt):
                break
            found += 1
            sys.stdout.write(f"{type(error).__name__}: {str(error)[:200]}\n  {data[:3000]!r}\n")
    grown = (_most_memory() - before) / MEBI
    sys.stdout.write(f"{count:,} executions, {found} findings, {grown:.0f} MiB more memory\n")


def _run_atheris(minutes: float, seed: int, corpus: list[str]) -> None:
    import atheris

    from grading import frames

    for value in vars(frames).values():
        if inspect.isfunction(value) and value.__module__ == frames.__name__:
            atheris.instrument_func(value)
    limits = [f"-max_total_time={60 * minutes:.0f}", f"-seed={seed + 1}", "-max_len=4000"]
    atheris.Setup([sys.argv[0], *limits, "-rss_limit_mb=2048", *corpus], guided)
    atheris.Fuzz()


def _most_memory() -> int:
    """The largest resident size so far, in bytes (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
