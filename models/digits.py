"""Question 3: handwritten digits.

A multilayer perceptron reads all 784 pixels at once and gives every digit a score. It knows
nothing about neighbouring pixels; question 5 adds that.

Source: Y. LeCun et al., "Gradient-based learning applied to document recognition" (1998),
section III, compares such networks on the same digits.

Shapes: `B` batch.
"""

import torch
from torch import Tensor, nn

PIXELS = 28 * 28
DIGITS = 10


class DigitClassificationModel(nn.Module):
    """Scores for the ten digits."""

    def __init__(self) -> None:
        super().__init__()
        # BEGIN SOLUTION q3.layers: create the layers
        # Wide enough to know many ways of writing a digit; the last layer has one output a class.
        self.strokes = nn.Linear(PIXELS, 256)
        self.parts = nn.Linear(256, 128)
        self.scores = nn.Linear(128, DIGITS)
        # END SOLUTION q3.layers

    def forward(self, x: Tensor) -> Tensor:
        """Score every digit for every image.

        Args:
            x: images, ``(B, 784) float32`` in 0..1.

        Returns:
            Scores, ``(B, 10) float32``: the larger, the likelier the digit.
        """
        # BEGIN SOLUTION q3.scores: run the layers
        strokes = torch.relu(self.strokes(x))  # (B, 784) -> (B, 256)
        parts = torch.relu(self.parts(strokes))  # (B, 128)
        # Scores, not probabilities: cross-entropy applies the softmax itself, and a ReLU here
        # would throw away the difference between "unlikely" and "very unlikely".
        return self.scores(parts)  # (B, 10)
        # END SOLUTION q3.scores
