"""The tape differentiates as torch does, and a network learns with it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models import (
    TapeAdd,
    TapeLinear,
    TapeModule,
    TapeMultiply,
    TapeReLU,
    TapeSoftmaxCrossEntropy,
    TapeValue,
    tape_bwd,
)


def quadrants() -> tuple[Tensor, Tensor]:
    """Points whose class is whether their coordinates have the same sign: no line separates it."""
    points = torch.randn(120, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return points, (points.prod(dim=1) > 0).long()


def test_a_network_trains_step_by_step_as_with_torch() -> None:
    inputs, labels = quadrants()
    network = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2)).double()
    ours = [parameter.detach().clone() for parameter in network.parameters()]
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    losses = []
    for _ in range(400):
        tape: list[TapeModule] = []
        x, *values = (TapeValue(tape, tensor) for tensor in (inputs, *ours))
        hidden = TapeReLU(tape).apply_fwd([TapeLinear(tape).apply_fwd([x, *values[:2]])])
        scores = TapeLinear(tape).apply_fwd([hidden, *values[2:]])
        losses.append(TapeSoftmaxCrossEntropy(tape, labels).apply_fwd([scores]).out_tensor.item())
        tape_bwd(tape)
        ours = [value.out_tensor - 0.5 * value.out_gradient for value in values]
        optimizer.zero_grad()
        functional.cross_entropy(network(inputs), labels).backward()
        optimizer.step()
        for tensor, parameter in zip(ours, network.parameters(), strict=True):
            torch.testing.assert_close(tensor, parameter.detach(), rtol=1e-6, atol=1e-8)
    assert losses[-1] < losses[0] / 2


def test_a_value_used_twice_gets_both_shares() -> None:
    tape: list[TapeModule] = []
    x = TapeValue(tape, torch.tensor([3.0, -2.0]))
    square = TapeMultiply(tape).apply_fwd([x, x])
    total = TapeAdd(tape).apply_fwd([square, x])
    assert total.out_tensor.tolist() == [12.0, 2.0]
    tape_bwd(tape)
    assert x.out_gradient.tolist() == [7.0, -3.0]  # 2 x + 1
    assert tape == []


def test_a_queue_loses_what_arrives_late() -> None:
    # The reason for a stack: read from its beginning, the square passes on before it has anything.
    tape: list[TapeModule] = []
    x = TapeValue(tape, torch.tensor(3.0))
    square = TapeMultiply(tape).apply_fwd([x, x])
    TapeMultiply(tape).apply_fwd([square, x])
    tape[-1].out_gradient = torch.ones(())
    for module in tape:
        module.apply_bwd()
    assert x.out_gradient.item() == 9.0  # the right answer is 3 x² = 27
