"""A correct cross-entropy never fails, and scores of honest models are never called squashed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from grading.checks.q3_digits import DigitLoss, LossByHand, ScoresOfItsOwn
from grading.claims import Wrong
from grading.draw import Draw
from tests.grading.checks.losses_by_hand import WAYS

DRAWS = 10_000
SLIP_DRAWS = 200

Loss = Callable[[Tensor, Tensor], Tensor]


@pytest.mark.slow
def test_ten_thousand_correct_losses_all_pass() -> None:
    for seed in range(DRAWS):
        check = DigitLoss()
        asked = check.ask(Draw(seed))
        loss = WAYS[seed % len(WAYS)](asked["scores"], asked["one_hot"])
        check.mark(asked, {"loss": loss, "gradient": torch.ones_like(asked["scores"])})


def test_ten_thousand_losses_of_the_case_by_hand_all_pass() -> None:
    for seed in range(DRAWS):
        check, loss = LossByHand(), WAYS[seed % len(WAYS)]
        asked = check.ask(Draw(seed))
        cases = ("equal", "likely")
        check.mark(asked, {name: loss(asked[name], asked[f"{name}_label"]) for name in cases})


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
        pytest.param(
            lambda s, y: functional.cross_entropy(s, s.argmax(1)),
            "the model's own choice is the target",
            id="own-choice",
        ),
        pytest.param(lambda s, y: functional.cross_entropy(s, y) * 1.001, "", id="nearly"),
    ],
)
def test_a_slip_is_told_from_rounding_in_every_draw(slip: Loss, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        check = DigitLoss()
        asked = check.ask(Draw(seed))
        loss = slip(asked["scores"], asked["one_hot"])
        with pytest.raises(Wrong) as told:
            check.mark(asked, {"loss": loss, "gradient": torch.ones_like(asked["scores"])})
        assert told.value.mistake == name


def nudged(model: nn.Module, nudge: Tensor) -> nn.Module:
    """What the check's `answer` does to a new model."""
    with torch.no_grad():
        for weights in model.parameters():
            copies = nudge.repeat(weights.numel() // len(nudge) + 1)
            weights.add_(copies[: weights.numel()].reshape(weights.shape))
    return model.eval()


def zeroed(model: nn.Sequential) -> nn.Sequential:
    """Start the last layer at zero, as some recipes do."""
    nn.init.zeros_(model[-1].weight)
    nn.init.zeros_(model[-1].bias)
    return model


def deep() -> nn.Module:
    return nn.Sequential(
        nn.Linear(784, 100),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(100, 30),
        nn.ReLU(),
        nn.BatchNorm1d(30),
        nn.Linear(30, 10),
    )


def shallow() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 10))


def zero_start() -> nn.Module:
    return zeroed(nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10)))


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(deep, id="deep"),
        pytest.param(shallow, id="shallow"),
        pytest.param(zero_start, id="zero-start"),
    ],
)
def test_scores_of_honest_models_are_never_called_squashed(build: Callable[[], nn.Module]) -> None:
    for seed in range(SLIP_DRAWS):
        check = ScoresOfItsOwn()
        asked = check.ask(Draw(seed))
        together, alone = [], []
        with torch.no_grad():
            for nudge in asked["nudges"]:
                model = nudged(build(), nudge)
                together.append(model(asked["images"]))
                alone.append(model(asked["images"][:1]))
        check.mark(asked, {"together": torch.stack(together), "alone": torch.stack(alone)})
