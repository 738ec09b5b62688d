"""The kernel perceptron is the perceptron on the kernel's features: proved step by step.

Each kernel's features are written out. In whole numbers nothing is rounded, so even an exact tie
has to be decided alike; the RBF kernel's features are a series, which is cut where its rest is
below rounding.
"""

import itertools
import math
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from models import (
    KernelPerceptron,
    MulticlassPerceptron,
    linear_kernel,
    polynomial_kernel,
    rbf_kernel,
)

RUNS = 60
STEPS = 80
GAMMA = 0.5


def products_of(x: Tensor, degree: int, root: int) -> Tensor:
    """All ordered products of ``degree`` entries of (x, root): (n, D) to (n, (D + 1) ** degree).

    Their inner product is (x·z + root²) ** degree, and they are whole numbers where x is.
    """
    extended = torch.cat([x, torch.full((len(x), 1), float(root), dtype=x.dtype)], dim=1)
    features = torch.ones(len(x), 1, dtype=x.dtype)
    for _ in range(degree):
        features = (features[:, :, None] * extended[:, None, :]).flatten(1)
    return features


def rbf_features(x: Tensor, terms: int = 25) -> Tensor:
    """The features of exp(-GAMMA |x - z|²), from the series of exp(2 GAMMA x·z): (n, 2) to (n, F).

    Inputs are at most 1 long, so the rest of the series is below 1 / 25!.
    """
    columns = [
        x[:, 0] ** i
        * x[:, 1] ** j
        * math.sqrt((2 * GAMMA) ** (i + j) / math.factorial(i))
        / math.sqrt(math.factorial(j))
        for i, j in itertools.product(range(terms), repeat=2)
        if i + j < terms
    ]
    return torch.stack(columns, dim=1) * torch.exp(-GAMMA * x.square().sum(1, keepdim=True))


def tied(scores: Tensor) -> bool:
    return int((scores == scores.max()).sum()) > 1


WHOLE = [
    pytest.param(linear_kernel, lambda x: x, id="linear"),
    pytest.param(
        partial(polynomial_kernel, degree=2, offset=1.0),
        partial(products_of, degree=2, root=1),
        id="polynomial-of-degree-2",
    ),
    pytest.param(
        partial(polynomial_kernel, degree=3, offset=4.0),
        partial(products_of, degree=3, root=2),
        id="polynomial-of-degree-3",
    ),
    pytest.param(
        partial(polynomial_kernel, degree=2, offset=0.0),
        partial(products_of, degree=2, root=0),
        id="polynomial-without-offset",
    ),
]


@pytest.mark.parametrize(("kernel", "features"), WHOLE)
def test_both_forms_predict_the_same_at_every_step_also_at_exact_ties(
    kernel: Callable[[Tensor, Tensor], Tensor], features: Callable[[Tensor], Tensor]
):
    ties = mistakes = 0
    for run in range(RUNS):
        classes, size, count = 2 + run % 4, 1 + run % 3, 4 + run % 5
        inputs = torch.randint(-2, 3, (count, size)).double()
        others = torch.randint(-2, 3, (3, size)).double()
        labels = torch.randint(classes, (count,)).tolist()
        mapped, mapped_others = features(inputs), features(others)
        primal = MulticlassPerceptron(classes, mapped.shape[1])
        dual = KernelPerceptron(kernel, inputs, classes)
        for step, index in enumerate(torch.randint(count, (STEPS,)).tolist()):
            assert torch.equal(primal.scores(mapped[index]), dual.scores(inputs[index]))
            assert primal.predict(mapped[index]) == dual.predict(inputs[index])
            ties += step > 0 and tied(primal.scores(mapped[index]))
            mistake = primal.update(mapped[index], labels[index])
            assert dual.update(index, labels[index]) == mistake
            mistakes += mistake
            assert torch.equal(primal.weights, dual.coefficients @ mapped)
            assert [primal.predict(x) for x in mapped_others] == [dual.predict(x) for x in others]
    assert ties > RUNS  # also other ties than the one before the first step
    assert RUNS < mistakes < RUNS * STEPS


