import numpy as np
import pytest
import torch
from torch.nn import functional

from models.numpy_checkers import gradient_checker, magnitude_checker, telling_examples
from models.numpy_mlp import (
    DataSplit,
    backward_pass,
    forward_pass,
    linear_layer,
    miniBatchGradientDescent,
    predict_label,
    relu,
    softmax_cross_entropy,
)

SIZES = [
    pytest.param(1, 2, 3, id="one-example"),
    pytest.param(7, 5, 3, id="fewer-outputs"),
    pytest.param(11, 3, 13, id="more-outputs"),
]


def tensor(values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def network(inputs=7, hidden=5, classes=3):
    return {
        "L1": linear_layer(inputs, hidden),
        "nonlinear1": relu(),
        "L2": linear_layer(hidden, classes),
        "loss": softmax_cross_entropy(),
    }


def copies(model):
    return {
        (layer, name): values.copy()
        for layer in ("L1", "L2")
        for name, values in model[layer].params.items()
    }


def examples(count=23, inputs=7, classes=3):
    return DataSplit(np.random.rand(count, inputs), np.random.randint(classes, size=count))


def test_a_layer_draws_its_weights_before_its_bias():
    np.random.seed(5)
    layer = linear_layer(3, 2)
    np.random.seed(5)
    np.testing.assert_array_equal(layer.params["W"], np.random.normal(0, 0.1, (3, 2)))
    np.testing.assert_array_equal(layer.params["b"], np.random.normal(0, 0.1, (1, 2)))
    assert layer.gradient["W"].shape == (3, 2)
    assert layer.gradient["b"].shape == (1, 2)
    assert not layer.gradient["W"].any()
    assert not layer.gradient["b"].any()


@pytest.mark.parametrize(("count", "inputs", "outputs"), SIZES)
def test_a_linear_layer_agrees_with_autograd(count, inputs, outputs):
    layer = linear_layer(inputs, outputs)
    x, weights = tensor(np.random.randn(count, inputs)), np.random.randn(count, outputs)
    w, b = tensor(layer.params["W"]), tensor(layer.params["b"])
    wanted = x @ w + b
    (wanted * torch.from_numpy(weights)).sum().backward()
    values = x.detach().numpy()
    np.testing.assert_allclose(layer.forward(values), wanted.detach(), rtol=1e-12)
    passed_on = layer.backward(values, weights)
    np.testing.assert_allclose(passed_on, x.grad, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(layer.gradient["W"], w.grad, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(layer.gradient["b"], b.grad, rtol=1e-12, atol=1e-14)
    assert layer.gradient["W"].shape == (inputs, outputs)
    assert layer.gradient["b"].shape == (1, outputs)


def test_relu_agrees_with_autograd_and_is_off_at_zero():
    x = tensor(np.array([[-1.5, 0.0, 2.0], [3.0, -0.1, 0.5]]))
    grad = np.array([[1.0, 2.0, -3.0], [-4.0, 5.0, 6.0]])
    (torch.relu(x) * torch.from_numpy(grad)).sum().backward()
    values, layer = x.detach().numpy(), relu()
    np.testing.assert_array_equal(layer.forward(values), torch.relu(x).detach())
    np.testing.assert_array_equal(layer.backward(values, grad), x.grad)


@pytest.mark.parametrize(
    "shape", [pytest.param((7,), id="flat"), pytest.param((7, 1), id="a-column")]
)
def test_the_loss_agrees_with_autograd_for_labels_of_both_shapes(shape):
    scores = tensor(np.random.randn(7, 3) * 5)
    labels = np.random.randint(3, size=7)
    wanted = functional.cross_entropy(scores, torch.from_numpy(labels))
    wanted.backward()
    layer, values = softmax_cross_entropy(), scores.detach().numpy()
    # In this order: the backward pass needs no forward pass before it.
    grad = layer.backward(values, labels.reshape(shape))
    np.testing.assert_allclose(grad, scores.grad, rtol=1e-12, atol=1e-14)
    assert layer.forward(values, labels.reshape(shape)) == pytest.approx(wanted.item(), rel=1e-12)


def test_the_loss_of_huge_scores_is_finite():
    scores = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]])
    layer, labels = softmax_cross_entropy(), np.array([1, 1])
    assert layer.forward(scores, labels) == pytest.approx((2e4 + np.log(2)) / 2)
    np.testing.assert_allclose(
        layer.backward(scores, labels), [[0.5, -0.5, 0], [0, -0.25, 0.25]], atol=1e-12
    )


