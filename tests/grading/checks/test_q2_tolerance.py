"""A correct squared error never fails, however it adds; a slip is never taken for rounding."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from grading.checks.q2_regression import MeanSquaredError, PullsTogether
from grading.claims import Wrong
from grading.draw import Draw
from grading.frames import Tensors

DRAWS = 10_000
SLIP_DRAWS = 200

Loss = Callable[[Tensor, Tensor], Tensor]


def by_library(prediction: Tensor, target: Tensor) -> Tensor:
    return functional.mse_loss(prediction, target)


def by_power(prediction: Tensor, target: Tensor) -> Tensor:
    return ((target - prediction) ** 2).sum() / target.shape[0]


def by_product(prediction: Tensor, target: Tensor) -> Tensor:
    off = (prediction - target)[:, 0]
    return off @ off / len(off)


def by_expansion(prediction: Tensor, target: Tensor) -> Tensor:
    parts = prediction * prediction - 2 * prediction * target + target * target
    return parts.flip(0).mean()


def shares_summed(prediction: Tensor, target: Tensor) -> Tensor:
    return ((prediction - target) / len(target) ** 0.5).square().sum()


CORRECT: list[Loss] = [by_library, by_power, by_product, by_expansion, shares_summed]


def answer(asked: Tensors, loss: Loss) -> Tensors:
    return {
        "by_hand": loss(asked["guess"], asked["truth"]),
        "random": loss(asked["prediction"], asked["target"]),
    }


def gradients(asked: Tensors, loss: Loss) -> Tensors:
    both = {name: tensor.clone().requires_grad_(True) for name, tensor in asked.items()}
    value = loss(both["prediction"], both["target"]).sum()
    found = torch.autograd.grad(value, list(both.values()))
    return dict(zip(both, found, strict=True))


@pytest.mark.slow
def test_ten_thousand_correct_losses_all_pass() -> None:
    for seed in range(DRAWS):
        check = MeanSquaredError()
        asked = check.ask(Draw(seed))
        check.mark(asked, answer(asked, CORRECT[seed % len(CORRECT)]))


@pytest.mark.slow
def test_ten_thousand_correct_gradients_all_pass() -> None:
    for seed in range(DRAWS):
        check = PullsTogether()
        asked = check.ask(Draw(seed))
        check.mark(asked, gradients(asked, CORRECT[seed % len(CORRECT)]))


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param(lambda p, t: by_library(p, t) / 2, "a factor of one half", id="half"),
        pytest.param(
            lambda p, t: (p - t).square().sum(),
            "the loss is summed instead of averaged",
            id="summed",
        ),
        pytest.param(
            lambda p, t: (p - t).square().sum() / 2,
            "a factor of one half, and a sum",
            id="half-of-a-sum",
        ),
        pytest.param(lambda p, t: functional.l1_loss(p, t), "an absolute error", id="absolute"),
        pytest.param(
            lambda p, t: by_library(p, t).sqrt(), "the square root of the error", id="root"
        ),
        pytest.param(
            lambda p, t: (p - t[:, 0]).square().mean(),
            "every prediction meets every target",
            id="broadcast",
        ),
        pytest.param(lambda p, t: by_library(p, t) * 1.001, "", id="a-thousandth-off"),
        pytest.param(lambda p, t: torch.zeros(()), "", id="zero"),
    ],
)
def test_a_slip_is_told_from_rounding_in_every_draw(slip: Loss, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        check = MeanSquaredError()
        asked = check.ask(Draw(seed))
        with pytest.raises(Wrong) as told:
            check.mark(asked, answer(asked, slip))
        assert told.value.mistake == name


@pytest.mark.parametrize(
    "slip",
    [
        pytest.param(lambda p, t: (p - t).mean(), id="not-squared"),
        pytest.param(lambda p, t: (p + t).square().mean(), id="added"),
        pytest.param(lambda p, t: (t - p.detach()).square().mean() + 0 * p.sum(), id="one-sided"),
    ],
)
def test_a_loss_that_pulls_elsewhere_is_caught_in_every_draw(slip: Loss) -> None:
    for seed in range(SLIP_DRAWS):
        check = PullsTogether()
        asked = check.ask(Draw(seed))
        with pytest.raises(Wrong):
            check.mark(asked, gradients(asked, slip))
