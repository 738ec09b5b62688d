"""Back-propagation through time agrees with torch and with the sum over powers of W_hh."""

from __future__ import annotations

import torch
from torch import Tensor

from models import ThreeStepRNN


def drawn(steps: int) -> tuple[ThreeStepRNN, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(steps)
    weights = [
        0.5 * torch.randn(shape, generator=draw, dtype=torch.float64)
        for shape in ((4, 3), (4, 4), (2, 4))
    ]
    x = torch.randn(steps, 3, generator=draw, dtype=torch.float64)
    y = torch.eye(2, dtype=torch.float64)[torch.randint(0, 2, (steps,), generator=draw)]
    return ThreeStepRNN(*weights), x, y


def test_the_gradient_of_the_recurrent_weights_is_torchs() -> None:
    for steps in (1, 2, 3, 7):
        network, x, y = drawn(steps)
        by_hand = network.recurrent_gradient(x, y)
        network.hidden_weights = network.hidden_weights.clone().requires_grad_()
        network.loss(x, y).backward()
        torch.testing.assert_close(by_hand, network.hidden_weights.grad)


def test_the_recursion_is_the_sum_over_powers() -> None:
    network, x, y = drawn(3)
    outputs = network.output_gradients(x, y)
    for i in range(3):
        total = torch.zeros(4, dtype=torch.float64)
        for t in range(i, 3):
            power = torch.linalg.matrix_power(network.hidden_weights.T, t - i)
            total += power @ network.output_weights.T @ outputs[t]
        torch.testing.assert_close(network.hidden_gradients(x, y)[i], total)


def test_shapes_are_those_of_the_docstrings() -> None:
    network, x, y = drawn(3)
    assert network.states(x).shape == (3, 4)
    assert network.forward(x).shape == (3, 2)
    assert network.output_gradients(x, y).shape == (3, 2)
    assert network.hidden_gradients(x, y).shape == (3, 4)
    assert network.recurrent_gradient(x, y).shape == (4, 4)
