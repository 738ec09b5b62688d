"""Training the recurrent language model (question 10).

A language model learns from plain text: at every position it is asked for the token that really
follows. Training is counted in sequences instead of passes over the data, and a record of the
losses is made every tenth of the way.

The functions have the homework's names and stand in a file of their own, so that whoever does this
homework alone edits this file and `models/rnn_lm.py`.

Shapes: `B` batch, `T` tokens in a sequence, `V` vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from functools import partial
from itertools import islice
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from train import FitOptions, fit, to_device

Records: TypeAlias = tuple[list[float], list[float]]
"""Training and validation losses in nats a token, one of each a record."""

CLIP_NORM = 1.0


def train(
    lm: nn.Module,
    train_data: Iterable[Tensor],
    valid_data: Iterable[Tensor],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: Optimizer,
    num_sequences: int,
    batch_size: int,
    *,
    valid_batches: int | None = 1,
    begun: Records = ([], []),
    on_record: Callable[[Records], None] | None = None,
) -> Records:
    """Train a language model on so many sequences.

    Args:
        lm: tokens ``(B, T) int64`` to logits ``(B, T, V) float32``, the first of three results.
        train_data: batches of tokens, ``(B, T) int64``; a list or loader may have fewer than
            ``num_sequences`` need, and training ends with them.
        valid_data: batches of tokens to measure the loss on.
        loss_fn: the mean cross-entropy of ``(N, V)`` logits with ``(N,) int64`` targets.
        optimizer: updates the model's parameters; gradients are clipped to norm 1 before.
        num_sequences: how many sequences to train on, in whole batches.
        batch_size: sequences in a batch.
        valid_batches: see `validate`.
        begun: the records of a training that was stopped after the last of them, and whose model
            and optimizer go on here: the batches before are passed over.
        on_record: is given all records after each new one.

    Returns:
        Training and validation losses in nats a token, rounded to 6 places. The first record is
        made after the first batch, with its loss; the others after every tenth of the way, with
        the mean loss of the batches since the last record.

    Raises:
        ValueError: if there is no whole batch to train on.
    """
    if not 1 <= batch_size <= num_sequences:
        raise ValueError(
            f"there is no whole batch to train on: num_sequences is {num_sequences} and "
            f"batch_size {batch_size}"
        )
    # BEGIN SOLUTION q10.training: a step on every batch, and the records
    steps = num_sequences // batch_size
    if isinstance(train_data, Sized):
        steps = min(steps, len(train_data))
    every = max(1, int(num_sequences * 0.1) // batch_size)
    batches = islice(train_data, steps)
    surprise = partial(next_token_loss, lm, loss_fn=loss_fn)
    how = (surprise, optimizer, FitOptions(epochs=1, clip_norm=CLIP_NORM))
    measure = partial(validate, lm, valid_data, loss_fn, batches=valid_batches)
    train_losses, valid_losses = list(begun[0]), list(begun[1])
    # The first record stands after one batch, so that the curve begins where the model does.
    stretches = [1] + [every] * ((steps - 1) // every)
    for _ in islice(batches, sum(stretches[: len(train_losses)])):
        pass
    for stretch in stretches[len(train_losses) :]:
        (epoch,) = fit(lm, islice(batches, stretch), *how, validate=lambda: -measure())
        train_losses.append(round(epoch.loss, 6))
        valid_losses.append(round(-epoch.score, 6))  # a score is better when it is larger
        if on_record is not None:
            on_record((train_losses, valid_losses))
    if (steps - 1) % every:  # what is left after the last record is trained on as well
        fit(lm, batches, *how)
    return train_losses, valid_losses
    # END SOLUTION q10.training


def next_token_loss(
    lm: nn.Module, tokens: Tensor, loss_fn: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    """Measure how surprised a language model is by the tokens that really follow.

    Args:
        lm: see `train`.
        tokens: ``(B, T) int64``, T >= 2.
        loss_fn: see `train`.

    Returns:
        The mean over all predictions that have a target, ``() float32``.
    """
    # BEGIN SOLUTION q10.loss: each prediction against the token it is about
    logits = lm(tokens)[0]
    # The token after the last one is not known, so the last position's prediction has no target.
    # Every other one is a prediction of its own: batch and time become one axis.
    return loss_fn(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    # END SOLUTION q10.loss


@torch.no_grad()
def validate(
    lm: nn.Module,
    dataset: Iterable[Tensor],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    *,
    batches: int | None = 1,
) -> float:
    """Measure a language model, without gradients and in eval mode, in which it is left.

    Args:
        lm: see `train`.
        dataset: batches of tokens, ``(B, T) int64``.
        loss_fn: see `train`.
        batches: how many of them count: the first alone, as the homework has it, or all with None.

    Returns:
        The mean of the batches' losses, in nats a token.

    Raises:
        ValueError: if there is no batch.
    """
    # BEGIN SOLUTION q10.validation: the mean loss over the batches
    lm.eval()
    device = next(lm.parameters()).device
    counted = (to_device(tokens, device) for tokens in islice(dataset, batches))
    losses = [next_token_loss(lm, tokens, loss_fn).item() for tokens in counted]
    if not losses:
        raise ValueError("there is no batch to validate on; give at least one")
    return sum(losses) / len(losses)
    # END SOLUTION q10.validation
