"""A correct block and loss never fail, in whatever order they compute; slips always do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from grading.checks._transformer_yardstick import BlockYardstick
from grading.checks.q7_block import AddedAndNormalisedTwice
from grading.checks.q7_char_gpt import NextCharacterLoss, WritesFromLeftToRight
from grading.claims import Wrong
from grading.draw import Draw
from models import CharacterGPT
from tests.grading.checks.losses_by_hand import WAYS

DRAWS = 10_000
SLIP_DRAWS = 200

Tensors = dict[str, Tensor]


def norm_by_library(asked: Tensors, number: int, x: Tensor) -> Tensor:
    gain, shift = asked[f"gain_{number}"], asked[f"shift_{number}"]
    return functional.layer_norm(x, gain.shape, gain, shift)


def norm_by_hand(asked: Tensors, number: int, x: Tensor) -> Tensor:
    mean = x.mean(-1, keepdim=True)
    variance = (x - mean).square().mean(-1, keepdim=True)
    scale = asked[f"gain_{number}"] / (variance + 1e-5).sqrt()
    return x * scale - mean * scale + asked[f"shift_{number}"]


def norm_by_moments(asked: Tensors, number: int, x: Tensor) -> Tensor:
    mean = x.sum(-1, keepdim=True) / x.shape[-1]
    spread = (x.square().mean(-1, keepdim=True) - mean.square() + 1e-5).rsqrt()
    return (x - mean) * spread * asked[f"gain_{number}"] + asked[f"shift_{number}"]


NORMS = [norm_by_library, norm_by_hand, norm_by_moments]


def block(asked: Tensors, attended: Tensor, norm: Callable[..., Tensor]) -> Tensor:
    h = norm(asked, 1, attended + asked["inputs"])
    linear = asked["bias"] + (asked["weight"] @ h.mT).mT
    return norm(asked, 2, linear.clamp_min(0) + h)


def question(seed: int) -> tuple[AddedAndNormalisedTwice, Tensors, Tensors]:
    """A check, what it asks, and an attention that mixes the positions at random."""
    check = AddedAndNormalisedTwice()
    asked = check.ask(Draw(seed))
    steps = asked["inputs"].shape[1]
    mixture = Draw(seed).normal(steps, steps).softmax(-1)
    normed = norm_by_library(asked, 1, asked["inputs"])
    answered = {"attended": mixture @ asked["inputs"], "attended_normed": mixture @ normed}
    return check, asked, answered


@pytest.mark.slow
def test_ten_thousand_correct_blocks_all_pass() -> None:
    for seed in range(DRAWS):
        check, asked, answered = question(seed)
        norm = NORMS[seed % len(NORMS)]
        check.mark(asked, answered | {"output": block(asked, answered["attended"], norm)})


def test_every_slip_in_the_block_is_told_from_rounding_and_named() -> None:
    for seed in range(SLIP_DRAWS):
        check, asked, answered = question(seed)
        for slip in BlockYardstick(asked, answered).slips():
            with pytest.raises(Wrong) as told:
                check.mark(asked, answered | {"output": slip.value.float()})
            assert told.value.mistake == slip.name


@pytest.mark.slow
def test_ten_thousand_correct_losses_all_pass() -> None:
    for seed in range(DRAWS):
        check = NextCharacterLoss()
        asked = check.ask(Draw(seed))
        shape = (*asked["target"].shape, 29)
        scores = Draw(seed).normal(*shape)
        one_hot = functional.one_hot(asked["target"].flatten(), 29).float()
        loss = WAYS[seed % len(WAYS)](scores.flatten(0, 1), one_hot)
        check.mark(asked, {"scores": scores, "loss": loss})


@pytest.mark.parametrize(
    ("mask", "passes"), [pytest.param(True, True, id="mask"), pytest.param(False, False, id="none")]
)
def test_looking_ahead_is_told_from_rounding(mask: bool, passes: bool) -> None:
    for seed in range(SLIP_DRAWS):
        torch.manual_seed(seed)
        check = WritesFromLeftToRight()
        asked = check.ask(Draw(seed))
        model = CharacterGPT(*asked["sizes"].tolist()).eval()
        if not mask:
            for name, buffer in model.named_buffers():
                if name.endswith("mask"):
                    buffer.fill_(1)
        answered = {name: model(asked[name]) for name in ("ids", "later", "earlier")}
        if passes:
            check.mark(asked, answered)
        else:
            with pytest.raises(Wrong, match="scores at positions"):
                check.mark(asked, answered)
