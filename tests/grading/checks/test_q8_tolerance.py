"""Correct layers never fail, in whatever order they add; a slip is never taken for rounding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from grading.checks.q8_layers import AffineGradients, AffineMap, DrawnInOrder
from grading.checks.q8_nonlinearity import Rectifier, RectifierGradient
from grading.checks.q8_parameters import OneStep
from grading.checks.q8_passes import NetworkGradients
from grading.checks.q8_probes import _is_among
from grading.claims import Wrong
from grading.draw import Draw
from grading.worker.numpy_kit import numbers_in

DRAWS = 2_000  # of each shape and precision; 10,000 take minutes and found nothing more
SLIP_DRAWS = 200
DTYPES = (np.float64, np.float32)

Array = NDArray[Any]
Product = Callable[[Array, Array], Array]
Gradients = tuple[Array, Array, Array]


def by_terms(left: Array, right: Array) -> Array:
    total = np.zeros((len(left), right.shape[1]), dtype=left.dtype)
    for k in range(right.shape[0]):
        total += left[:, k : k + 1] * right[k : k + 1]
    return total


def from_the_end(left: Array, right: Array) -> Array:
    return by_terms(left[:, ::-1], right[::-1])


PRODUCTS: list[Product] = [
    np.matmul,
    by_terms,
    from_the_end,
    lambda left, right: np.einsum("nk,km->nm", left, right),
]


def arrays_of(asked: dict[str, Tensor], dtype: Any) -> dict[str, Array]:
    return {
        name: tensor.numpy().astype(dtype) if tensor.is_floating_point() else tensor.numpy()
        for name, tensor in asked.items()
    }


def tensor(array: Array) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float64))


def ways(seed: int) -> tuple[Product, Any]:
    return PRODUCTS[seed % len(PRODUCTS)], DTYPES[seed // 7 % len(DTYPES)]


def put_map(seed: int) -> None:
    check, (product, dtype) = AffineMap(), ways(seed)
    asked = check.ask(Draw(seed))
    given = arrays_of(asked, dtype)
    output = product(given["X"], given["W"]) + given["b"]
    check.mark(asked, {"output": tensor(output), "after": asked["X"].double()})


def put_gradients(
    seed: int, spoil: Callable[[Gradients, Gradients, int], Gradients] | None = None
) -> None:
    check, (product, dtype) = AffineGradients(), ways(seed)
    asked = check.ask(Draw(seed))
    given = arrays_of(asked, dtype)
    before, now = (_affine_back(given, when, product) for when in (" before", ""))
    weight, bias, inputs = spoil(now, before, len(given["X"])) if spoil else now
    answered = {"W": tensor(weight), "b": tensor(bias), "X": tensor(inputs)}
    after = {f"{name} after": asked[name].double() for name in ("X", "grad")}
    check.mark(asked, {**answered, **after})


def _affine_back(given: dict[str, Array], when: str, product: Product) -> Gradients:
    x, grad = given[f"X{when}"], given[f"grad{when}"]
    ones = np.ones((1, len(x)), dtype=x.dtype)
    return product(x.T, grad), product(ones, grad), product(grad, given["W"].T)


def put_network(seed: int, slip: str = "") -> None:
    check, (product, dtype) = NetworkGradients(), ways(seed)
    if slip:
        dtype = np.float64
    asked = check.ask(Draw(seed))
    given = arrays_of(asked, np.float64 if slip else dtype)
    x, y, second = given["x"], given["y"], given["L2.W"]
    a1 = product(x, given["L1.W"]) + given["L1.b"]
    h1 = np.maximum(a1, 0)
    scores = product(h1, second) + given["L2.b"]
    powers = np.exp(scores - scores.max(1, keepdims=True))
    back = powers / powers.sum(1, keepdims=True)
    back[np.arange(len(y)), y] -= 1
    back = back / np.asarray(len(y), dtype=back.dtype)
    off = a1 <= 0 if slip == "mask" else a1 > 0
    first = product(back, second.T) * (1 if slip == "none" else off)
    gradients = {
        "L1.W": product(x.T, first),
        "L1.b": first.sum(0, keepdims=True),
        "L2.W": product((a1 if slip == "a1" else h1).T, back),
        "L2.b": back.sum(0, keepdims=True),
    }
    check.mark(asked, {name: tensor(values) for name, values in gradients.items()})


def put_step(seed: int, sign: float = -1.0) -> None:
    check, dtype = OneStep(), DTYPES[seed % 2]
    asked = check.ask(Draw(seed))
    given, rate = arrays_of(asked, dtype), float(asked["rate"])
    check.mark(
        asked,
        {
            name: tensor(given[name] + sign * rate * given[f"gradient {name}"])
            for name in ("L1.W", "L1.b", "L2.W", "L2.b")
        },
    )


def put_relu(seed: int) -> None:
    forward, backward, dtype = Rectifier(), RectifierGradient(), DTYPES[seed % 2]
    asked = forward.ask(Draw(seed))
    x = arrays_of(asked, dtype)["X"]
    output = np.maximum(x, 0) if seed % 3 else x * (x > 0)
    forward.mark(asked, {"output": tensor(output), "after": asked["X"].double()})
    asked = backward.ask(Draw(seed))
    given = arrays_of(asked, dtype)
    back = (
        given["grad"] * (given["X"] > 0) if seed % 3 else np.where(given["X"] > 0, given["grad"], 0)
    )
    after = {f"{name} after": asked[name].double() for name in ("X", "grad")}
    backward.mark(asked, {"back": tensor(back), **after})


def put_init(seed: int) -> None:
    check = DrawnInOrder()
    inputs, outputs = check.ask(Draw(seed))["sizes"].tolist()
    drawn = np.random.RandomState(check.seed)
    shapes = {"W": (inputs, outputs), "b": (1, outputs)}
    answered = {}
    for name, shape in shapes.items():
        values = 0.1 * drawn.randn(*shape) if seed % 2 else drawn.normal(0, 0.1, shape)
        answered[f"params {name}"] = tensor(values.astype(DTYPES[seed // 2 % 2]))
        answered[f"gradient {name}"] = torch.zeros(shape, dtype=torch.float64)
    check.mark({}, answered)


@pytest.mark.parametrize(
    "put",
    [
        pytest.param(put_init, id="init"),
        pytest.param(put_map, id="map"),
        pytest.param(put_gradients, id="gradients"),
        pytest.param(put_relu, id="relu"),
        pytest.param(put_step, id="step"),
    ],
)
def test_ten_thousand_correct_answers_all_pass(put: Callable[[int], None]) -> None:
    for seed in range(DRAWS):
        put(seed)


def test_the_gradients_of_ten_thousand_networks_all_pass() -> None:
    for seed in range(DRAWS):
        put_network(seed)


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param("a1", "L2 gets a1 instead of h1", id="a1"),
        pytest.param("none", "the activation is left out", id="no-activation"),
        pytest.param("mask", "the activation's mask is the wrong way round", id="mask"),
    ],
)
def test_a_slip_in_back_propagation_is_told_from_rounding_and_named(slip: str, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_network(seed, slip)
        assert told.value.mistake == name


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        pytest.param(
            lambda now, before, n: (now[0].T, *now[1:]),
            "the gradient of W is transposed",
            id="transposed",
        ),
        pytest.param(
            lambda now, before, n: (now[0], now[1] / n, now[2]),
            "divided by the number of examples twice",
            id="mean",
        ),
        pytest.param(
            lambda now, before, n: (now[0] + before[0], *now[1:]),
            "the last pass is added up",
            id="accumulated",
        ),
    ],
)
def test_a_slip_in_a_layers_gradients_is_told_from_rounding_and_named(
    spoil: Callable[[Gradients, Gradients, int], Gradients], name: str
) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_gradients(seed, spoil)
        assert told.value.mistake == name


def test_a_step_uphill_is_told_from_rounding_and_named() -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put_step(seed, sign=1.0)
        assert told.value.mistake == "the step goes uphill"


@pytest.mark.parametrize("digits", [2, 4, 8, 17])
def test_a_number_is_found_however_exactly_it_is_printed(digits: int) -> None:
    generator = np.random.default_rng(0)
    for value in generator.uniform(0.05, 20, 2_000):
        shown = numbers_in(f"L1.W[0, 0]: {value:.{digits}g}, {value:.{digits}e} at 1e-3")
        assert _is_among(torch.tensor([value], dtype=torch.float64), shown)
        assert not _is_among(torch.tensor([1.3 * value], dtype=torch.float64), shown)