def test_backward_leaves_its_inputs_as_they_were():
    model, (x, y) = network(), examples().get_example(slice(None))
    a1, h1, a2, _ = forward_pass(model, x, y)
    arrays = (x, a1, h1, a2, y)
    before = [each.copy() for each in arrays]
    backward_pass(model, x, a1, h1, a2, y)
    for array, kept in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_the_whole_network_agrees_with_autograd():
    model, (x, y) = network(), examples().get_example(slice(None))
    a1, h1, a2, loss = forward_pass(model, x, y)
    backward_pass(model, x, a1, h1, a2, y)
    parameters = {key: tensor(values) for key, values in copies(model).items()}
    hidden = torch.from_numpy(x) @ parameters["L1", "W"] + parameters["L1", "b"]
    scores = torch.relu(hidden) @ parameters["L2", "W"] + parameters["L2", "b"]
    wanted = functional.cross_entropy(scores, torch.from_numpy(y))
    wanted.backward()
    assert loss == pytest.approx(wanted.item(), rel=1e-12)
    for (layer, name), parameter in parameters.items():
        np.testing.assert_allclose(
            model[layer].gradient[name], parameter.grad, rtol=1e-10, atol=1e-14
        )


def test_a_step_goes_against_the_gradient_in_place():
    model = network()
    arrays = {key: model[key[0]].params[key[1]] for key in copies(model)}
    for layer in ("L1", "L2"):
        for name, values in model[layer].params.items():
            model[layer].gradient[name] = np.random.randn(*values.shape)
    before = copies(model)
    gradients = {key: model[key[0]].gradient[key[1]].copy() for key in before}
    assert miniBatchGradientDescent(model, 0.5) is model
    for (layer, name), values in before.items():
        assert model[layer].params[name] is arrays[layer, name]
        np.testing.assert_array_equal(model[layer].gradient[name], gradients[layer, name])
        np.testing.assert_allclose(
            model[layer].params[name], values - 0.5 * gradients[layer, name], rtol=1e-15
        )


def test_the_predicted_label_is_the_largest_score():
    np.testing.assert_array_equal(predict_label(np.array([[0.1, 0.7, 0.2], [3, 1, 2]])), [1, 0])


def test_examples_come_by_number_by_list_and_by_slice():
    split = DataSplit(np.arange(12.0).reshape(4, 3), np.array([7, 8, 9, 6]))
    assert (split.N, split.d) == (4, 3)
    for chosen in ([2, 0], np.array([2, 0]), slice(2, None, -2)):
        x, y = split.get_example(chosen)
        np.testing.assert_array_equal(x, [[6, 7, 8], [0, 1, 2]])
        np.testing.assert_array_equal(y, [9, 7])
    with pytest.raises(ValueError, match="X has 4 examples but Y has 3"):
        DataSplit(split.X, split.Y[:3])


def test_the_gradient_checker_agrees_tells_and_restores(capsys):
    model, split = network(), examples()
    before = copies(model)
    comparisons = gradient_checker(split, model)
    assert [each[:2] for each in comparisons] == list(before)
    lines = capsys.readouterr().out.splitlines()
    for line, each in zip(lines, comparisons, strict=True):
        assert each.propagated != 0
        assert each.approximated == pytest.approx(each.propagated, rel=1e-4)
        assert f"{each.layer}.{each.parameter}" in line
        assert f"{each.propagated:.8f}" in line
        assert f"{each.approximated:.8f}" in line
    for (layer, name), values in before.items():
        np.testing.assert_array_equal(model[layer].params[name], values)


@pytest.mark.parametrize(
    ("layer", "parameter"),
    [pytest.param(layer, p, id=f"{layer}-{p}") for layer in ("L1", "L2") for p in ("W", "b")],
)
def test_the_gradient_checker_shows_a_planted_wrong_gradient(layer, parameter):
    model = network()
    right = model[layer].backward

    def wrong(x, grad):
        passed_on = right(x, grad)
        model[layer].gradient[parameter] *= 2
        return passed_on

    model[layer].backward = wrong
    for each in gradient_checker(examples(), model):
        planted = 2 if (each.layer, each.parameter) == (layer, parameter) else 1
        assert each.propagated == pytest.approx(planted * each.approximated, rel=1e-4)


def test_the_gradient_checker_prefers_examples_whose_first_input_counts():
    split = examples(30)
    split.X[:, 0] = 0
    split.X[[17, 4], 0] = 0.1, -0.2
    x, y = telling_examples(split)
    np.testing.assert_array_equal(x, split.X[[4, 17, 0, 1, 2]])
    np.testing.assert_array_equal(y, split.Y[[4, 17, 0, 1, 2]])


def test_the_magnitude_checker_measures_both_batches_and_changes_nothing(capsys):
    model, split = network(), examples(5_100)
    before = copies(model)
    norms = magnitude_checker(split, model)
    for (layer, name), values in before.items():
        np.testing.assert_array_equal(model[layer].params[name], values)
    for count, norm, line in zip(
        (50, 5_000), norms, capsys.readouterr().out.splitlines(), strict=True
    ):
        x, y = split.get_example(slice(count))
        backward_pass(model, x, *forward_pass(model, x, y)[:3], y)
        assert norm == pytest.approx(np.abs(model["L1"].gradient["W"]).sum(), rel=1e-9)
        assert f"{count} examples: {norm:.4f}" in line
    assert 0.1 < norms[0] / norms[1] < 10