def test_both_forms_predict_the_same_at_every_step_with_the_rbf_kernel():
    kernel = partial(rbf_kernel, gamma=GAMMA)
    mistakes = 0
    for run in range(RUNS):
        classes, count = 2 + run % 4, 4 + run % 5
        points = torch.rand(count + 3, 2, dtype=torch.float64) - 0.5
        inputs, others = points[:count], points[count:]
        labels = torch.randint(classes, (count,)).tolist()
        mapped, mapped_others = rbf_features(inputs), rbf_features(others)
        primal = MulticlassPerceptron(classes, mapped.shape[1])
        dual = KernelPerceptron(kernel, inputs, classes)
        for index in torch.randint(count, (STEPS,)).tolist():
            torch.testing.assert_close(
                primal.scores(mapped[index]), dual.scores(inputs[index]), rtol=0, atol=1e-12
            )
            mistake = primal.update(mapped[index], labels[index])
            assert dual.update(index, labels[index]) == mistake
            mistakes += mistake
            assert [primal.predict(x) for x in mapped_others] == [dual.predict(x) for x in others]
    assert RUNS < mistakes < RUNS * STEPS


def test_the_rbf_features_are_those_of_the_kernel():
    a, b = torch.rand(5, 2, dtype=torch.float64) - 0.5, torch.rand(7, 2, dtype=torch.float64) - 0.5
    torch.testing.assert_close(
        rbf_features(a) @ rbf_features(b).T, rbf_kernel(a, b, gamma=GAMMA), rtol=0, atol=1e-14
    )


def test_three_kernels_worked_by_hand():
    a = torch.tensor([[1.0, 2.0], [0.0, -1.0]], dtype=torch.float64)
    b = torch.tensor([[3.0, 1.0], [1.0, 2.0], [0.0, 0.0]], dtype=torch.float64)
    products = torch.tensor([[5.0, 5.0, 0.0], [-1.0, -2.0, 0.0]], dtype=torch.float64)
    distances = torch.tensor([[5.0, 0.0, 5.0], [13.0, 10.0, 1.0]], dtype=torch.float64)
    assert torch.equal(linear_kernel(a, b), products)
    assert torch.equal(
        polynomial_kernel(a, b, degree=3, offset=2.0),
        torch.tensor([[343.0, 343.0, 8.0], [1.0, 0.0, 8.0]], dtype=torch.float64),
    )
    torch.testing.assert_close(rbf_kernel(a, b, gamma=0.3), torch.exp(-0.3 * distances))


def test_an_example_is_as_near_as_can_be_to_itself_however_far_out_it_is():
    far = 1e6 + torch.randn(5, 3, dtype=torch.float64)
    near = rbf_kernel(far, far)
    assert torch.equal(near.diagonal(), torch.ones(5, dtype=torch.float64))
    assert (near - torch.eye(5) < 1).all()


def test_a_new_kernel_perceptron_has_no_opinion():
    perceptron = KernelPerceptron(linear_kernel, torch.ones(7, 2, dtype=torch.float64), 3)
    assert perceptron.coefficients.shape == (3, 7)
    assert not perceptron.coefficients.any()
    assert perceptron.scores(torch.ones(2, dtype=torch.float64)).shape == (3,)
    assert perceptron.predict(torch.ones(2, dtype=torch.float64)) == 0


def test_fit_is_the_primal_forms_fit():
    inputs, labels = torch.randint(-2, 3, (8, 2)).double(), torch.randint(3, (8,))
    primal = MulticlassPerceptron(3, 9)
    dual = KernelPerceptron(polynomial_kernel, inputs, 3)
    mapped = products_of(inputs, degree=2, root=1)
    assert dual.fit(labels, epochs=20) == primal.fit(mapped, labels, epochs=20)
    assert torch.equal(primal.weights, dual.coefficients @ mapped)


@pytest.mark.parametrize(
    ("kernel", "separates"),
    [
        pytest.param(linear_kernel, False, id="linear"),
        pytest.param(polynomial_kernel, True, id="polynomial"),
        pytest.param(rbf_kernel, True, id="rbf"),
    ],
)
def test_exclusive_or_needs_a_kernel(kernel: Callable[[Tensor, Tensor], Tensor], separates: bool):
    corners = torch.tensor([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=torch.float64)
    labels = torch.tensor([0, 1, 1, 0])
    perceptron = KernelPerceptron(kernel, corners, 2)
    passes = perceptron.fit(labels, epochs=50)
    assert (passes < 50) == separates
    assert ([perceptron.predict(x) for x in corners] == labels.tolist()) == separates
