"""The baseline of mlp.py: q8's contract as a good student would write it in NumPy, and no faster.

Written from the contract alone, with its classes and functions: matrix products over the batch,
examples by their positions, the softmax kept from the forward pass for the backward pass.

Shapes: `N` examples, `D` inputs of a layer, `M` outputs of a layer, `K` classes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Model = dict[str, Any]


class Linear:
    """X W + b with its gradients."""

    def __init__(self, inputs: int, outputs: int) -> None:
        self.params = {
            "W": np.random.normal(0, 0.1, (inputs, outputs)),
            "b": np.random.normal(0, 0.1, (1, outputs)),
        }
        self.gradient = {
            "W": np.zeros((inputs, outputs)),
            "b": np.zeros((1, outputs)),
        }

    def forward(self, X: Array) -> Array:  # noqa: N803 - the contract's name
        """(N, D) -> (N, M)."""
        return np.dot(X, self.params["W"]) + self.params["b"]

    def backward(self, X: Array, grad: Array) -> Array:  # noqa: N803
        """Store the gradients; (N, M) -> (N, D)."""
        self.gradient["W"] = np.matmul(X.T, grad)
        self.gradient["b"] = np.sum(grad, axis=0, keepdims=True)
        return np.matmul(grad, self.params["W"].T)


class ReLU:
    """max(0, x)."""

    def forward(self, X: Array) -> Array:  # noqa: N803
        """The same shape."""
        return np.maximum(0, X)

    def backward(self, X: Array, grad: Array) -> Array:  # noqa: N803
        """The gradient where the input was positive."""
        return grad * (X > 0)


class SoftmaxCrossEntropy:
    """The mean of -log softmax at the true class."""

    def forward(self, X: Array, Y: Array) -> float:  # noqa: N803
        """(N, K), (N,) -> the loss."""
        e = np.exp(X - np.max(X, axis=1, keepdims=True))
        self.probabilities = e / np.sum(e, axis=1, keepdims=True)
        return -np.mean(np.log(self.probabilities[np.arange(len(Y)), Y]))

    def backward(self, X: Array, Y: Array) -> Array:  # noqa: N803
        """The gradient for X, (N, K)."""
        grad = self.probabilities.copy()
        grad[np.arange(len(Y)), Y] -= 1
        return grad / len(Y)


class DataSplit:
    """Examples by their positions."""

    def __init__(self, X: Array, Y: Array) -> None:  # noqa: N803
        self.X, self.Y = X, Y

    def get_example(self, idx: Array) -> tuple[Array, Array]:
        """Positions (N,) -> (N, D), (N,)."""
        return self.X[idx], self.Y[idx]


def forward_pass(model: Model, x: Array, y: Array) -> tuple[Array, Array, Array, float]:
    """Run the network; returns what the backward pass needs, and the loss."""
    a1 = model["L1"].forward(x)
    h1 = model["nonlinear1"].forward(a1)
    a2 = model["L2"].forward(h1)
    return a1, h1, a2, model["loss"].forward(a2, y)


def backward_pass(model: Model, x: Array, a1: Array, h1: Array, a2: Array, y: Array) -> None:
    """Call the layers' backward passes, the last one first."""
    grad_a2 = model["loss"].backward(a2, y)
    grad_h1 = model["L2"].backward(h1, grad_a2)
    grad_a1 = model["nonlinear1"].backward(a1, grad_h1)
    model["L1"].backward(x, grad_a1)


def gradient_descent(model: Model, learning_rate: float) -> Model:
    """One step in place."""
    for layer in (model["L1"], model["L2"]):
        for name in layer.params:
            layer.params[name] -= learning_rate * layer.gradient[name]
    return model


class PlainMLP:
    """784-128-10 and its training.

    Args:
        x: training images, (N, D); permuted here.
        y: their classes, (N,).
        seed: of the permutation and the weights.
    """

    def __init__(self, x: Array, y: Array, seed: int) -> None:
        np.random.seed(seed)
        order = np.random.permutation(len(x))
        self.train = DataSplit(x[order], y[order])
        self.model: Model = {"L1": Linear(x.shape[1], 128), "nonlinear1": ReLU()}
        self.model |= {"L2": Linear(128, 10), "loss": SoftmaxCrossEntropy()}

    def epoch(self, batch_size: int, learning_rate: float) -> None:
        """Go through the training set once."""
        count = len(self.train.X)
        for start in range(0, count, batch_size):
            idx = np.arange(start, min(start + batch_size, count))
            x, y = self.train.get_example(idx)
            a1, h1, a2, _ = forward_pass(self.model, x, y)
            backward_pass(self.model, x, a1, h1, a2, y)
            gradient_descent(self.model, learning_rate)

    def accuracy(self, split: DataSplit) -> float:
        """The share of images that are classified rightly."""
        scores = forward_pass(self.model, split.X, split.Y)[2]
        return float(np.mean(np.argmax(scores, axis=1) == split.Y))
