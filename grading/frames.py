"""Frames: how tensors travel between the examiner and a worker, without pickle and without trust.

A frame is a fixed prefix (header length, body length), a small JSON header, and a body in the
safetensors format (https://github.com/huggingface/safetensors#format). Lengths are checked
before a byte is read, and the body's own header (names, dtypes, shapes) before a tensor is built.
"""

from __future__ import annotations

import io
import json
import math
import struct
from dataclasses import dataclass, field
from typing import IO, Any, TypeGuard

import safetensors.torch
import torch
from torch import Tensor

Tensors = dict[str, Tensor]

PREFIX = struct.Struct("!IQ")
DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
PIECE = 1 << 20


class FrameError(Exception):
    """What arrived is not a frame, or one beyond the caps."""


@dataclass(frozen=True)
class Caps:
    """What a reader accepts.

    Attributes:
        header: bytes of a JSON header, and of the header inside a body.
        body: bytes of a body.
        tensors: tensors in a body.
        rank: dimensions of a tensor.
        depth: lists and objects within each other in a JSON header.
    """

    header: int = 64 * 1024
    body: int = 64 * 1024 * 1024
    tensors: int = 256
    rank: int = 8
    depth: int = 8


@dataclass(frozen=True)
class Frame:
    """One message: what it is, a few plain values, and tensors."""

    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    tensors: Tensors = field(default_factory=dict)


def unshared(tensors: Tensors) -> Tensors:
    """The tensors contiguous and each in memory of its own, as safetensors wants them."""
    seen: set[int] = set()
    apart: Tensors = {}
    for name, tensor in tensors.items():
        flat = tensor.contiguous()
        memory = flat.untyped_storage().data_ptr()
        apart[name] = flat.clone() if memory in seen else flat
        seen.add(memory)
    return apart


def write_frame(pipe: IO[bytes], frame: Frame) -> None:
    """Send one frame.

    Raises:
        OSError: if the other end is gone.
    """
    header = json.dumps({"kind": frame.kind, **frame.values}).encode()
    body = safetensors.torch.save(frame.tensors) if frame.tensors else b""
    pipe.write(PREFIX.pack(len(header), len(body)) + header)
    pipe.write(body)
    pipe.flush()


def read_frame(pipe: IO[bytes], caps: Caps) -> Frame:
    """Receive one frame.

    Returns:
        The frame; its tensors own their memory.

    Raises:
        EOFError: if the other end closed before a whole frame had come.
        FrameError: if the frame breaks a cap or is malformed.
    """
    header_size, body_size = PREFIX.unpack(_exactly(pipe, PREFIX.size))
    if header_size > caps.header:
        raise FrameError(f"a header of {header_size:,} bytes; at most {caps.header:,} are read")
    if body_size > caps.body:
        raise FrameError(f"an answer of {body_size:,} bytes; at most {caps.body:,} are read")
    values = _json_object(_exactly(pipe, header_size), "header", caps)
    kind = values.pop("kind", None)
    if not isinstance(kind, str):
        raise FrameError("a header without a kind")
    body = _exactly(pipe, body_size)
    return Frame(kind, values, unpack(body, caps) if body else {})


def unpack(body: bytes, caps: Caps) -> Tensors:
    """Build the tensors of a safetensors body, after its header has passed every cap.

    They are built here and not by the safetensors package: where two parsers read one header, it
    can say one thing to the parser that checks and another to the one that builds.

    Raises:
        FrameError: if the body is malformed or breaks a cap.
    """
    size = int.from_bytes(body[:8], "little")
    if len(body) < 8 or size > min(caps.header, len(body) - 8):
        raise FrameError("a body that is not in the safetensors format")
    entries = _json_object(body[8 : 8 + size], "safetensors header", caps)
    entries.pop("__metadata__", None)
    if len(entries) > caps.tensors:
        raise FrameError(f"{len(entries):,} tensors in one answer; at most {caps.tensors} are read")
    content = memoryview(body)[8 + size :]
    places = [_place(name, entry, caps) for name, entry in entries.items()]
    covered = 0
    for place in sorted(places, key=lambda place: (place.begin, place.end)):
        if place.begin != covered:
            raise FrameError("tensors that overlap, or bytes between them that belong to none")
        covered = place.end
    if covered != len(content):
        raise FrameError(f"{len(content):,} bytes of tensors where {covered:,} are described")
    return {place.name: place.build(content) for place in places}


