"""Question 1: the binary perceptron.

One weight vector decides which side of a hyperplane a point lies on. Learning happens outside, in
`train.train_perceptron`: a wrongly classified point is added to the weights, or subtracted.

Source: F. Rosenblatt, "The Perceptron", Psychological Review 65 (1958), 386-408.

Shapes: `D` features.
"""

import torch
from torch import Tensor, nn


class PerceptronModel(nn.Module):
    """A linear classifier for the labels 1 and -1.

    Args:
        dimensions: the number of features D, a constant feature for the bias included.
    """

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        # BEGIN SOLUTION q1.weights: create the weight vector
        # A Parameter, not a plain tensor: this is how PyTorch, and a grader, find it. The start
        # may be any vector; zeros would make the first prediction the same for every point.
        self.w = nn.Parameter(torch.randn(1, dimensions))
        # END SOLUTION q1.weights

    def get_weights(self) -> nn.Parameter:
        """Return the weights, ``(1, D) float32``."""
        return self.w

    def forward(self, x: Tensor) -> Tensor:
        """Compute the score of a point: its dot product with the weights.

        Args:
            x: the point, ``(1, D) float32``.

        Returns:
            The score, ``(1, 1) float32``; its sign is the predicted class.
        """
        # BEGIN SOLUTION q1.score: the dot product of the weights and the point
        # Transposed, because the features are the last axis of both sides.
        return x @ self.w.T  # (1, D) @ (D, 1) -> (1, 1)
        # END SOLUTION q1.score

    def get_prediction(self, x: Tensor) -> int:
        """Classify a point.

        Args:
            x: the point, ``(1, D) float32``.

        Returns:
            1 where the score is zero or more, -1 otherwise.
        """
        # BEGIN SOLUTION q1.prediction: turn the score into a class
        # A point exactly on the boundary must fall on one side, and the convention is 1:
        # torch.sign would answer 0 there, which is no class at all.
        return 1 if self(x).item() >= 0 else -1
        # END SOLUTION q1.prediction
