"""Question 11: LSTMs over sentences of many lengths, with their gradient by hand.

PyTorch's own LSTM gives the same numbers. On a CPU it reads packed sentences one step and one
direction after the other, and its gradient visits the weights, and all words, in every step. Here
both directions go through one product a step, and the weights get their gradient in one product.

With x the words' share of the gates, i f g o in PyTorch's order:

    gates = x_t + W h_{t-1}     c_t = f c_{t-1} + i g     h_t = o tanh(c_t)

Sources: S. Hochreiter and J. Schmidhuber, "Long short-term memory" (1997); F. Gers et al.,
"Learning to forget" (2000); the gradient is back-propagation through time.

Shapes: `D` directions; `B` sentences, longest first; `H` hidden width; `n` sentences that have a
word for a step; `N` the sum of all n: packed tensors hold all rows of a step, step after step.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def read_packed(
    word_gates: Tensor, counts: list[int], weight: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Read packed sentences from a state of zeros.

    Args:
        word_gates: what every word adds to the gates, ``(D, N, 4H) float32``.
        counts: how many sentences have a word for each step; never growing, the first is B.
        weight: W, ``(D, 4H, H) float32``.

    Returns:
        hiddens: the hidden state after every word, ``(D, N, H) float32``.
        last_hidden: that after a sentence's last word, ``(D, B, H) float32``.
        last_cell: the cell after it, ``(D, B, H) float32``.
    """
    return _Reader.apply(word_gates, counts, weight)


class _Reader(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, word_gates: Tensor, counts: list[int], weight: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        # What a sentence left here in its last step is its last state.
        last_hidden, last_cell = weight.new_zeros(2, len(weight), counts[0], weight.shape[2])
        kept: list[tuple[Tensor, ...]] = []
        for gates in word_gates.split(counts, dim=1):
            n = gates.shape[1]
            before = last_hidden[:, :n].clone(), last_cell[:, :n].clone()
            gates = torch.baddbmm(gates, before[0], weight.mT).to(weight.dtype)  # (D, n, 4H)
            hidden, cell = activate(gates, before[1])
            last_hidden[:, :n], last_cell[:, :n] = hidden, cell
            kept.append((*before, gates, hidden, cell))
        saved = [torch.cat(column, dim=1) for column in zip(*kept, strict=True)]
        ctx.save_for_backward(*saved, weight)
        ctx.counts, ctx.autocast = counts, autocast_now(weight)
        return saved[3].clone(), last_hidden, last_cell

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, hiddens_grad: Tensor, hidden_grad: Tensor, cell_grad: Tensor
    ) -> tuple[Tensor | None, ...]:
        hiddens_before, cells_before, gates, _, cells, weight = ctx.saved_tensors
        # A sentence's last state gets its gradient when the steps, backwards, reach its last word.
        hidden_grad, cell_grad = hidden_grad.clone(), cell_grad.clone()
        by_gates, by_cell, forget = slopes(gates, cells_before, cells)
        gates_grad = torch.empty_like(gates)
        parts = (hiddens_grad, by_gates, by_cell, forget, gates_grad)
        rows = zip(*(part.split(ctx.counts, dim=1) for part in parts), strict=True)
        with ctx.autocast():
            for asked, by_gate, by_its_cell, kept, result in reversed(list(rows)):
                n = asked.shape[1]
                hidden = asked + hidden_grad[:, :n]
                cell = torch.addcmul(cell_grad[:, :n], hidden, by_its_cell)
                into_gates(by_gate, hidden, cell, result)
                hidden_grad[:, :n] = result @ weight  # (D, n, 4H) @ (D, 4H, H)
                cell_grad[:, :n] = cell * kept
            weight_grad = gates_grad.mT @ hiddens_before  # (D, 4H, N) @ (D, N, H)
        return gates_grad, None, weight_grad


def activate(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """Compute one step of an LSTM.

    Args:
        gates: the sums, ``(…, 4H) float32``; they are replaced by the gates' values.
        cell: the last one, ``(…, H) float32``.

    Returns:
        The next hidden state and cell, each ``(…, H) float32``.
    """
    size = cell.shape[-1]
    gates[..., : 2 * size].sigmoid_()
    gates[..., 2 * size : 3 * size].tanh_()
    gates[..., 3 * size :].sigmoid_()
    enter, forget, new, out = gates.chunk(4, dim=-1)
    cell = torch.addcmul(forget * cell, enter, new)
    return out * torch.tanh(cell), cell


def slopes(gates: Tensor, cells_before: Tensor, cells: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Compute the derivatives in an LSTM's steps, for all steps at once.

    Args:
        gates: the gates' values, ``(…, 4H) float32``.
        cells_before: c_{t-1}, ``(…, H) float32``.
        cells: c_t, ``(…, H) float32``.

    Returns:
        by_gates: of c_t by the sums in i, f and g, and of h_t by that in o, ``(…, 4H) float32``.
        by_cell: of h_t by c_t, ``(…, H) float32``.
        forget: of c_t by c_{t-1}, ``(…, H) float32``.
    """
    enter, forget, new, out = gates.chunk(4, dim=-1)
    tanhs = torch.tanh(cells)
    by_gates = [
        new * enter * (1 - enter),
        cells_before * forget * (1 - forget),
        enter * (1 - new * new),
        tanhs * out * (1 - out),
    ]
    return torch.cat(by_gates, dim=-1), out * (1 - tanhs * tanhs), forget


def into_gates(by_gates: Tensor, hidden_grad: Tensor, cell_grad: Tensor, result: Tensor) -> None:
    """Write the gradient of a step's sums into a tensor; see `slopes`.

    Args:
        by_gates: ``(…, 4H) float32``.
        hidden_grad: of h_t, ``(…, H) float32``.
        cell_grad: of c_t, by h_t as well, ``(…, H) float32``.
        result: ``(…, 4H) float32``.
    """
    grads = cell_grad, cell_grad, cell_grad, hidden_grad
    for grad, by_gate, part in zip(
        grads, by_gates.chunk(4, dim=-1), result.chunk(4, dim=-1), strict=True
    ):
        torch.mul(by_gate, grad, out=part)


def autocast_now(tensor: Tensor) -> Any:
    """Remember whether autocast is on, for the gradient: give what makes that context again."""
    kind = tensor.device.type
    dtype, enabled = torch.get_autocast_dtype(kind), torch.is_autocast_enabled(kind)
    return lambda: torch.autocast(kind, dtype, enabled=enabled)
