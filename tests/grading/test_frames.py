from __future__ import annotations

import io
import json
import struct

import pytest
import safetensors.torch
import torch

from grading.frames import PREFIX, Caps, Frame, FrameError, read_frame, unshared, write_frame

SMALL = Caps(header=200, body=4000, tensors=3, rank=3)


def round_trip(frame: Frame, caps: Caps = SMALL) -> Frame:
    pipe = io.BytesIO()
    write_frame(pipe, frame)
    pipe.seek(0)
    return read_frame(pipe, caps)


def body_with(header: object, data: bytes = b"") -> bytes:
    text = json.dumps(header).encode() if not isinstance(header, bytes) else header
    return struct.pack("<Q", len(text)) + text + data


def raw(header: bytes, body: bytes) -> io.BytesIO:
    return io.BytesIO(PREFIX.pack(len(header), len(body)) + header + body)


def entry(**changes: object) -> dict[str, object]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}


@pytest.mark.parametrize(
    "tensor",
    [
        pytest.param(torch.randn(3, 5), id="float32"),
        pytest.param(torch.arange(7), id="int64"),
        pytest.param(torch.tensor(True), id="bool-scalar"),
        pytest.param(torch.zeros(0, 4), id="empty"),
        pytest.param(torch.tensor([float("nan"), float("inf")]), id="not-finite"),
    ],
)
def test_a_tensor_arrives_as_it_was_sent(tensor: torch.Tensor) -> None:
    arrived = round_trip(Frame("answer", {"more": False}, {"it": tensor}))
    assert arrived.kind == "answer"
    assert arrived.values == {"more": False}
    assert arrived.tensors["it"].dtype == tensor.dtype
    assert torch.equal(arrived.tensors["it"].nan_to_num(), tensor.nan_to_num())


def test_a_frame_that_ends_early_is_the_end_of_the_pipe() -> None:
    pipe = io.BytesIO()
    write_frame(pipe, Frame("answer", {}, {"it": torch.ones(3)}))
    with pytest.raises(EOFError, match="missing"):
        read_frame(io.BytesIO(pipe.getvalue()[:-1]), SMALL)


@pytest.mark.parametrize(
    ("header", "body"),
    [
        pytest.param(b"x" * 201, b"", id="header-too-long"),
        pytest.param(b"not json", b"", id="header-not-json"),
        pytest.param(b"[1]", b"", id="header-not-an-object"),
        pytest.param(b"{}", b"", id="no-kind"),
        pytest.param(b'{"kind": 3}', b"", id="kind-is-a-number"),
        pytest.param(b"[" * 200, b"", id="deeply-nested"),
        pytest.param(b'{"kind":"a"}', b"x" * 4001, id="body-too-long"),
        pytest.param(b'{"kind":"a"}', b"\xff" * 20, id="body-header-too-long"),
        pytest.param(b'{"kind":"a"}', b"abc", id="body-without-prefix"),
        pytest.param(b'{"kind":"a"}', body_with(b"nope"), id="body-header-not-json"),
        pytest.param(b'{"kind":"a"}', body_with({"a": 1}), id="no-description"),
        pytest.param(b'{"kind":"a"}', body_with({"a": entry(dtype="PICKLE")}), id="unknown-dtype"),
        pytest.param(b'{"kind":"a"}', body_with({"a": entry(dtype=[])}), id="dtype-is-a-list"),
        pytest.param(b'{"kind":"a"}', body_with({"a": entry(shape=[-1])}), id="negative-size"),
        pytest.param(b'{"kind":"a"}', body_with({"a": entry(shape=[True])}), id="size-is-a-bool"),
        pytest.param(b'{"kind":"a"}', body_with({"a": entry(shape=[1] * 4)}), id="too-many-axes"),
        pytest.param(
            b'{"kind":"a"}', body_with({"a": entry(shape=[10**6, 10**6])}), id="huge-shape"
        ),
        pytest.param(
            b'{"kind":"a"}', body_with({"a": entry(shape=[9])}, b"x" * 8), id="shape-beyond-data"
        ),
        pytest.param(
            b'{"kind":"a"}',
            body_with({str(n): {} for n in range(4)}),
            id="too-many-tensors",
        ),
    ],
)
def test_what_breaks_a_cap_or_the_format_is_refused(header: bytes, body: bytes) -> None:
    with pytest.raises(FrameError):
        read_frame(raw(header, body), SMALL)


def test_a_length_beyond_the_cap_is_refused_before_its_bytes_are_read() -> None:
    pipe = io.BytesIO(PREFIX.pack(10, 1 << 60) + b"x" * 10)
    with pytest.raises(FrameError, match="at most"):
        read_frame(pipe, SMALL)
    assert pipe.tell() == PREFIX.size


def test_no_prefix_of_random_bytes_does_worse_than_an_error() -> None:
    for _ in range(2000):
        size = int(torch.randint(0, 60, ()))
        noise = bytes(torch.randint(0, 256, (size,)).tolist())
        with pytest.raises((FrameError, EOFError)):
            read_frame(io.BytesIO(noise), SMALL)


def test_arrived_tensors_own_their_memory() -> None:
    body = bytearray(safetensors.torch.save({"it": torch.ones(3)}))
    arrived = read_frame(raw(b'{"kind":"a"}', bytes(body)), SMALL).tensors["it"]
    arrived += 1
    assert arrived.tolist() == [2.0, 2.0, 2.0]


def test_tensors_that_share_memory_are_sent_apart() -> None:
    whole = torch.eye(5)
    given = {"row": whole[1:2], "again": whole[1:2], "turned": whole.T, "whole": whole}
    pipe = io.BytesIO()
    write_frame(pipe, Frame("asked", {}, unshared(given)))
    pipe.seek(0)
    arrived = read_frame(pipe, Caps()).tensors
    assert arrived.keys() == given.keys()
    assert all(torch.equal(arrived[name], given[name]) for name in given)
