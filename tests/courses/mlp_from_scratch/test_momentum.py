import csv
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from courses.mlp_from_scratch import momentum
from courses.mlp_from_scratch.momentum import FACTORS, Momentum
from models.numpy_mlp import linear_layer, miniBatchGradientDescent


def model(seed=0):
    np.random.seed(seed)
    return {"L1": linear_layer(3, 5), "nonlinear1": SimpleNamespace(), "L2": linear_layer(5, 2)}


def layers(network):
    return [network["L1"], network["L2"]]


@pytest.mark.parametrize("factor", [pytest.param(it, id=str(it)) for it in (0.0, *FACTORS)])
def test_four_steps_equal_torchs(factor):
    ours, step, random = model(), Momentum(factor), np.random.default_rng(1)
    theirs = {
        (index, key): torch.nn.Parameter(torch.tensor(values))
        for index, layer in enumerate(layers(ours))
        for key, values in layer.params.items()
    }
    optimizer = torch.optim.SGD(theirs.values(), lr=0.1, momentum=factor)
    for _ in range(4):
        for index, layer in enumerate(layers(ours)):
            for key, values in layer.params.items():
                layer.gradient[key] = random.normal(size=values.shape)
                theirs[index, key].grad = torch.tensor(layer.gradient[key])
        assert step(ours, 0.1) is ours
        optimizer.step()
    for (index, key), values in theirs.items():
        np.testing.assert_allclose(
            layers(ours)[index].params[key], values.detach().numpy(), rtol=1e-12, atol=1e-12
        )


def test_no_momentum_is_plain_descent():
    plain, with_none = model(), model()
    for layer in layers(plain) + layers(with_none):
        layer.gradient = {key: values + 1.0 for key, values in layer.params.items()}
    miniBatchGradientDescent(plain, 0.1)
    Momentum(0.0)(with_none, 0.1)
    for one, other in zip(layers(plain), layers(with_none), strict=True):
        assert all(np.array_equal(one.params[key], other.params[key]) for key in ("W", "b"))


@pytest.mark.parametrize("factor", [pytest.param(1.0, id="one"), pytest.param(-0.1, id="negative")])
def test_a_factor_that_would_never_forget_is_refused(factor):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        Momentum(factor)


def test_every_curve_falls_and_starts_from_the_same_weights(fashion_folder, tmp_path):
    options = ["--quick", "--data_dir", str(fashion_folder), "--out", str(tmp_path)]
    assert momentum.main(options) == 0
    with (tmp_path / "momentum.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", *(str(factor) for factor in FACTORS)]
    for factor in map(str, FACTORS):
        losses = [float(row[factor]) for row in rows]
        assert losses == sorted(losses, reverse=True)
