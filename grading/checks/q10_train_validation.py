"""The check of q10's validation, on a small model of the examiner's own.

Shapes: `N` batches, `B` sequences in a batch, `T` tokens, `V` vocabulary, `E` embedding.
"""

from __future__ import annotations

from typing import Any

import torch

from grading.checks import _bigram_training_yardstick as yardstick
from grading.checks._bigram_training_yardstick import PARAMETERS, WRONG_LOSSES
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect, expect_close, expect_shape
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import BigramModel, batches_of, device, nn, number_of


@check("q10.validation", points=3)
class MeasuresTheLoss(Check):
    """validate gives the mean loss of the next token, in eval mode and without gradients."""

    def ask(self, draw: Draw) -> Tensors:
        """A model, and batches of tokens."""
        batch, steps, embed, vocabulary, count = draw.sizes(B=1, T=3, E=1, V=3, N=2, low=3, high=13)
        return {
            **yardstick.drawn_bigram(draw, embed, vocabulary),
            "tokens": draw.integers(count * batch, steps, low=0, high=vocabulary),
            "batch": torch.tensor(batch),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The loss, and in which state the model was while it was measured and after it."""
        model = BigramModel(asked["embeddings"], asked["weight"], asked["bias"]).to(device)
        model.train()
        loader = batches_of(asked["tokens"], int(asked["batch"]))
        with torch.enable_grad():
            loss = number_of(student.rnn.validate(model, loader, nn.CrossEntropyLoss()), "validate")
            after = torch.is_grad_enabled()
        touched = any(each.grad is not None for each in model.parameters())
        return {
            "loss": loss,
            "calls": torch.tensor(model.calls or [(False, False)]),
            "after": torch.tensor([after, touched]),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The mean over the first batch, or over all of them."""
        batches = yardstick.in_batches(asked["tokens"], int(asked["batch"]))
        weights = {name: asked[name].double() for name in PARAMETERS}
        losses = yardstick.validation_losses(weights, batches)
        got = answer_named(answered, "loss").double()
        first, mean = losses[0], losses.mean()
        near_all = got.shape == () and bool((got - mean).abs() < (got - first).abs())
        average = "Over how many losses do you sum, and by what do you divide?"
        slips = [
            ("the losses are added up", losses.sum(), average),
            ("one batch, divided by all", first / len(losses), average),
            ("divided by one too many", losses.sum() / (len(losses) + 1), average),
            ("divided by the sequences", losses.sum() / len(asked["tokens"]), average),
            ("the last batch alone", losses[-1], average),
        ]
        for name, (loss, think) in WRONG_LOSSES.items():
            wrong = yardstick.validation_losses(weights, batches, loss)
            slips += [(name, wrong[0], think), (name, wrong.mean(), think)]
        tried = f"{len(batches)} batches of shape {tuple(batches.shape[1:])}"
        expect_close(
            got=got,
            want=mean if near_all else first,
            tolerance=yardstick.loss_tolerance(asked, 1),
            what="the loss",
            tried=tried,
            hint="Which predictions have a target, and over what is the mean taken?",
            mistakes=[Mistake(*slip) for slip in slips],
        )
        _expect_looking_only(answered, tried)


def _expect_looking_only(answered: Tensors, tried: str) -> None:
    """Require that the model was measured and not trained.

    Raises:
        Wrong: naming the first trace of the contrary.
    """
    calls, after = answer_named(answered, "calls").bool(), answer_named(answered, "after").bool()
    expect_shape(after, (2,), what="the traces", tried=tried, hint="Does validate end?")
    expect_shape(
        calls,
        (len(calls) if calls.ndim else 0, 2),
        what="the calls of the model",
        tried=tried,
        hint="Does validate call the model?",
    )
    (trained, recorded), (on, touched) = calls.any(0).tolist(), after.tolist()
    for wrong, expected, got, think in (
        (
            trained,
            "the model in eval mode while it is measured",
            "training mode",
            "Would dropout, if the model had it, take part in the measurement?",
        ),
        (
            recorded,
            "no gradient recorded while it is measured",
            "gradients were recorded",
            "Who uses the gradients of a validation loss, and what do they cost?",
        ),
        (
            not on,
            "gradients on again afterwards",
            "they stay off, and training cannot go on",
            "How long does what you switch off stay off?",
        ),
        (
            touched,
            "no gradient in the parameters afterwards",
            "some have one",
            "What does validation share with training, and what not?",
        ),
    ):
        expect(not wrong, tried=tried, expected=expected, got=got, hint=think)
