"""Question 9: a perceptron for more than two classes.

Every class has a weight vector, and the class with the largest score wins. At a mistake the right
class moves towards the example and the winner moves away from it; that is gradient descent with
learning rate 1 on the multiclass perceptron loss.

Source: K. Crammer and Y. Singer, "Ultraconservative online algorithms for multiclass problems",
Journal of Machine Learning Research 3 (2003), section 3.

Shapes: `C` classes, `D` features, `n` examples.
"""

import torch
from torch import Tensor


class MulticlassPerceptron:
    """One weight vector a class, all zero before the first mistake.

    All scores are equal at the start, so a tie must be decided by a rule: the lowest class number
    wins. With another rule the same examples lead to other weights.

    Args:
        classes: the number of classes C.
        features: the number of features D.

    Attributes:
        weights: ``(C, D) float64``.
    """

    def __init__(self, classes: int, features: int) -> None:
        self.weights = torch.zeros(classes, features, dtype=torch.float64)

    def scores(self, x: Tensor) -> Tensor:
        """Score every class.

        Args:
            x: one example, ``(D,) float64``.

        Returns:
            ``(C,) float64``.
        """
        # BEGIN SOLUTION q9.scores: one number a class
        return self.weights @ x  # (C, D) @ (D,) -> (C,)
        # END SOLUTION q9.scores

    def predict(self, x: Tensor) -> int:
        """The class with the largest score; at a tie the lowest of their numbers."""
        return lowest_of_the_best(self.scores(x))

    def loss(self, x: Tensor, label: int) -> float:
        """How far the best wrong class is ahead of the right one, and 0 if it is not ahead.

        Args:
            x: one example, ``(D,) float64``.
            label: its class, in 0..C-1.
        """
        # BEGIN SOLUTION q9.loss: the lead of the best wrong class, or 0
        scores = self.scores(x)
        wrong = torch.cat([scores[:label], scores[label + 1 :]])  # (C - 1,)
        return max(0.0, float(wrong.max() - scores[label]))
        # END SOLUTION q9.loss

    def gradient(self, x: Tensor, label: int) -> Tensor:
        """The gradient of the loss with respect to all weights.

        Args:
            x: one example, ``(D,) float64``.
            label: its class, in 0..C-1.

        Returns:
            ``(C, D) float64``, all zero where the prediction is right.
        """
        # BEGIN SOLUTION q9.gradient: which classes does the loss depend on?
        gradient = torch.zeros_like(self.weights)
        predicted = self.predict(x)
        if predicted != label:
            # The loss is score[predicted] - score[label] here: no other class takes part in it.
            gradient[predicted] = x
            gradient[label] = -x
        return gradient
        # END SOLUTION q9.gradient

    def update(self, x: Tensor, label: int) -> bool:
        """Look at one example: a step of gradient descent with learning rate 1.

        Args:
            x: one example, ``(D,) float64``.
            label: its class, in 0..C-1.

        Returns:
            Whether it was a mistake, so that the weights changed.
        """
        # BEGIN SOLUTION q9.update: what moves at a mistake, and where to
        predicted = self.predict(x)
        if predicted == label:
            return False
        self.weights[label] += x
        self.weights[predicted] -= x
        return True
        # END SOLUTION q9.update

    def fit(self, inputs: Tensor, labels: Tensor, epochs: int = 1000) -> int:
        """Go through the examples in their order until a pass has no mistake.

        Args:
            inputs: ``(n, D) float64``.
            labels: ``(n,) int64``.
            epochs: the most passes.

        Returns:
            How many passes were made.
        """
        for epoch in range(1, epochs + 1):
            mistakes = [self.update(x, int(y)) for x, y in zip(inputs, labels, strict=True)]
            if not any(mistakes):
                return epoch
        return epochs


def lowest_of_the_best(scores: Tensor) -> int:
    """The position of the largest score, ``(C,)``; the first of them at a tie."""
    # `argmax` promises no particular position at a tie.
    return int((scores == scores.max()).nonzero()[0])
