"""A correct training never fails, in whatever order it computes; slips always do, and by name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import train_lm
from grading.checks import _bigram_training_yardstick as yardstick
from grading.checks.q10_train_validation import MeasuresTheLoss
from grading.checks.q10_training import RATE, RecordsEveryTenth, StepsOnEveryBatch, _wrong_means
from grading.claims import Wrong
from grading.draw import Draw
from grading.worker.kit import BigramModel, batches_of

DRAWS = 60
SLIP_DRAWS = 20

Tensors = dict[str, Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]


def by_axes(logits: Tensor, tokens: Tensor) -> Tensor:
    return functional.cross_entropy(logits[:, :-1].movedim(-1, 1), tokens[:, 1:])


def by_hand(logits: Tensor, tokens: Tensor) -> Tensor:
    chances = logits[:, :-1].log_softmax(-1)
    return -chances.gather(-1, tokens[:, 1:, None]).mean()


def by_sequence(logits: Tensor, tokens: Tensor) -> Tensor:
    losses = [functional.cross_entropy(x[:-1], y[1:]) for x, y in zip(logits, tokens, strict=True)]
    return torch.stack(losses).mean()


LOSSES: list[Loss] = [yardstick.next_token, by_axes, by_hand, by_sequence]


def clip_by_hand(parameters: list[Tensor]) -> None:
    norm = sum((each.grad.square().sum() for each in parameters), torch.zeros(())).sqrt()
    for each in parameters:
        if norm > 1:
            each.grad /= norm


def trained(asked: Tensors, sequences: int, batch: int, way: int) -> dict[str, Any]:
    """The model after a training in float32, and the records of it."""
    model = BigramModel(asked["embeddings"], asked["weight"], asked["bias"])
    loader, valid = (
        batches_of(asked[name], batch)
        for name in ("tokens", "valid" if "valid" in asked else "tokens")
    )
    descent = torch.optim.SGD(model.parameters(), lr=RATE, foreach=bool(way % 2))
    if way % 3 == 0:
        records = train_lm.train(
            model,
            loader,
            valid,
            nn.CrossEntropyLoss(),
            descent,
            sequences,
            batch,
            valid_batches=None if way % 2 else 1,
        )
        return {"model": model, "records": records}
    loss_fn, every = LOSSES[way % len(LOSSES)], max(1, int(sequences * 0.1) // batch)
    records, losses = ([], []), []
    for number, tokens in enumerate(loader):
        if number == sequences // batch:
            break
        descent.zero_grad()
        loss = loss_fn(model(tokens)[0], tokens)
        loss.backward()
        clip_by_hand(list(model.parameters()))
        descent.step()
        losses.append(loss.item())
        if number % every == 0:
            records[0].append(round(sum(losses) / len(losses), 6))
            losses = []
            with torch.no_grad():
                all_of_it = [loss_fn(model(each)[0], each).item() for each in valid]
            counted = all_of_it[: None if way % 2 else 1]
            records[1].append(round(sum(counted) / len(counted), 6))
    return {"model": model, "records": records}


def weights_of(model: BigramModel) -> Tensors:
    return {
        "embeddings": model.embeddings.weight,
        "weight": model.lm_head.weight,
        "bias": model.lm_head.bias,
    }


@pytest.mark.slow
def test_sixty_correct_trainings_all_pass() -> None:
    for seed in range(DRAWS):
        check = StepsOnEveryBatch()
        asked = check.ask(Draw(seed))
        model = trained(asked, *asked["counts"].tolist(), way=seed)["model"]
        check.mark(asked, {name: value.detach() for name, value in weights_of(model).items()})


@pytest.mark.slow
def test_sixty_correct_records_all_pass() -> None:
    for seed in range(DRAWS):
        check = RecordsEveryTenth()
        asked = check.ask(Draw(seed))
        long, short, batch = asked["counts"].tolist()
        answered = {}
        for name, sequences in (("long", long), ("short", short)):
            records = trained(asked, sequences, batch, seed)["records"]
            for kind, each in zip(("train", "valid"), records, strict=True):
                answered[f"{name}_{kind}"] = torch.tensor(each, dtype=torch.float64)
        check.mark(asked, answered)


def measured(seed: int, way: Callable[[Tensors, Tensor], Tensor]) -> None:
    check = MeasuresTheLoss()
    asked = check.ask(Draw(seed))
    calls, after = torch.zeros(1, 2, dtype=torch.int64), torch.tensor([True, False])
    batches = yardstick.in_batches(asked["tokens"], int(asked["batch"]))
    check.mark(asked, {"loss": way(asked, batches).double(), "calls": calls, "after": after})


@pytest.mark.parametrize("counted", [pytest.param(1, id="first"), pytest.param(None, id="all")])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_way_to_measure_a_loss_passes(loss: Loss, counted: int | None) -> None:
    for seed in range(DRAWS):
        measured(
            seed,
            lambda asked, batches: torch.stack(
                [loss(yardstick.logits_of(asked, each), each) for each in batches[:counted]]
            ).mean(),
        )


@pytest.mark.parametrize("name", yardstick.WRONG_LOSSES)
def test_a_wrong_loss_is_told_from_rounding_and_named(name: str) -> None:
    loss = yardstick.WRONG_LOSSES[name][0]
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            measured(
                seed,
                lambda asked, batches: yardstick.validation_losses(asked, batches, loss).mean(),
            )
        assert told.value.mistake == name


SLIPS = {
    **{
        name: functools.partial(yardstick.train, loss=loss)
        for name, (loss, _) in yardstick.WRONG_LOSSES.items()
    },
    "gradients are not clipped": functools.partial(yardstick.train, clip="none"),
    "each entry of a gradient is clipped, not its norm": functools.partial(
        yardstick.train, clip="value"
    ),
    "gradients pile up from batch to batch": functools.partial(yardstick.train, forgets=False),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_in_the_training_is_told_from_rounding_and_named(name: str) -> None:
    for seed in range(SLIP_DRAWS):
        check = StepsOnEveryBatch()
        asked = check.ask(Draw(seed))
        sequences, batch = asked["counts"].tolist()
        batches = yardstick.in_batches(asked["tokens"], batch)[: sequences // batch]
        with pytest.raises(Wrong) as told:
            check.mark(asked, SLIPS[name](asked, batches, RATE).weights)
        # A gradient may be long without one large entry: nothing is clipped then.
        unclipped = "gradients are not clipped" if "entry" in name else name
        assert told.value.mistake in (name, unclipped)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        pytest.param(1, "one batch too many", id="late"),
        pytest.param(-1, "one batch too few", id="early"),
        pytest.param(3, "all batches are trained on", id="all"),
    ],
)
def test_another_number_of_batches_is_told_from_rounding_and_named(more: int, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        check = StepsOnEveryBatch()
        asked = check.ask(Draw(seed))
        sequences, batch = asked["counts"].tolist()
        batches = yardstick.in_batches(asked["tokens"], batch)[: sequences // batch + more]
        with pytest.raises(Wrong) as told:
            check.mark(asked, yardstick.train(asked, batches, RATE).weights)
        assert told.value.mistake == name


def test_every_slip_in_the_records_is_told_from_rounding_and_named() -> None:
    for seed in range(SLIP_DRAWS):
        check = RecordsEveryTenth()
        asked = check.ask(Draw(seed))
        long, _, batch = asked["counts"].tolist()
        batches = yardstick.in_batches(asked["tokens"], batch)[: long // batch]
        course = yardstick.train(asked, batches, RATE)
        for slip in _wrong_means(course, int(long * 0.1) // batch):
            with pytest.raises(Wrong) as told:
                check.mark(asked, {"long_train": slip.value})
            assert told.value.mistake == slip.name
