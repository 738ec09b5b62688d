import pytest
import torch

import losses

CLASSIFICATION = [
    pytest.param(losses.digitclassifier_loss, id="digits"),
    pytest.param(losses.languageid_loss, id="languages"),
    pytest.param(losses.digitconvolution_loss, id="convolution"),
]


def test_the_regression_loss_is_the_mean_of_the_squares():
    prediction, target = torch.tensor([[1.0], [4.0]]), torch.tensor([[3.0], [5.0]])
    assert losses.regression_loss(prediction, target).item() == pytest.approx(2.5)


def test_the_regression_loss_has_gradients_in_both_arguments():
    prediction = torch.randn(7, 1, requires_grad=True)
    target = torch.randn(7, 1, requires_grad=True)
    losses.regression_loss(prediction, target).backward()
    torch.testing.assert_close(prediction.grad, 2 / 7 * (prediction - target).detach())
    torch.testing.assert_close(target.grad, -prediction.grad)


@pytest.mark.parametrize("loss", CLASSIFICATION)
def test_a_classification_loss_is_the_mean_surprise(loss):
    scores, classes = torch.randn(11, 5), torch.randint(5, (11,))
    expected = -torch.log_softmax(scores, dim=1)[range(11), classes].mean()
    result = loss(scores, torch.eye(5)[classes])
    assert result.shape == ()
    torch.testing.assert_close(result, expected)


@pytest.mark.parametrize("loss", [*CLASSIFICATION, pytest.param(losses.regression_loss, id="mse")])
def test_different_shapes_are_refused_with_both_shapes(loss):
    with pytest.raises(ValueError, match=r"expected \(3, 1\), got \(3,\)"):
        loss(torch.zeros(3), torch.zeros(3, 1))
