import pytest
import torch
from torch import nn

from models import DeeperFashionCNN, FashionCNN, FashionMLP

MODELS = [pytest.param(model, id=model.__name__) for model in (FashionMLP, FashionCNN)] + [
    pytest.param(DeeperFashionCNN, id="DeeperFashionCNN")
]


def size(*layers):
    """Weights and biases of the layers, from their shapes written out."""
    return sum(outputs * inputs + outputs for inputs, outputs in layers)


@pytest.mark.parametrize(
    ("model", "count"),
    [
        pytest.param(FashionMLP, size((784, 128), (128, 10)), id="mlp"),
        pytest.param(FashionCNN, size((7 * 7, 64), (64 * 11 * 11, 10)), id="cnn"),
        pytest.param(
            DeeperFashionCNN, size((7 * 7, 64), (64 * 2 * 2, 128), (128 * 5 * 5, 10)), id="deeper"
        ),
    ],
)
def test_a_model_has_the_homeworks_number_of_parameters(model, count):
    assert sum(parameter.numel() for parameter in model().parameters()) == count
    assert count in (101_770, 80_650, 68_106)


@pytest.mark.parametrize("model", MODELS)
def test_every_image_gets_ten_scores_whatever_is_beside_it(model):
    network, images = model().eval(), torch.rand(5, 784)
    together = network(images)
    assert together.shape == (5, 10)
    torch.testing.assert_close(together[3:4], network(images[3:4]))


@pytest.mark.parametrize("model", MODELS)
def test_a_gradient_reaches_every_parameter_and_pixel(model):
    network, images = model(), torch.rand(7, 784, requires_grad=True)
    nn.functional.cross_entropy(network(images), torch.arange(7)).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())
    assert (images.grad.reshape(-1, 28, 28)[:, 4:-4, 4:-4].abs().sum(dim=0) > 0).all()


def test_the_cnn_is_a_relu_then_pooling_then_a_linear_layer():
    network, images = FashionCNN().double(), torch.rand(3, 784, dtype=torch.float64)
    windows = images.reshape(3, 28, 28).unfold(1, 7, 1).unfold(2, 7, 1)  # (3, 22, 22, 7, 7)
    answers = torch.einsum("bijkl,ckl->bcij", windows, network.patterns.weight[:, 0])
    answers = (answers + network.patterns.bias[:, None, None]).relu()
    pooled = answers.reshape(3, 64, 11, 2, 11, 2).amax(dim=(3, 5))
    want = pooled.reshape(3, -1) @ network.scores.weight.T + network.scores.bias
    torch.testing.assert_close(network(images), want)