@dataclass(frozen=True)
class _Place:
    """Where a tensor lies in a body, and what it is."""

    name: str
    dtype: torch.dtype
    shape: list[int]
    begin: int
    end: int

    def build(self, content: memoryview) -> Tensor:
        """The tensor, in memory of its own."""
        if self.begin == self.end:
            return torch.empty(self.shape, dtype=self.dtype)
        own = bytearray(content[self.begin : self.end])
        if self.dtype is torch.bool and own.strip(b"\0\1"):
            raise FrameError(f"tensor {self.name[:40]!r} has a truth value beside 0 and 1")
        return torch.frombuffer(own, dtype=self.dtype).reshape(self.shape)


def _place(name: str, entry: object, caps: Caps) -> _Place:
    """Refuse a tensor's description that is malformed or would need too much memory."""
    what = f"tensor {name[:40]!r}"
    if not isinstance(entry, dict):
        raise FrameError(f"{what} has no description")
    dtype, shape, offsets = (entry.get(key) for key in ("dtype", "shape", "data_offsets"))
    if not isinstance(dtype, str) or dtype not in DTYPES:
        shown = repr(dtype[:20]) if isinstance(dtype, str) else "that is no word"
        raise FrameError(f"{what} has dtype {shown}, which is not read")
    if not _are_sizes(shape):
        raise FrameError(f"{what} has no valid shape")
    if len(shape) > caps.rank:
        raise FrameError(f"{what} has {len(shape)} dimensions; at most {caps.rank}")
    width = DTYPES[dtype].itemsize
    # An axis counts even where another is empty: a sum over the empty one would be as long.
    if math.prod(max(n, 1) for n in shape) * width > caps.body:
        raise FrameError(f"{what} of shape {str(shape)[:80]} is too large")
    if not _are_sizes(offsets) or len(offsets) != 2:
        raise FrameError(f"{what} lies nowhere")
    begin, end = offsets
    if end - begin != math.prod(shape) * width:
        raise FrameError(f"{what} of shape {shape} does not fill its bytes")
    return _Place(name, DTYPES[dtype], shape, begin, end)


def _are_sizes(value: object) -> TypeGuard[list[int]]:
    """Whether a value is a list of whole numbers from 0, and not of truth values."""
    return isinstance(value, list) and all(type(n) is int and n >= 0 for n in value)


def _json_object(text: bytes, what: str, caps: Caps) -> dict[str, Any]:
    """Parse a JSON object, or say that `what` is malformed."""
    try:
        value = json.loads(text.decode(), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a {what} that is not JSON") from error
    if not isinstance(value, dict):
        raise FrameError(f"a {what} that is not a JSON object")
    layer: list[Any] = [value]
    for _ in range(caps.depth):
        layer = [inner for outer in layer for inner in _inside(outer)]
    if layer:
        raise FrameError(f"a {what} nested more than {caps.depth} deep")
    return value


def _inside(value: Any) -> list[Any]:
    """The lists and objects directly within a list or an object."""
    values = value.values() if isinstance(value, dict) else value
    return [inner for inner in values if isinstance(inner, (dict, list))]


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; a name that comes twice makes it malformed."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name comes twice")
    return value


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    """Read `size` bytes, however many pieces they come in; memory grows with what has come."""
    read, missing = io.BytesIO(), size
    while missing:
        piece = pipe.read(min(missing, PIECE))
        if not piece:
            raise EOFError(f"the other end closed with {missing:,} bytes of a frame missing")
        read.write(piece)
        missing -= len(piece)
    return read.getvalue()
