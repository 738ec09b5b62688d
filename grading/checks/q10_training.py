"""Checks of q10's training, on a small model of the examiner's own and by plain gradient descent.

Shapes: `N` batches, `B` sequences in a batch, `T` tokens, `V` vocabulary, `E` embedding.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks import _bigram_training_yardstick as yardstick
from grading.checks._bigram_training_yardstick import PARAMETERS, WRONG_LOSSES, Course
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect_close
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import BigramModel, batches_of, device, nn, numbers_of, several

RATE = 0.2
LEFT_OVER = 3  # batches more than are to be trained on
SPAN = "Which batches does a record speak of, and how many are they?"
TENTH = "At which batches does the homework make a record, and does it count from 0?"


@check("q10.training", points=3)
class StepsOnEveryBatch(Check):
    """train takes a clipped step on each batch's next-token loss, num_sequences // batch_size."""

    def ask(self, draw: Draw) -> Tensors:
        """First weights and more batches than are needed; the last sequences fill no batch."""
        batch, steps, embed, vocabulary = draw.sizes(B=2, T=3, E=1, V=3, low=3, high=11)
        sequences = 10 * batch + draw.integer(1, batch)
        count = sequences // batch + LEFT_OVER
        return {
            **yardstick.drawn_bigram(draw, embed, vocabulary),
            "tokens": draw.integers(count * batch, steps, low=0, high=vocabulary),
            "counts": torch.tensor([sequences, batch]),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The weights at the end."""
        sequences, batch = asked["counts"].tolist()
        model = BigramModel(asked["embeddings"], asked["weight"], asked["bias"]).to(device)
        loader = batches_of(asked["tokens"], batch)
        valid = batches_of(asked["tokens"][:batch], batch)
        descent = torch.optim.SGD(model.parameters(), lr=0.2)
        student.rnn.train(model, loader, valid, nn.CrossEntropyLoss(), descent, sequences, batch)
        return {
            "embeddings": model.embeddings.weight,
            "weight": model.lm_head.weight,
            "bias": model.lm_head.bias,
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They are where float64 arrives."""
        sequences, batch = asked["counts"].tolist()
        batches = yardstick.in_batches(asked["tokens"], batch)
        steps = sequences // batch
        needed = batches[:steps]
        clipping = "What does the homework do with a gradient that is longer than 1, and when?"
        end = "At which batch does the loop stop, if the first one has number 0?"
        start = {name: asked[name].double() for name in PARAMETERS}
        slips = [
            *(
                (name, yardstick.train(asked, needed, RATE, loss=loss).weights, think)
                for name, (loss, think) in WRONG_LOSSES.items()
            ),
            (
                "gradients are not clipped",
                yardstick.train(asked, needed, RATE, clip="none").weights,
                clipping,
            ),
            (
                "each entry of a gradient is clipped, not its norm",
                yardstick.train(asked, needed, RATE, clip="value").weights,
                clipping,
            ),
            (
                "gradients pile up from batch to batch",
                yardstick.train(asked, needed, RATE, forgets=False).weights,
                "What is in .grad when the next batch begins?",
            ),
            (
                "one batch too many",
                yardstick.train(asked, batches[: steps + 1], RATE).weights,
                end,
            ),
            ("one batch too few", yardstick.train(asked, needed[:-1], RATE).weights, end),
            ("all batches are trained on", yardstick.train(asked, batches, RATE).weights, end),
            ("no step is taken", start, "What changes the weights, and is it called?"),
        ]
        right = yardstick.train(asked, needed, RATE).weights
        for name in PARAMETERS:
            expect_close(
                got=answer_named(answered, name),
                want=right[name],
                tolerance=yardstick.weight_tolerance(asked, steps, RATE),
                what=f"the {name} after training",
                tried=f"{sequences} sequences, batch_size {batch}, {len(batches)} batches at hand, "
                f"SGD with learning rate {RATE}",
                hint="For each batch: old gradients, loss, new gradients, clipping, step?",
                mistakes=[Mistake(slip, weights[name], think) for slip, weights, think in slips],
            )


@check("q10.records", points=2, after=("q10.training", "q10.validation"))
class RecordsEveryTenth(Check):
    """A record stands at batch 0 and every val_index batches on: mean training loss, validation."""

    def ask(self, draw: Draw) -> Tensors:
        """As many sequences as make several batches a record."""
        batch, steps, embed, vocabulary = draw.sizes(B=2, T=3, E=1, V=3, low=3, high=11)
        every = draw.integer(2, 4)
        sequences = 10 * every * batch + draw.integer(0, 3) * batch + draw.integer(0, batch)
        count = sequences // batch + LEFT_OVER
        return {
            **yardstick.drawn_bigram(draw, embed, vocabulary),
            "tokens": draw.integers(count * batch, steps, low=0, high=vocabulary),
            "valid": draw.integers(3 * batch, steps, low=0, high=vocabulary),
            "counts": torch.tensor([sequences, 4 * batch + 1, batch]),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The records of a long and of a short training."""
        long, short, batch = asked["counts"].tolist()
        found = {}
        for name, sequences in (("long", long), ("short", short)):
            model = BigramModel(asked["embeddings"], asked["weight"], asked["bias"]).to(device)
            loaders = [batches_of(asked[each], batch) for each in ("tokens", "valid")]
            descent = torch.optim.SGD(model.parameters(), lr=0.2)
            records = several(
                student.rnn.train(
                    model, *loaders, nn.CrossEntropyLoss(), descent, sequences, batch
                ),
                2,
                "train",
            )
            found[f"{name}_train"] = numbers_of(records[0], "the training losses")
            found[f"{name}_valid"] = numbers_of(records[1], "the validation losses")
        return found

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Both lists of both trainings."""
        long, short, batch = asked["counts"].tolist()
        batches = yardstick.in_batches(asked["tokens"], batch)
        valid = yardstick.in_batches(asked["valid"], batch)
        for name, sequences in (("long", long), ("short", short)):
            steps, every = sequences // batch, max(1, int(sequences * 0.1) // batch)
            course = yardstick.train(asked, batches[:steps], RATE)
            tolerance = yardstick.loss_tolerance(asked, steps)
            tried = f"{sequences} sequences, batch_size {batch}: a record every {every} batches"
            expect_close(
                got=answer_named(answered, f"{name}_train"),
                want=_means(course, every),
                tolerance=tolerance,
                what="the training losses",
                tried=tried,
                hint=SPAN,
                mistakes=_wrong_means(course, every),
            )
            got = answer_named(answered, f"{name}_valid")
            records = range(0, steps, every)
            losses = torch.stack(
                [yardstick.validation_losses(course.states[at], valid) for at in records]
            )
            seen = torch.stack(
                [yardstick.validation_losses(course.states[at], batches[:steps]) for at in records]
            )
            first, mean = losses[:, 0], losses.mean(1)
            expect_close(
                got=got,
                want=mean if _is_closer(got, mean, first) else first,
                tolerance=tolerance,
                what="the validation losses",
                tried=tried,
                hint="When, during training, does a record measure the validation loss?",
                mistakes=[
                    Mistake("validated on the training data", each, "Which data is validated on?")
                    for each in (seen[:, 0], seen.mean(1))
                ],
            )


def _is_closer(got: Tensor, one: Tensor, other: Tensor) -> bool:
    if got.shape != one.shape:
        return False
    got = got.double()
    return bool((got - one).abs().sum() < (got - other).abs().sum())


def _means(course: Course, every: int) -> Tensor:
    """The training losses of the records: the first batch, then the last `every` batches."""
    later = range(every, len(course.losses), every)
    return torch.stack([course.losses[0], *(course.slid(at - every + 1, at) for at in later)])


def _wrong_means(course: Course, every: int) -> list[Mistake]:
    """What usual slips record, where several batches make a record."""
    losses, right = torch.stack(course.losses), _means(course, every)
    places = range(0, len(losses), every)
    so_far = torch.stack([course.slid(0, at) for at in places])
    sums = torch.stack([losses[: at + 1].sum() for at in places])
    twice = right.clone()
    if len(right) > 1:
        twice[1] = losses[: every + 1].sum() / every
    begun = torch.cat([right[:1] / every, right[1:]])
    added = torch.cat([right[:1], right[1:] * every])
    ends = range(every - 1, len(losses), every)
    late = torch.stack([course.slid(at - every + 1, at) for at in ends])
    reset = "What should stand in the running sum when a record has been made?"
    slips = [
        ("the first record is divided by val_index", begun, SPAN),
        ("the first batch counts twice", twice, reset),
        ("the sum is never set back", torch.cat([right[:1], sums[1:] / every]), reset),
        ("the sum is never set back", sums / every, reset),
        ("the mean of all batches so far", so_far, SPAN),
        ("the last batch alone", losses[list(places)], SPAN),
        ("the losses are added up", added, "By what do you divide the sum?"),
        ("divided by one too many", torch.cat([right[:1], added[1:] / (every + 1)]), SPAN),
        ("the first record comes after val_index batches", late, TENTH),
        ("a record after every batch", losses, TENTH),
    ]
    # Where every batch makes a record, some of these are no slips.
    return [Mistake(*slip) for slip in slips if not torch.equal(slip[1], right)]
