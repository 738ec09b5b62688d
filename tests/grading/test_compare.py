from __future__ import annotations

import pytest
import torch

from grading.claims import Wrong
from grading.compare import Mistake, expect_close, expect_shape, rounding

WORDS = {"what": "the output", "tried": "to test", "hint": "why?"}


def test_the_worst_entry_is_named_and_no_other() -> None:
    want = torch.zeros(3, 5, dtype=torch.float64)
    got = torch.zeros(3, 5)
    got[2, 1], got[0, 0] = 7.0, 1.0
    with pytest.raises(Wrong) as caught:
        expect_close(got, want, tolerance=1e-6, **WORDS)
    assert caught.value.got == "the output: entry [2, 1] = 7"
    assert caught.value.expected == "the output: entry [2, 1] = 0"


@pytest.mark.parametrize(
    "bad", [pytest.param(float("nan"), id="nan"), pytest.param(float("inf"), id="inf")]
)
def test_what_is_not_finite_never_passes(bad: float) -> None:
    with pytest.raises(Wrong, match=f"{bad}"):
        expect_close(torch.tensor([0.0, bad]), torch.tensor([0.0, bad]), tolerance=1e9, **WORDS)


def test_a_known_slip_is_named_also_when_its_shape_differs() -> None:
    slip = Mistake("transposed", torch.ones(5, 3), "Which axis?")
    with pytest.raises(Wrong) as caught:
        expect_close(torch.ones(5, 3), torch.zeros(3, 5), tolerance=0.1, mistakes=[slip], **WORDS)
    assert (caught.value.mistake, caught.value.think) == ("transposed", "Which axis?")


def test_a_right_answer_is_never_called_a_mistake() -> None:
    right = torch.ones(3)
    slip = Mistake("the same by chance", right, "?")
    expect_close(right, right.double(), tolerance=0.0, mistakes=[slip], **WORDS)


def test_shapes_are_compared_whole() -> None:
    with pytest.raises(Wrong, match=r"\(3, 5\).*\(3, 5, 1\)"):
        expect_shape(torch.zeros(3, 5, 1), (3, 5), **WORDS)


def test_broadcasting_does_not_hide_a_wrong_shape() -> None:
    with pytest.raises(Wrong, match="shape"):
        expect_close(torch.zeros(3, 1), torch.zeros(3, 5), tolerance=1.0, **WORDS)


def test_rounding_bounds_a_float32_sum_in_any_order() -> None:
    for _ in range(200):
        terms = torch.randn(1000)
        want = terms.double().sum()
        allowed = rounding(1000, terms.double().abs().sum())
        for order in (terms, terms.flip(0), terms.sort().values, terms[torch.randperm(1000)]):
            assert (order.cumsum(0)[-1].double() - want).abs() <= allowed
