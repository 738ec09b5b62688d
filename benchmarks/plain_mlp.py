"""The baseline of mlp.py: q8's contract as a good student would write it in NumPy, and no faster.

Written from the contract alone: whole-batch matrix products, nothing reused between calls.

Shapes: `N` examples, `D` inputs of a layer, `M` outputs of a layer, `K` classes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


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
        self.x, self.y = x[order], y[order]
        self.first, self.relu = Linear(x.shape[1], 128), ReLU()
        self.second, self.loss = Linear(128, 10), SoftmaxCrossEntropy()

    def epoch(self, batch_size: int, learning_rate: float) -> None:
        """Go through the training set once."""
        for start in range(0, len(self.x), batch_size):
            x, y = self.x[start : start + batch_size], self.y[start : start + batch_size]
            a1 = self.first.forward(x)
            h1 = self.relu.forward(a1)
            a2 = self.second.forward(h1)
            self.loss.forward(a2, y)
            grad = self.loss.backward(a2, y)
            grad = self.second.backward(h1, grad)
            grad = self.relu.backward(a1, grad)
            self.first.backward(x, grad)
            for layer in (self.first, self.second):
                for name in layer.params:
                    layer.params[name] -= learning_rate * layer.gradient[name]

    def accuracy(self, x: Array, y: Array) -> float:
        """The share of images that are classified rightly."""
        scores = self.second.forward(self.relu.forward(self.first.forward(x)))
        return float(np.mean(np.argmax(scores, axis=1) == y))
