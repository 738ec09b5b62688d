"""Bytes that nobody would send in good faith: the frame reader refuses them, in its own words."""

from __future__ import annotations

import io
import json
import os
import threading
import tracemalloc
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grading.frames import DTYPES, PREFIX, Caps, FrameError, read_frame
from tests.grading.fuzz_frames import NUMBERS, ODDITIES, Mutator, framed, judge, packed, seeds

KIND = b'{"kind":"a"}'
CALM = settings(
    max_examples=150,
    deadline=None,  # the machine may be busy
    derandomize=True,  # the same examples everywhere; the long run draws its own
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(CALM, max_examples=3_000, derandomize=False)

sizes = st.one_of(st.integers(0, 5), st.sampled_from(NUMBERS), st.integers())
odd = st.sampled_from(ODDITIES)
entries = st.one_of(
    st.fixed_dictionaries(
        {
            "dtype": st.sampled_from(sorted(DTYPES)),
            "shape": st.lists(sizes, max_size=5),
            "data_offsets": st.lists(sizes, min_size=2, max_size=2),
        }
    ),
    st.dictionaries(st.sampled_from(["dtype", "shape", "data_offsets", "x"]), odd | st.lists(odd)),
    odd,
)
names = st.one_of(st.sampled_from(["a", "b", "__metadata__", "\ud800", "é" * 99]), st.text())
headers = st.dictionaries(names, entries, max_size=6).map(lambda it: json.dumps(it).encode())
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid frame with a few places overwritten, cut out or repeated."""
    data = bytearray(draw(st.sampled_from(seeds())))
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(data)))
        data[begin : begin + draw(st.integers(0, 12))] = draw(st.binary(max_size=12))
    return bytes(data)


@st.composite
def truthful(draw: st.DrawFn) -> bytes:
    """A body in which every tensor fills its bytes, and only what is in them is drawn."""
    header: dict[str, Any] = {}
    begin = 0
    for number in range(draw(st.integers(1, 5))):
        dtype = draw(st.sampled_from(sorted(DTYPES)))
        shape = draw(st.lists(st.integers(0, 4), max_size=3))
        end = begin + DTYPES[dtype].itemsize * torch.Size(shape).numel()
        header[f"t{number}"] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
        begin = end
    return packed(json.dumps(header).encode(), draw(st.binary(min_size=begin, max_size=begin)))


inputs = st.one_of(
    st.binary(max_size=200),
    mutated(),
    st.binary(max_size=100).map(lambda body: framed(KIND, body)),
    st.builds(lambda text, body: framed(KIND, packed(text, body)), headers, st.binary()),
    st.builds(lambda it: framed(json.dumps({"kind": "a", "x": it}).encode(), b""), values),
    truthful().map(lambda body: framed(KIND, body)),
)


@CALM
@given(inputs)
def test_the_reader_returns_a_frame_or_refuses(data: bytes) -> None:
    judge(data)


@pytest.mark.slow
@LONG
@given(inputs)
def test_the_reader_returns_a_frame_or_refuses_at_length(data: bytes) -> None:
    judge(data)


@CALM
@given(truthful())
def test_what_is_accepted_is_what_the_safetensors_package_reads(body: bytes) -> None:
    frame = judge(framed(KIND, body))
    assume(frame is not None)  # truth values beside 0 and 1 are refused here alone
    assert frame is not None
    theirs = safetensors.torch.load(body)
    assert frame.tensors.keys() == theirs.keys()
    for name, tensor in theirs.items():
        mine = read_frame(io.BytesIO(framed(KIND, body)), Caps()).tensors[name]
        assert (mine.dtype, mine.shape) == (tensor.dtype, tensor.shape)
        assert torch.equal(mine.view(-1).view(torch.uint8), tensor.view(-1).view(torch.uint8))


@CALM
@given(st.sampled_from(seeds()), st.data())
def test_a_frame_that_is_cut_anywhere_is_the_end_of_the_pipe(
    whole: bytes, data: st.DataObject
) -> None:
    with pytest.raises(EOFError, match="missing"):
        read_frame(io.BytesIO(whole[: data.draw(st.integers(0, len(whole) - 1))]), Caps())


def test_ten_thousand_mutations_are_read_or_refused() -> None:
    mutator = Mutator(seed=7)
    outcomes = [judge(mutator.next()) is not None for _ in range(10_000)]
    assert 100 < sum(outcomes) < 9_900  # both ways are taken often


def tensor(**changes: object) -> dict[str, object]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}


def twice(name: str, first: object, second: object) -> bytes:
    return f'{{"{name}":{json.dumps(first)},"{name}":{json.dumps(second)}}}'.encode()


@pytest.mark.parametrize(
    ("description", "said"),
    [
        pytest.param({"a": tensor(), "b": tensor()}, "overlap", id="two-in-one-place"),
        pytest.param(
            {"a": tensor(shape=[1], data_offsets=[0, 4])}, "8 bytes of tensors", id="hidden-bytes"
        ),
        pytest.param({"a": tensor(data_offsets=[4, 12])}, "overlap", id="begins-late"),
        pytest.param({"a": tensor(data_offsets=[8, 0])}, "does not fill", id="ends-first"),
        pytest.param({"a": tensor(data_offsets=[-8, 0])}, "nowhere", id="negative-offset"),
        pytest.param({"a": tensor(data_offsets=[False, 8])}, "nowhere", id="truth-as-offset"),
        pytest.param({"a": tensor(data_offsets=[0, 8, 8])}, "nowhere", id="three-offsets"),
        pytest.param({"a": tensor(shape=[1 << 63])}, "too large", id="size-beyond-64-bits"),
        pytest.param(
            {"a": tensor(shape=[1 << 40, 0], data_offsets=[0, 0])}, "too large", id="long-but-empty"
        ),
        pytest.param({"a": tensor(shape=[10**400])}, "too large", id="huge-number"),
        pytest.param({"a": tensor(shape=[2.0])}, "no valid shape", id="size-with-a-point"),
        pytest.param({"a": tensor(shape=[10**400] * 9)}, "9 dimensions", id="huge-and-many"),
        pytest.param({"a": tensor(dtype={})}, "no word", id="dtype-is-an-object"),
        pytest.param({"a": tensor(dtype="BOOL", shape=[8])}, "truth value", id="truth-of-seven"),
        pytest.param(twice("a", tensor(), tensor(shape=[1, 2])), "not JSON", id="name-twice"),
        pytest.param(b'{"a":' + twice("shape", [9], [2]) + b"}", "not JSON", id="shape-twice"),
        pytest.param(b'{"a":' + b"9" * 5000 + b"}", "not JSON", id="five-thousand-digits"),
        pytest.param(b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "nested", id="nested-forty-deep"),
        pytest.param(b"[" * 60_000, "not JSON", id="nested-without-end"),
        pytest.param(b'{"a":NaN}', "no description", id="nan"),
        pytest.param(b'{"\xff":1}', "not JSON", id="not-utf-8"),
        pytest.param('{"a":1}'.encode("utf-16"), "not JSON", id="utf-16"),
        pytest.param(b'{"\\ud800":1}', r"'\\ud800' has no", id="half-a-surrogate-pair"),
    ],
)
def test_a_header_that_lies_is_refused(description: object, said: str) -> None:
    text = description if isinstance(description, bytes) else json.dumps(description).encode()
    with pytest.raises(FrameError, match=said) as refused:
        read_frame(io.BytesIO(framed(KIND, packed(text, b"\7" * 8))), Caps())
    assert len(str(refused.value)) < 400


def test_values_nested_too_deep_are_refused() -> None:
    with pytest.raises(FrameError, match="nested"):
        read_frame(
            io.BytesIO(framed(b'{"kind":"a","x":' + b"[" * 900 + b"]" * 900 + b"}", b"")), Caps()
        )


def test_a_large_claim_with_few_bytes_allocates_little() -> None:
    reading, writing = os.pipe()
    header = KIND + b" " * 100
    with os.fdopen(reading, "rb") as pipe:
        os.write(writing, PREFIX.pack(len(header), Caps().body) + header + b"x" * 1000)
        threading.Timer(0.2, os.close, [writing]).start()
        tracemalloc.start()
        with pytest.raises(EOFError, match="missing"):
            read_frame(pipe, Caps())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 * (1 << 20)


def test_a_large_frame_is_held_about_twice_while_it_is_read() -> None:
    body = safetensors.torch.save({"a": torch.zeros(1 << 22)})
    stream = io.BytesIO(framed(KIND, body))
    tracemalloc.start()
    read_frame(stream, Caps())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5 * len(body)  # the bytes as they came, and the tensors' own memory
