"""Question 8: a two-layer network from scratch, with NumPy alone.

Every layer knows two things: what it makes of its input (forward), and how a gradient with respect
to its output becomes one with respect to its input and its parameters (backward). Calling the
layers' backward passes in reverse order is back-propagation.

Source: D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating
errors", Nature 323 (1986), equations 4 to 7. The names of classes and functions are the homework's.

Shapes: `N` examples, `D` inputs of a layer, `M` outputs of a layer, `K` classes.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]
Model: TypeAlias = dict[str, Any]  # "L1", "nonlinear1", "L2", "loss": the layers by name


class linear_layer:  # noqa: N801 - the homework's name
    """An affine map with its parameters and their gradients.

    Args:
        input_D: the number of inputs D.
        output_D: the number of outputs M.

    Attributes:
        params: 'W' (D, M) and 'b' (1, M).
        gradient: of the same names and shapes, from the last backward pass.
    """

    def __init__(self, input_D: int, output_D: int) -> None:  # noqa: N803 - the homework's name
        self.params: dict[str, Array] = {}
        self.gradient: dict[str, Array] = {}
        # BEGIN SOLUTION q8.linear_init: draw W, then b; start with gradients of zero
        # Unequal weights: units that began alike would stay alike for ever. W is drawn before b,
        # so that a seed stands for the same network everywhere.
        self.params["W"] = np.random.normal(0, 0.1, (input_D, output_D))
        self.params["b"] = np.random.normal(0, 0.1, (1, output_D))
        self.gradient = {name: np.zeros_like(values) for name, values in self.params.items()}
        # END SOLUTION q8.linear_init

    def forward(self, X: Array) -> Array:  # noqa: N803
        """Map all examples at once.

        Args:
            X: ``(N, D)``.

        Returns:
            ``(N, M)``.
        """
        # BEGIN SOLUTION q8.linear_forward: the affine map, row by row
        return X @ self.params["W"] + self.params["b"]  # (N, D) @ (D, M) -> (N, M)
        # END SOLUTION q8.linear_forward

    def backward(self, X: Array, grad: Array) -> Array:  # noqa: N803
        """Store the gradients of the parameters and pass one on to the input.

        Args:
            X: what `forward` was given, ``(N, D)``.
            grad: of the loss with respect to the output, ``(N, M)``.

        Returns:
            The gradient with respect to X, ``(N, D)``.
        """
        # BEGIN SOLUTION q8.linear_backward: three gradients from one
        # W takes part in every example's output, so its gradient adds them up; so does b's, whose
        # derivative is 1. The mean over the batch is already in `grad`.
        self.gradient["W"] = X.T @ grad  # (D, N) @ (N, M) -> (D, M)
        self.gradient["b"] = grad.sum(axis=0, keepdims=True)  # (N, M) -> (1, M)
        # An input reaches the loss through all M outputs.
        return grad @ self.params["W"].T  # (N, M) @ (M, D) -> (N, D)
        # END SOLUTION q8.linear_backward


class relu:  # noqa: N801
    """The larger of zero and the input, entry by entry."""

    def forward(self, X: Array) -> Array:  # noqa: N803
        """Cut off what is negative.

        Args:
            X: any shape.

        Returns:
            The same shape, at least 0.
        """
        # BEGIN SOLUTION q8.relu_forward: nothing below zero
        return np.maximum(X, 0.0)
        # END SOLUTION q8.relu_forward

    def backward(self, X: Array, grad: Array) -> Array:  # noqa: N803
        """Pass the gradient on where the input was positive.

        Args:
            X: what `forward` was given.
            grad: of the loss with respect to the output, the shape of X.

        Returns:
            The gradient with respect to X; 0 where X is 0 or less.
        """
        # BEGIN SOLUTION q8.relu_backward: the gradient where the unit was on
        # Whether a unit was on is told by its input, never by the gradient that comes back.
        return np.where(X > 0, grad, 0.0)
        # END SOLUTION q8.relu_backward


class softmax_cross_entropy:  # noqa: N801
    """The mean over the examples of -log softmax(X) at the true class."""

    def forward(self, X: Array, Y: Labels) -> float:  # noqa: N803
        """Measure the loss.

        Args:
            X: scores, ``(N, K)``.
            Y: class numbers in 0..K-1, ``(N,)`` or ``(N, 1)``.

        Returns:
            The loss in nats.
        """
        shifted = _shifted(X)
        true = shifted[np.arange(len(X)), Y.reshape(-1)]  # (N, K) -> (N,)
        # -log softmax; the logarithm of the sum, because the softmax itself may round to zero.
        return float((np.log(np.exp(shifted).sum(axis=1)) - true).sum()) / len(X)

    def backward(self, X: Array, Y: Labels) -> Array:  # noqa: N803
        """The gradient with respect to the scores: softmax(X) less the one-hot labels, over N.

        Args:
            X: scores, ``(N, K)``.
            Y: class numbers, ``(N,)`` or ``(N, 1)``.

        Returns:
            ``(N, K)``; every row sums to 0.
        """
        grad = np.exp(_shifted(X))
        grad /= grad.sum(axis=1, keepdims=True)
        grad[np.arange(len(X)), Y.reshape(-1)] -= 1.0
        grad /= len(X)
        return grad


def _shifted(scores: Array) -> Array:
    # The largest score of a row becomes 0: softmax stays the same and no exponential overflows.
    return scores - scores.max(axis=1, keepdims=True)


def forward_pass(model: Model, x: Array, y: Labels) -> tuple[Array, Array, Array, float]:
    """Run the network and keep what the backward pass needs.

    Args:
        model: the layers 'L1', 'nonlinear1', 'L2' and 'loss'.
        x: ``(N, D)``.
        y: class numbers, ``(N,)`` or ``(N, 1)``.

    Returns:
        a1 ``(N, M)`` before the activation, h1 ``(N, M)`` after it, the scores a2 ``(N, K)`` and
        the loss.
    """
    a1 = model["L1"].forward(x)
    h1 = model["nonlinear1"].forward(a1)
    a2 = model["L2"].forward(h1)
    return a1, h1, a2, model["loss"].forward(a2, y)


def backward_pass(model: Model, x: Array, a1: Array, h1: Array, a2: Array, y: Labels) -> None:
    """Call every layer's backward pass: afterwards the linear layers hold their gradients.

    Args:
        model: as in `forward_pass`.
        x: the input, ``(N, D)``.
        a1: from `forward_pass`, ``(N, M)``.
        h1: from `forward_pass`, ``(N, M)``.
        a2: from `forward_pass`, ``(N, K)``.
        y: class numbers, ``(N,)`` or ``(N, 1)``.
    """
    # BEGIN SOLUTION q8.backward_pass: from the loss to the first layer
    # Each layer gets the input that it had on the way forward, and the gradient from behind it.
    grad_a2 = model["loss"].backward(a2, y)  # (N, K)
    grad_h1 = model["L2"].backward(h1, grad_a2)  # (N, M)
    grad_a1 = model["nonlinear1"].backward(a1, grad_h1)  # (N, M)
    model["L1"].backward(x, grad_a1)
    # END SOLUTION q8.backward_pass


def miniBatchGradientDescent(model: Model, _learning_rate: float) -> Model:  # noqa: N802
    """Take one step against the gradients that the layers hold.

    Args:
        model: the layers by name; those without ``params`` have nothing to learn.
        _learning_rate: the length of the step in units of the gradient.

    Returns:
        The same model; its parameters were changed in place.
    """
    # BEGIN SOLUTION q8.step: every parameter of every layer, in place
    for layer in model.values():
        for name, values in getattr(layer, "params", {}).items():
            # In place: whoever holds the array sees the step, and no new one is made.
            values -= _learning_rate * layer.gradient[name]
    return model
    # END SOLUTION q8.step


def predict_label(scores: Array) -> Labels:
    """The class with the largest score: ``(N, K)`` to ``(N,)``."""
    return scores.argmax(axis=1)


class DataSplit:
    """Examples that are asked for by their positions.

    Args:
        X: inputs, ``(N, D)``.
        Y: class numbers, ``(N,)`` or ``(N, 1)``.
    """

    def __init__(self, X: Array, Y: Labels) -> None:  # noqa: N803
        if len(X) != len(Y):
            raise ValueError(f"X has {len(X)} examples but Y has {len(Y)}; give one label each")
        self.X = X
        self.Y = Y
        self.N, self.d = X.shape

    def get_example(self, idx: Any) -> tuple[Array, Labels]:
        """The examples at these positions (numbers or a slice), with their labels."""
        return self.X[idx], self.Y[idx]
