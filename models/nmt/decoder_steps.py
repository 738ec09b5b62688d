"""Question 11: the decoder's steps over whole translations, with their gradient by hand.

What a step does is `NMT.step`. Here everything that does not wait for the step before was computed
earlier, for all words at once, and the gradient of every weight is one product over all words
instead of a sum over steps. A translation that has ended takes no part in the steps after it.

With x the words' share of the gates, k the keys and v the values (the annotations' share of W_u a):

    gates_t = x_t + W [o_{t-1}; h_{t-1}]        h_t, c_t = the LSTM's equations
    alpha_t = softmax(k h_t)                    o_t = dropout_t * tanh(v^T alpha_t + U h_t)

Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory" (1997), with the forget gate of
F. Gers et al. (2000); the gradient is back-propagation through time.

Shapes: `B` batch, longest translation first; `S` source words; `H` hidden width; `t` one of `T`
steps, in which `n` translations take part (`n_t` of them in step t); `N` the sum of all n.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from models.nmt.lstm import activate, autocast_now, into_gates, slopes

SMALLEST_CHANCE = 1e-20
"""What attention takes for zero: it is lost in rounding beside the sentence's other chances. Its
gradients would be subnormal numbers, with which some processors multiply matrices thirty times as
slowly."""


def decode_packed(
    word_gates: Tensor,
    counts: list[int],
    keys: Tensor,
    values: Tensor,
    padding: Tensor,
    state: tuple[Tensor, Tensor],
    recurrent_weight: Tensor,
    output_weight: Tensor,
    dropout: Tensor | None,
) -> Tensor:
    """Compute every combined output.

    Args:
        word_gates: what every word read adds to the gates, ``(N, 4H) float32``, step after step.
        counts: how many translations take part in each step, never growing, all above 0.
        keys: ``(B, S, H) float32``; a word's score is the product of its key with h_t.
        values: ``(B, S, H) float32``.
        padding: ``(B, S) bool``, true at padding.
        state: h_0 and c_0, each ``(B, H) float32``.
        recurrent_weight: W, ``(4H, 2H) float32``.
        output_weight: U, ``(H, H) float32``.
        dropout: what every output is multiplied with, ``(N, H) float32``; None is one.

    Returns:
        The outputs, ``(N, H) float32``, step after step.
    """
    return _Decoder.apply(
        word_gates, counts, keys, values, padding, *state, recurrent_weight, output_weight, dropout
    )


class _Decoder(torch.autograd.Function):
    """The steps in `forward`, and the same steps backwards in `backward`."""

    @staticmethod
    def forward(
        ctx: Any,
        word_gates: Tensor,
        counts: list[int],
        keys: Tensor,
        values: Tensor,
        padding: Tensor,
        hidden: Tensor,
        cell: Tensor,
        recurrent_weight: Tensor,
        output_weight: Tensor,
        dropout: Tensor | None,
    ) -> Tensor:
        dtype = recurrent_weight.dtype
        hidden, cell = hidden.to(dtype), cell.to(dtype)  # autocast's few digits are for products
        alphas = recurrent_weight.new_zeros(*padding.shape[:1], len(counts), padding.shape[1])
        hiddens = recurrent_weight.new_zeros(len(padding), len(counts), len(output_weight))
        kept: list[tuple[Tensor, ...]] = []
        output = torch.zeros_like(hidden)
        dropped = [None] * len(counts) if dropout is None else dropout.split(counts)
        for step, (gates, drop) in enumerate(zip(word_gates.split(counts), dropped, strict=True)):
            n = len(gates)
            joined = torch.cat([output[:n], hidden[:n]], dim=1)  # (n, 2H)
            gates = torch.addmm(gates, joined, recurrent_weight.T).to(dtype)  # (n, 4H)
            last_cell, (hidden, cell) = cell[:n], activate(gates, cell[:n])
            # A row times a matrix: a matrix times a column is ten times as slow in some libraries.
            scores = torch.bmm(hidden[:, None], keys[:n].mT)[:, 0].to(dtype)  # (n, S)
            alpha = torch.softmax(scores.masked_fill_(padding[:n], -torch.inf), dim=1)
            alpha = functional.threshold(alpha, SMALLEST_CHANCE, 0.0)
            found = torch.bmm(alpha[:, None], values[:n])[:, 0]  # (n, 1, H) -> (n, H)
            tanh = torch.tanh(torch.addmm(found, hidden, output_weight.T).to(dtype))
            output = tanh if drop is None else tanh * drop
            alphas[:n, step], hiddens[:n, step] = alpha, hidden
            kept.append((joined, gates, last_cell, cell, tanh, output))
        *saved, outputs = (torch.cat(column) for column in zip(*kept, strict=True))
        ctx.save_for_backward(
            *saved, alphas, hiddens, keys, values, recurrent_weight, output_weight, dropout
        )
        ctx.counts, ctx.autocast = counts, autocast_now(outputs)
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, outputs_grad: Tensor) -> tuple[Tensor | None, ...]:
        joined, gates, last_cells, cells, tanhs, alphas, hiddens, keys, values, *rest = (
            ctx.saved_tensors
        )
        recurrent_weight, output_weight, dropout = rest
        by_sums = 1 - tanhs * tanhs  # of o_t by the sum in its tanh
        if dropout is not None:
            by_sums *= dropout
        by_what = *slopes(gates, last_cells, cells), by_sums
        with ctx.autocast():
            gates_grad, sums_grad, scores_grad, state_grad = _back_through_time(
                outputs_grad, ctx.counts, by_what, alphas, keys, values,
                (recurrent_weight, output_weight),
            )  # fmt: skip
            keys_grad = torch.bmm(scores_grad.mT, hiddens)  # (B, S, T) @ (B, T, H)
            values_grad = torch.bmm(alphas.mT, sums_grad)
            recurrent_grad = gates_grad.T @ joined  # (4H, N) @ (N, 2H)
            output_grad = sums_grad.flatten(0, 1).T @ hiddens.flatten(0, 1)
        return (
            gates_grad, None, keys_grad, values_grad, None, *state_grad,
            recurrent_grad, output_grad, None,
        )  # fmt: skip


def _back_through_time(
    outputs_grad: Tensor,
    counts: list[int],
    by_what: tuple[Tensor, ...],
    alphas: Tensor,
    keys: Tensor,
    values: Tensor,
    weights: tuple[Tensor, Tensor],
) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor]]:
    """The steps backwards.

    Returns:
        The gradients of the sums in the gates, ``(N, 4H)``, of the sums in the outputs,
        ``(B, T, H)``, of the attention's scores, ``(B, T, S)``, and of h_0 and c_0.
    """
    recurrent_weight, output_weight = weights
    batch, steps, _ = alphas.shape
    size = len(output_weight)
    scores_grad, sums_grad = torch.zeros_like(alphas), outputs_grad.new_zeros(batch, steps, size)
    # What a step hands to the one before; a translation's last step is handed nothing.
    output_grad, hidden_grad, cell_grad = outputs_grad.new_zeros(3, batch, size)
    gates_grad = torch.empty_like(by_what[0])
    parts = (outputs_grad, *by_what, gates_grad)
    rows = list(zip(*(part.split(counts) for part in parts), strict=True))
    for step in reversed(range(steps)):
        asked, by_gate, by_cell, forget, by_sum, result = rows[step]
        n = len(asked)
        alpha = alphas[:n, step]  # (n, S)
        sum_grad = (asked + output_grad[:n]) * by_sum
        alpha_grad = torch.bmm(sum_grad[:, None], values[:n].mT)[:, 0] * alpha
        score_grad = alpha_grad - alpha * alpha_grad.sum(dim=1, keepdim=True)
        hidden = hidden_grad[:n] + torch.bmm(score_grad[:, None], keys[:n])[:, 0]
        hidden = hidden + sum_grad @ output_weight
        cell = torch.addcmul(cell_grad[:n], hidden, by_cell)
        into_gates(by_gate, hidden, cell, result)
        joined = result @ recurrent_weight  # (n, 4H) -> (n, 2H)
        output_grad[:n], hidden_grad[:n] = joined.chunk(2, dim=1)
        cell_grad[:n] = cell * forget
        scores_grad[:n, step], sums_grad[:n, step] = score_grad, sum_grad
    return gates_grad, sums_grad, scores_grad, (hidden_grad, cell_grad)
