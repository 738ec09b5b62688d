"""Question 9: the multiclass perceptron that never sees its features.

The perceptron's weights are sums of the examples it was wrong about, so their coefficients are all
that needs to be kept; and its scores need the examples only in inner products, for which a kernel
may stand. So it separates in a space of features that nobody has to write down.

Source: M. Aizerman, E. Braverman and L. Rozonoer, "Theoretical foundations of the potential
function method in pattern recognition learning" (1964); B. Schölkopf and A. Smola, "Learning with
kernels" (2002), section 2.2.

Shapes: `C` classes, `D` features, `n` training examples, `m` other examples.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from models.multiclass_perceptron import lowest_of_the_best


def linear_kernel(a: Tensor, b: Tensor) -> Tensor:
    """Inner products as they are: ``(n, D)`` and ``(m, D)`` to ``(n, m)``."""
    # BEGIN SOLUTION q9.linear_kernel: all inner products
    return a @ b.T
    # END SOLUTION q9.linear_kernel


def polynomial_kernel(a: Tensor, b: Tensor, degree: int = 2, offset: float = 1.0) -> Tensor:
    """Powers of inner products: features are all products of up to ``degree`` inputs.

    Args:
        a: ``(n, D)``.
        b: ``(m, D)``.
        degree: the power, at least 1.
        offset: is added before the power; without it only products of exactly ``degree`` inputs
            are features.

    Returns:
        ``(n, m)``.
    """
    # BEGIN SOLUTION q9.polynomial_kernel: a power of inner product plus offset
    return (a @ b.T + offset) ** degree
    # END SOLUTION q9.polynomial_kernel


def rbf_kernel(a: Tensor, b: Tensor, gamma: float = 1.0) -> Tensor:
    """How near two examples are: 1 for the same, towards 0 for far ones.

    Args:
        a: ``(n, D)``.
        b: ``(m, D)``.
        gamma: how fast it falls with the squared distance.

    Returns:
        ``(n, m)``, exp(-gamma times the squared distance).
    """
    # BEGIN SOLUTION q9.rbf_kernel: by the squared distances
    # Differences first: |a|² + |b|² - 2 a·b would cancel for near points.
    squared = (a[:, None, :] - b[None, :, :]).square().sum(dim=-1)  # (n, m, D) -> (n, m)
    return torch.exp(-gamma * squared)
    # END SOLUTION q9.rbf_kernel


class KernelPerceptron:
    """The multiclass perceptron by the coefficients of its training examples.

    Args:
        kernel: takes ``(n, D)`` and ``(m, D)`` to ``(n, m)``.
        inputs: the training examples, ``(n, D) float64``.
        classes: the number of classes C.

    Attributes:
        coefficients: ``(C, n) float64``; class c's weights are the sum of coefficient times
            feature vector over the training examples.
    """

    def __init__(self, kernel: Callable[[Tensor, Tensor], Tensor], inputs: Tensor, classes: int):
        self.kernel = kernel
        self.inputs = inputs
        self.coefficients = torch.zeros(classes, len(inputs), dtype=torch.float64)

    def scores(self, x: Tensor) -> Tensor:
        """Score every class.

        Args:
            x: one example, ``(D,) float64``.

        Returns:
            ``(C,) float64``.
        """
        # BEGIN SOLUTION q9.kernel_scores: weigh the kernel values by the coefficients
        similar = self.kernel(self.inputs, x[None, :])[:, 0]  # (n, 1) -> (n,)
        return self.coefficients @ similar  # (C, n) @ (n,) -> (C,)
        # END SOLUTION q9.kernel_scores

    def predict(self, x: Tensor) -> int:
        """The class with the largest score; at a tie the lowest of their numbers."""
        return lowest_of_the_best(self.scores(x))

    def update(self, index: int, label: int) -> bool:
        """Look at one training example.

        Args:
            index: its position in the inputs, 0..n-1.
            label: its class, in 0..C-1.

        Returns:
            Whether it was a mistake, so that the coefficients changed.
        """
        # BEGIN SOLUTION q9.kernel_update: the same step, in coefficients
        predicted = self.predict(self.inputs[index])
        if predicted == label:
            return False
        # Adding the example's features to the weights is adding 1 to its coefficient.
        self.coefficients[label, index] += 1
        self.coefficients[predicted, index] -= 1
        return True
        # END SOLUTION q9.kernel_update

    def fit(self, labels: Tensor, epochs: int = 1000) -> int:
        """Go through the training examples in their order until a pass has no mistake.

        Args:
            labels: ``(n,) int64``.
            epochs: the most passes.

        Returns:
            How many passes were made.
        """
        for epoch in range(1, epochs + 1):
            mistakes = [self.update(index, int(label)) for index, label in enumerate(labels)]
            if not any(mistakes):
                return epoch
        return epochs
