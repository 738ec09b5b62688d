"""What the networks of q2, q3 and q5 have in common: shapes, batches, gradients."""

import pytest
import torch

from models import DigitClassificationModel, DigitConvolutionalModel, RegressionModel

MODELS = [
    pytest.param(RegressionModel, 1, 1, id="regression"),
    pytest.param(DigitClassificationModel, 784, 10, id="digits"),
    pytest.param(DigitConvolutionalModel, 784, 10, id="convolution"),
]


@pytest.mark.parametrize(("model", "inputs", "outputs"), MODELS)
@pytest.mark.parametrize("batch", [pytest.param(1, id="one"), pytest.param(13, id="thirteen")])
def test_shapes_are_the_documented_ones(model, inputs, outputs, batch):
    assert model()(torch.rand(batch, inputs)).shape == (batch, outputs)


@pytest.mark.parametrize(("model", "inputs", "outputs"), MODELS)
def test_an_example_gets_the_same_answer_in_every_batch(model, inputs, outputs):
    network, x = model().eval(), torch.rand(11, inputs)
    alone = torch.cat([network(x[i : i + 1]) for i in reversed(range(11))])
    torch.testing.assert_close(network(x).flip(0), alone)


@pytest.mark.parametrize(("model", "inputs", "outputs"), MODELS)
def test_a_gradient_reaches_every_parameter(model, inputs, outputs):
    network = model()
    network(torch.rand(31, inputs)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name


@pytest.mark.parametrize(("model", "inputs", "outputs"), MODELS)
def test_scores_can_be_negative(model, inputs, outputs):
    network = model()
    x = torch.rand(17, inputs)
    lowest = min(network(x).min().item() for network in (model() for _ in range(9)))
    assert network(x).shape == (17, outputs)
    assert lowest < 0
