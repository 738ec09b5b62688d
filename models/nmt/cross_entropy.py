"""Question 11: the cross-entropy over a large vocabulary, a few words at a time.

A batch of 64 sentences with 40 words has 2,560 predictions, and with 50,000 words in the
vocabulary their scores take 512 MB; the log-probabilities that autograd keeps take as much again,
and so does the gradient. Nothing of it is needed for long: once a chunk of predictions is scored,
its loss and the gradients of outputs and weights follow at once, and the scores can go.

Shapes: `N` predictions, `n` of one chunk, `H` hidden width, `V` vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

CHUNK_ENTRIES = 2_000_000
"""How many scores are there at once: 8 MB in float32, about what a cache holds."""


def summed_cross_entropy(
    outputs: Tensor, weight: Tensor, words: Tensor, chunk_entries: int = CHUNK_ENTRIES
) -> Tensor:
    """Measure the surprise at words, given what a linear layer without bias makes of outputs.

    Args:
        outputs: ``(N, H) float32``, one row a prediction.
        weight: of the linear layer, ``(V, H) float32``.
        words: the words that were asked for, ``(N,) int64`` in 0..V-1.
        chunk_entries: how many of the N V scores to compute at once.

    Returns:
        The sum of the N cross-entropies in nats, ``() float32``.
    """
    if not torch.is_grad_enabled():  # a Function asks its inputs alone whether to find gradients
        outputs, weight = outputs.detach(), weight.detach()
    rows = max(1, chunk_entries // max(1, len(weight)))
    return _SummedCrossEntropy.apply(outputs, weight, words, rows)


class _SummedCrossEntropy(torch.autograd.Function):
    """The loss whose gradients are computed together with it, before the scores are forgotten."""

    @staticmethod
    def forward(ctx: Any, outputs: Tensor, weight: Tensor, words: Tensor, rows: int) -> Tensor:
        total = weight.new_zeros(())
        needs_outputs, needs_weight = ctx.needs_input_grad[:2]
        outputs_grad = torch.empty_like(outputs) if needs_outputs else None
        weight_grad = torch.zeros_like(weight) if needs_weight else None
        for start in range(0, len(outputs), rows):
            chunk, asked_for = outputs[start : start + rows], words[start : start + rows, None]
            # Under autocast the scores come with few digits; their sum over V words needs more.
            scores = functional.linear(chunk, weight).to(weight.dtype)  # (n, H) -> (n, V)
            chances = torch.softmax(scores, dim=1)
            # The logarithm of the sum over V words, from a word whose chance is 1 / V or more: that
            # of the word asked for may round to zero.
            log_sums = scores.amax(dim=1) - chances.amax(dim=1).log()  # (n,)
            total += (log_sums - scores.gather(1, asked_for)[:, 0]).sum()
            # The gradient of the cross-entropy: the chances, less one at the word asked for.
            grad = chances.scatter_add_(1, asked_for, chances.new_full(asked_for.shape, -1))
            if outputs_grad is not None:
                outputs_grad[start : start + rows] = grad @ weight
            if weight_grad is not None:
                _add_product(weight_grad, grad.T, chunk)
        ctx.save_for_backward(outputs_grad, weight_grad)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, total_grad: Tensor) -> tuple[Tensor | None, ...]:
        grads = (None if grad is None else grad * total_grad for grad in ctx.saved_tensors)
        return *grads, None, None


def _add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    """Add a matrix product to a matrix, in place where the digits allow it."""
    if torch.is_autocast_enabled(total.device.type) or right.dtype != total.dtype:
        total += left.to(right.dtype) @ right
    else:
        total.addmm_(left, right)
