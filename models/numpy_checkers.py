"""Question 8: two ways to doubt a gradient.

The gradient checker compares back-propagation with a difference quotient. The magnitude checker
compares a small batch with a large one: both estimate the same gradient.

Source: C. Bishop, "Pattern recognition and machine learning" (2006), section 5.3.3, equation 5.69.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.numpy_mlp import Array, DataSplit, Labels, Model, backward_pass, forward_pass

EPSILON = 1e-3
EXAMPLES = 5
SMALL_BATCH, LARGE_BATCH = 50, 5_000


class Comparison(NamedTuple):
    """One entry's gradient, found in two ways.

    Attributes:
        layer: its name in the model.
        parameter: 'W' or 'b'.
        propagated: what the backward pass stored.
        approximated: the central difference of the loss.
    """

    layer: str
    parameter: str
    propagated: float
    approximated: float


def telling_examples(DataSet: DataSplit) -> tuple[Array, Labels]:  # noqa: N803
    """The few examples with the largest first input, the earlier ones first among equals.

    An example whose first input is zero says nothing about W[0, 0] of the first layer, and the
    first pixel of nearly every image is black: both gradients would be zero whatever the code does.
    """
    x, y = DataSet.get_example(np.arange(DataSet.N))
    chosen = np.argsort(-np.abs(x[:, 0]), kind="stable")[:EXAMPLES]
    return x[chosen], y[chosen]


def gradient_checker(DataSet: DataSplit, model: Model) -> list[Comparison]:  # noqa: N803
    """Compare the first entry of every parameter's gradient with a central difference, and say so.

    The parameters are left exactly as they were.

    Args:
        DataSet: gives the examples; `telling_examples` chooses a few.
        model: the layers 'L1', 'nonlinear1', 'L2' and 'loss'.

    Returns:
        A comparison for W and b of L1 and of L2, in this order.
    """
    # BEGIN SOLUTION q8.gradient_checker: two losses for each parameter
    x, y = telling_examples(DataSet)
    a1, h1, a2, _ = forward_pass(model, x, y)
    backward_pass(model, x, a1, h1, a2, y)
    comparisons = []
    for layer in ("L1", "L2"):
        for parameter in ("W", "b"):
            values = model[layer].params[parameter]
            propagated = float(model[layer].gradient[parameter][0, 0])
            before = values[0, 0]
            losses = []
            for step in (EPSILON, -EPSILON):
                values[0, 0] = before + step
                losses.append(forward_pass(model, x, y)[3])
            values[0, 0] = before  # exactly: adding and taking away would leave a rounding error
            # Both sides: the error falls with the square of epsilon, not with epsilon itself.
            approximated = (losses[0] - losses[1]) / (2 * EPSILON)
            comparisons.append(Comparison(layer, parameter, propagated, approximated))
            print(
                f"gradient of {layer}.{parameter}[0, 0]: {propagated:.8f} by back-propagation, "
                f"{approximated:.8f} by central difference"
            )
    return comparisons
    # END SOLUTION q8.gradient_checker


def magnitude_checker(DataSet: DataSplit, model: Model) -> tuple[float, float]:  # noqa: N803
    """Compare the size of L1's weight gradient on a small and on a large batch, and say so.

    Args:
        DataSet: gives the examples; the first 50 and the first 5,000, or as many as there are.
        model: its parameters stay as they are.

    Returns:
        The sums of absolute values (l1 norms) for the small and the large batch.
    """
    norms = []
    for size in (SMALL_BATCH, LARGE_BATCH):
        x, y = DataSet.get_example(np.arange(min(size, DataSet.N)))
        a1, h1, a2, _ = forward_pass(model, x, y)
        backward_pass(model, x, a1, h1, a2, y)
        gradient: Array = model["L1"].gradient["W"]
        norms.append(float(np.abs(gradient).sum()))
        print(f"l1 norm of the gradient of L1.W on {len(x)} examples: {norms[-1]:.4f}")
    return norms[0], norms[1]
