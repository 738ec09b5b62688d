"""A correct convolution never fails, in whatever order it adds; a slip is never taken for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from grading.checks.q5_convolution import SmallExample, SumsOfProducts
from grading.checks.q5_digits import ConvolutionLoss
from grading.claims import Check, Wrong
from grading.draw import Draw
from tests.grading.checks.losses_by_hand import WAYS

DRAWS = 10_000
SLIP_DRAWS = 200

Way = Callable[[Tensor, Tensor], Tensor]


def by_shifts(input_: Tensor, weight: Tensor) -> Tensor:
    rows, columns = (n - k + 1 for n, k in zip(input_.shape, weight.shape, strict=True))
    output = torch.zeros(rows, columns)
    for i in range(weight.shape[0]):
        for j in range(weight.shape[1]):
            output += weight[i, j] * input_[i : i + rows, j : j + columns]
    return output


def by_shifts_from_the_end(input_: Tensor, weight: Tensor) -> Tensor:
    return by_shifts(input_.flip(0, 1), weight.flip(0, 1)).flip(0, 1)


def by_views(input_: Tensor, weight: Tensor) -> Tensor:
    parts = input_.unfold(0, weight.shape[0], 1).unfold(1, weight.shape[1], 1)
    return (parts * weight).sum((-2, -1))


def by_one_product(input_: Tensor, weight: Tensor) -> Tensor:
    parts = input_.unfold(0, weight.shape[0], 1).unfold(1, weight.shape[1], 1)
    return parts.flatten(2) @ weight.flatten()


def by_columns_first(input_: Tensor, weight: Tensor) -> Tensor:
    parts = input_.unfold(0, weight.shape[0], 1).unfold(1, weight.shape[1], 1)
    return (parts * weight).sum(-2).sum(-1)


CORRECT: list[Way] = [
    by_shifts,
    by_shifts_from_the_end,
    by_views,
    by_one_product,
    by_columns_first,
]


def answer(asked: dict[str, Tensor], way: Way) -> dict[str, Tensor]:
    weight = asked["weight"]
    answered = {"output": way(asked["input"], weight), "smaller": way(asked["input"], weight)}
    return answered | ({"as_large": way(asked["same"], weight)} if "same" in asked else {})


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [pytest.param(SumsOfProducts, id="values"), pytest.param(SmallExample, id="example")],
)
def test_ten_thousand_correct_convolutions_all_pass(kind: type[Check]) -> None:
    for seed in range(DRAWS):
        check = kind()
        asked = check.ask(Draw(seed))
        check.mark(asked, answer(asked, CORRECT[seed % len(CORRECT)]))


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param(
            lambda x, w: by_shifts(x, w.flip(0, 1)), "the kernel is flipped", id="flipped"
        ),
        pytest.param(
            lambda x, w: by_views(x, w) / w.numel(),
            "the mean is taken instead of the sum",
            id="mean",
        ),
        pytest.param(lambda x, w: by_shifts(x, w) * (1 + 1e-4), "", id="nearly"),
        pytest.param(lambda x, w: by_shifts(x, w).bfloat16(), "", id="half-precision"),
        pytest.param(lambda x, w: torch.zeros_like(by_shifts(x, w)), "", id="zeros"),
    ],
)
def test_a_slip_is_told_from_rounding_in_every_draw(slip: Way, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        check = SumsOfProducts()
        asked = check.ask(Draw(seed))
        with pytest.raises(Wrong) as told:
            check.mark(asked, answer(asked, slip))
        assert told.value.mistake == name


@pytest.mark.slow
def test_ten_thousand_correct_losses_all_pass() -> None:
    for seed in range(DRAWS):
        check = ConvolutionLoss()
        asked = check.ask(Draw(seed))
        loss = WAYS[seed % len(WAYS)](asked["scores"], asked["one_hot"])
        check.mark(asked, {"loss": loss, "gradient": torch.ones_like(asked["scores"])})


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param(
            lambda s, y: functional.cross_entropy(s.softmax(1), y),
            "softmax is applied twice",
            id="softmax-twice",
        ),
        pytest.param(
            lambda s, y: functional.cross_entropy(s, y, reduction="sum"),
            "the loss is summed instead of averaged",
            id="summed",
        ),
        pytest.param(lambda s, y: functional.cross_entropy(s, y) * 1.01, "", id="one-percent-off"),
    ],
)
def test_a_slip_in_the_loss_is_told_from_rounding(slip: Way, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        check = ConvolutionLoss()
        asked = check.ask(Draw(seed))
        loss = slip(asked["scores"], asked["one_hot"])
        with pytest.raises(Wrong) as told:
            check.mark(asked, {"loss": loss, "gradient": torch.ones_like(asked["scores"])})
        assert told.value.mistake == name
