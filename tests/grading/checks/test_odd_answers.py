"""Whatever a worker sends in place of a right answer, a mark is a verdict and never a crash."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

import losses
import models
import train
import train_lm
from grading.claims import Check, Claim, Wrong
from grading.draw import Draw
from grading.questions import questions

RNN = SimpleNamespace(**vars(models), train=train_lm.train, validate=train_lm.validate)
TRANSLATOR = ("utils", "model_embeddings", "nmt_model")
STUDENT = SimpleNamespace(
    models=models,
    losses=losses,
    train=train,
    neural_networks=models,
    rnn=RNN,
    **dict.fromkeys(TRANSLATOR, models),
)
CLAIMS = [claim for one in questions() for claim in one.checks if not claim.trains]

Corruption = Callable[[Tensor], Tensor]


@cache
def answered_by_the_solution(claim: Claim) -> tuple[Check, dict[str, Tensor], dict[str, Tensor]]:
    check = claim.kind()
    asked = check.ask(Draw(0))
    given = check.answer(STUDENT, {name: tensor.clone() for name, tensor in asked.items()})
    return check, asked, {name: torch.as_tensor(value).detach() for name, value in given.items()}


@pytest.mark.parametrize(
    "corrupt",
    [
        pytest.param(lambda t: t.bool(), id="bool"),
        pytest.param(lambda t: t.to(torch.int64), id="whole-numbers"),
        pytest.param(lambda t: t.half(), id="half"),
        pytest.param(lambda t: t.double() * torch.nan, id="nan"),
        pytest.param(lambda t: t.double() + torch.inf, id="infinite"),
        pytest.param(lambda t: torch.zeros_like(t), id="zeros"),
    ],
)
@pytest.mark.parametrize("claim", [pytest.param(claim, id=claim.id) for claim in CLAIMS])
def test_odd_numbers_are_judged(claim: Claim, corrupt: Corruption) -> None:
    check, asked, answered = answered_by_the_solution(claim)
    for name in answered:
        judge(check, asked, answered | {name: corrupt(answered[name])})


@pytest.mark.parametrize(
    "corrupt",
    [
        pytest.param(lambda t: t[None], id="one-axis-more"),
        pytest.param(lambda t: t[0] if t.ndim else t, id="one-axis-less"),
        pytest.param(lambda t: t.mT if t.ndim > 1 else t, id="transposed"),
        pytest.param(lambda t: t[..., :-1] if t.ndim else t, id="too-short"),
        pytest.param(lambda t: t.flatten()[:0], id="empty"),
    ],
)
@pytest.mark.parametrize("claim", [pytest.param(claim, id=claim.id) for claim in CLAIMS])
def test_odd_shapes_are_judged(claim: Claim, corrupt: Corruption) -> None:
    check, asked, answered = answered_by_the_solution(claim)
    for name in answered:
        judge(check, asked, answered | {name: corrupt(answered[name])})


def judge(check: Check, asked: dict[str, Tensor], answered: dict[str, Tensor]) -> None:
    with suppress(Wrong):
        check.mark(asked, answered)
