"""A forged answer, as long as a frame may be, costs the examiner little."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from grading.checks import q11_batch, q11_translator, q11_written
from grading.claims import Wrong

LONG = 1 << 20  # a frame may hold eight times as many whole numbers
NONE = torch.zeros(0, dtype=torch.int64)
ZEROS = torch.zeros(LONG, dtype=torch.int64)
ONE = torch.tensor([LONG])


def hypotheses(answered: dict[str, Tensor]) -> object:
    named = {f"one.{name}": tensor for name, tensor in answered.items()}
    return q11_translator._hypotheses(named, "one", 7)


lists = partial(q11_batch._lists, case="", tried="to pad")


@pytest.mark.parametrize(
    ("read", "answered"),
    [
        pytest.param(
            hypotheses, {"flat": NONE, "lengths": ZEROS, "scores": ZEROS}, id="many-hypotheses"
        ),
        pytest.param(
            hypotheses, {"flat": ZEROS, "lengths": ONE, "scores": ONE}, id="a-long-hypothesis"
        ),
        pytest.param(lists, {"flat": NONE, "lengths": ZEROS}, id="many-lists"),
        pytest.param(lists, {"flat": ZEROS, "lengths": ONE}, id="a-long-list"),
        pytest.param(
            q11_written._lines, {"text": torch.full((1 << 23,), 10, dtype=torch.uint8)}, id="lines"
        ),
        pytest.param(
            q11_written._lines, {"text": torch.zeros(1 << 25, dtype=torch.uint8)}, id="a-long-text"
        ),
    ],
)
def test_a_long_answer_is_wrong_and_costs_no_more_than_it_holds(
    read: Callable[[dict[str, Tensor]], object], answered: dict[str, Tensor]
) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Wrong):
            read(answered)
        assert tracemalloc.get_traced_memory()[1] < 4 * LONG + (1 << 23)
    finally:
        tracemalloc.stop()


def test_no_text_of_another_kind_is_read() -> None:
    with pytest.raises(Wrong):
        q11_written._lines({"text": torch.zeros(3)})
