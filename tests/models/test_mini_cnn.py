"""The mini CNN: worked by hand, against autograd, at the edge of the ReLU and far out."""

import math

import pytest
import torch
from torch import Tensor

from models import MiniCNN


def numbers(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def by_autograd(x: Tensor, label: int, w: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients with respect to w and v of the homework's equations, written out."""
    w, v = w.clone().requires_grad_(), v.clone().requires_grad_()
    first = (x[0] * w[0] + x[1] * w[1]).relu()
    second = (x[1] * w[0] + x[2] * w[1]).relu()
    loss = torch.log1p(torch.exp(-label * (first * v[0] + second * v[1])))
    w_gradient, v_gradient = torch.autograd.grad(loss, (w, v))
    return w_gradient, v_gradient


def test_one_unit_off_worked_by_hand():
    network, x = MiniCNN(numbers(1, -1), numbers(2, 3)), numbers(3, 1, 2)
    passed = network.forward(x)
    assert torch.equal(passed.a, numbers(2, -1))
    assert torch.equal(passed.o, numbers(2, 0))
    assert passed.prediction.shape == ()
    assert passed.prediction == 4
    slope = 1 / (1 + math.exp(-4))
    assert float(network.loss(x, -1)) == pytest.approx(math.log(1 + math.exp(4)))
    assert float(network.loss_gradient(x, -1)) == pytest.approx(slope)
    torch.testing.assert_close(network.v_gradient(x, -1), slope * numbers(2, 0))
    torch.testing.assert_close(network.w_gradient(x, -1), slope * numbers(2 * 3, 2 * 1))


def test_both_units_on_worked_by_hand():
    # The units cancel, so the sigmoid is a half and all is in whole and half numbers.
    network, x = MiniCNN(numbers(1, 1), numbers(1, -1)), numbers(1, 2, 1)
    assert torch.equal(network.forward(x).o, numbers(3, 3))
    assert network.loss_gradient(x, 1) == -0.5
    assert torch.equal(network.v_gradient(x, 1), numbers(-1.5, -1.5))
    # w1: x1 by the first unit, and minus x2 by the second; w2: x2, and minus x3.
    assert torch.equal(network.w_gradient(x, 1), -0.5 * numbers(1 - 2, 2 - 1))
    assert torch.equal(network.w_gradient(x, -1), 0.5 * numbers(1 - 2, 2 - 1))


def test_no_unit_on_leaves_nothing_to_learn_from():
    w, v = numbers(-1, -1), numbers(2, 3)
    network, x = MiniCNN(w, v), numbers(3, 1, 2)
    assert network.forward(x).prediction == 0
    assert float(network.loss(x, 1)) == pytest.approx(math.log(2))
    network.step(x, 1, learning_rate=10.0)
    assert torch.equal(network.w, w)
    assert torch.equal(network.v, v)


def test_a_unit_at_the_edge_is_off():
    network, x = MiniCNN(numbers(2, 2), numbers(5, -1)), numbers(1, -1, 3)
    assert torch.equal(network.forward(x).a, numbers(0, 4))
    slope = float(network.loss_gradient(x, 1))
    torch.testing.assert_close(network.w_gradient(x, 1), -slope * numbers(-1, 3))


def test_the_gradients_are_those_of_autograd_whichever_units_are_on():
    seen = set()
    for _ in range(400):
        x, w, v = (torch.randn(size, dtype=torch.float64) for size in (3, 2, 2))
        network = MiniCNN(w, v)
        seen.add(tuple((network.forward(x).a > 0).tolist()))
        for label in (1, -1):
            w_gradient, v_gradient = by_autograd(x, label, w, v)
            assert network.w_gradient(x, label).shape == (2,)
            assert network.v_gradient(x, label).shape == (2,)
            torch.testing.assert_close(network.w_gradient(x, label), w_gradient)
            torch.testing.assert_close(network.v_gradient(x, label), v_gradient)
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("label", "loss", "slope"),
    [pytest.param(1, 0.0, 0.0, id="right"), pytest.param(-1, 10_000.0, 1.0, id="wrong")],
)
def test_a_prediction_far_out_does_not_overflow(label, loss, slope):
    network, x = MiniCNN(numbers(100, 0), numbers(100, 0)), numbers(1, 0, 0)
    assert network.forward(x).prediction == 10_000
    assert network.loss(x, label) == loss
    assert network.loss_gradient(x, label) == slope
    assert torch.equal(network.v_gradient(x, label), slope * numbers(100, 0))
    assert torch.equal(network.w_gradient(x, label), slope * numbers(100, 0))


def test_a_step_is_gradient_descent_with_both_gradients_taken_first():
    for _ in range(50):
        x, w, v = (torch.randn(size, dtype=torch.float64) for size in (3, 2, 2))
        network = MiniCNN(w, v)
        w_gradient, v_gradient = by_autograd(x, -1, w, v)
        network.step(x, -1, learning_rate=0.7)
        torch.testing.assert_close(network.w, w - 0.7 * w_gradient)
        torch.testing.assert_close(network.v, v - 0.7 * v_gradient)


def test_a_small_step_lowers_the_loss_wherever_it_can():
    lowered = 0
    for _ in range(200):
        x, w, v = (torch.randn(size, dtype=torch.float64) for size in (3, 2, 2))
        network = MiniCNN(w, v)
        before, moves = network.loss(x, 1), bool(network.v_gradient(x, 1).any())
        network.step(x, 1, learning_rate=1e-4)
        assert (network.loss(x, 1) < before) == moves
        lowered += moves
    assert 100 < lowered < 200


def test_the_weights_that_were_handed_over_stay_as_they_are():
    w, v = numbers(1, 1), numbers(1, 1)
    network = MiniCNN(w, v)
    network.step(numbers(1, 2, 3), -1, learning_rate=0.5)
    assert not torch.equal(network.w, w)
    assert torch.equal(w, numbers(1, 1))
    assert torch.equal(v, numbers(1, 1))


def test_steps_on_one_example_after_the_other_separate_rising_from_falling():
    rising = torch.tensor([[0, 1, 2], [1, 2, 3], [-1, 0, 2], [0, 2, 3]], dtype=torch.float64)
    inputs, labels = torch.cat([rising, rising.flip(1)]), [1] * 4 + [-1] * 4
    # One filter cannot fire for both, so 'falling' has to be what is left: v alone has no bias.
    network = MiniCNN(numbers(-0.5, 0.4), numbers(0.3, 0.2))
    before = mean_loss(network, inputs, labels)
    for _ in range(300):
        for x, label in zip(inputs, labels, strict=True):
            network.step(x, label, learning_rate=0.1)
    after = mean_loss(network, inputs, labels)
    assert after < 0.6 * before
    assert all(network.forward(x).prediction > 0 for x in rising)


def mean_loss(network: MiniCNN, inputs: Tensor, labels: list[int]) -> float:
    losses = [network.loss(x, label) for x, label in zip(inputs, labels, strict=True)]
    return float(torch.stack(losses).mean())
