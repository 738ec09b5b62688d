"""Question 2: a curve from points.

A network with one hidden layer draws a piecewise linear curve: every hidden ReLU unit adds one
corner to it. With enough corners it follows the sine over [-2 pi, 2 pi].

Source: G. Cybenko, "Approximation by superpositions of a sigmoidal function" (1989), is the first
proof that one hidden layer is enough.

Shapes: `B` batch.
"""

import torch
from torch import Tensor, nn


class RegressionModel(nn.Module):
    """A function from one number to one number."""

    def __init__(self) -> None:
        super().__init__()
        # BEGIN SOLUTION q2.layers: create the layers
        # A sine has four bends on this interval and each bend needs several corners. A second
        # hidden layer lets corners be shared, so fewer steps reach the same error.
        self.hidden = nn.Linear(1, 128)
        self.shape = nn.Linear(128, 64)
        self.output = nn.Linear(64, 1)
        # END SOLUTION q2.layers

    def forward(self, x: Tensor) -> Tensor:
        """Predict y for every x.

        Args:
            x: ``(B, 1) float32``.

        Returns:
            The predictions, ``(B, 1) float32``.
        """
        # BEGIN SOLUTION q2.predict: run the layers
        corners = torch.relu(self.hidden(x))  # (B, 1) -> (B, 128)
        bends = torch.relu(self.shape(corners))  # (B, 64)
        # No activation at the end: a ReLU here could never answer a negative number.
        return self.output(bends)  # (B, 1)
        # END SOLUTION q2.predict
