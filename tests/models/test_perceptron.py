import pytest
import torch

from models import PerceptronModel


def test_the_weights_are_its_only_parameter():
    model = PerceptronModel(7)
    assert [name for name, _ in model.named_parameters()] == ["w"]
    assert model.get_weights() is model.w
    assert model.w.shape == (1, 7)


def test_the_score_is_the_dot_product():
    model = PerceptronModel(3)
    with torch.no_grad():
        model.w.copy_(torch.tensor([[1.0, -2.0, 0.5]]))
    score = model(torch.tensor([[3.0, 1.0, 4.0]]))
    assert score.shape == (1, 1)
    assert score.item() == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("first", "prediction"),
    [
        pytest.param(2.0, 1, id="positive"),
        pytest.param(-2.0, -1, id="negative"),
        pytest.param(0.0, 1, id="exactly-on-the-boundary"),
    ],
)
def test_the_prediction_is_the_side_of_the_boundary(first, prediction):
    model = PerceptronModel(2)
    with torch.no_grad():
        model.w.copy_(torch.tensor([[1.0, 0.0]]))
    assert model.get_prediction(torch.tensor([[first, 5.0]])) == prediction
