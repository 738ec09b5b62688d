"""Frames: how tensors travel between the examiner and a worker, without pickle and without trust.

A frame is a fixed prefix (header length, body length), a small JSON header, and a body in the
safetensors format (https://github.com/huggingface/safetensors#format). Lengths are checked
before a byte is read, and the body's own header (names, dtypes, shapes) before a tensor is built.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from typing import IO, Any

import safetensors.torch
from torch import Tensor

Tensors = dict[str, Tensor]

PREFIX = struct.Struct("!IQ")
DTYPES = frozenset(["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"])
SIZES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2}


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
    """

    header: int = 64 * 1024
    body: int = 64 * 1024 * 1024
    tensors: int = 256
    rank: int = 8


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
    values = _json_object(_exactly(pipe, header_size), "header")
    kind = values.pop("kind", None)
    if not isinstance(kind, str):
        raise FrameError("a header without a kind")
    body = _exactly(pipe, body_size)
    return Frame(kind, values, unpack(body, caps) if body else {})


def unpack(body: bytes, caps: Caps) -> Tensors:
    """Build the tensors of a safetensors body, after its header has passed every cap.

    Raises:
        FrameError: if the body is malformed or breaks a cap.
    """
    size = int.from_bytes(body[:8], "little")
    if len(body) < 8 or size > min(caps.header, len(body) - 8):
        raise FrameError("a body that is not in the safetensors format")
    entries = _json_object(body[8 : 8 + size], "safetensors header")
    entries.pop("__metadata__", None)
    if len(entries) > caps.tensors:
        raise FrameError(f"{len(entries):,} tensors in one answer; at most {caps.tensors} are read")
    for name, entry in entries.items():
        _check_entry(name, entry, caps)
    try:
        return safetensors.torch.load(body)
    except Exception as error:  # the parser's own errors share no base class
        raise FrameError(f"a body that is not in the safetensors format: {error}") from error


def _check_entry(name: str, entry: object, caps: Caps) -> None:
    """Refuse a tensor's description that is malformed or would need too much memory."""
    if not isinstance(entry, dict):
        raise FrameError(f"tensor {name[:40]!r} has no description")
    dtype, shape = entry.get("dtype"), entry.get("shape")
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise FrameError(f"tensor {name[:40]!r} has dtype {str(dtype)[:20]!r}, which is not read")
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise FrameError(f"tensor {name[:40]!r} has no valid shape")
    if len(shape) > caps.rank:
        raise FrameError(f"tensor {name[:40]!r} has {len(shape)} dimensions; at most {caps.rank}")
    if math.prod(shape) * SIZES.get(dtype, 1) > caps.body:
        raise FrameError(f"tensor {name[:40]!r} of shape {shape} is too large")


def _json_object(text: bytes, what: str) -> dict[str, Any]:
    """Parse a JSON object, or say that `what` is malformed."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a {what} that is not JSON") from error
    if not isinstance(value, dict):
        raise FrameError(f"a {what} that is not a JSON object")
    return value


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    """Read `size` bytes, however many pieces they come in."""
    pieces, missing = [], size
    while missing:
        piece = pipe.read(min(missing, 1 << 20))
        if not piece:
            raise EOFError(f"the other end closed with {missing:,} bytes of a frame missing")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
