"""Questions 8 and 9: three networks for Fashion-MNIST (problem 3.5; given, nothing to write).

The first reads all pixels at once and gives every place its own weights. A convolution reads a
small window with the same weights everywhere, so it needs fewer of them; max-pooling then keeps the
strongest answer of neighbouring windows, so it matters less where exactly a pattern stood. Two
rounds of this forgive larger shifts than one.

Source: Y. LeCun et al., "Gradient-based learning applied to document recognition" (1998),
section II, on shared weights and shift invariance.

Shapes: `B` batch.
"""

import torch
from torch import Tensor, nn

SIDE = 28
PIXELS = SIDE * SIDE
CLASSES = 10


class FashionMLP(nn.Module):
    """Two linear layers, 784-128-10: the network that question 8 builds in NumPy."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(PIXELS, 128)
        self.scores = nn.Linear(128, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Score every class for every image.

        Args:
            x: images, ``(B, 784) float32`` in 0..1.

        Returns:
            Scores, ``(B, 10) float32``: the larger, the likelier the class.
        """
        return self.scores(torch.relu(self.hidden(x)))  # (B, 784) -> (B, 128) -> (B, 10)


class FashionCNN(nn.Module):
    """64 kernels of 7x7, max-pooling over 2x2, and one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.patterns = nn.Conv2d(1, 64, kernel_size=7)
        self.scores = nn.Linear(64 * 11 * 11, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Score every class for every image.

        Args:
            x: images, ``(B, 784) float32`` in 0..1.

        Returns:
            Scores, ``(B, 10) float32``.
        """
        images = x.reshape(-1, 1, SIDE, SIDE)
        patterns = _strongest(self.patterns(images))  # (B, 64, 22, 22) -> (B, 64, 11, 11)
        return self.scores(patterns.flatten(start_dim=1))  # (B, 7744) -> (B, 10)


class DeeperFashionCNN(nn.Module):
    """The same with 128 kernels of 2x2 and another max-pooling before the linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.patterns = nn.Conv2d(1, 64, kernel_size=7)
        self.combinations = nn.Conv2d(64, 128, kernel_size=2)
        self.scores = nn.Linear(128 * 5 * 5, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Score every class for every image.

        Args:
            x: images, ``(B, 784) float32`` in 0..1.

        Returns:
            Scores, ``(B, 10) float32``.
        """
        images = x.reshape(-1, 1, SIDE, SIDE)
        patterns = _strongest(self.patterns(images))  # (B, 64, 22, 22) -> (B, 64, 11, 11)
        combinations = _strongest(self.combinations(patterns))  # (B, 128, 10, 10) -> (B, 128, 5, 5)
        return self.scores(combinations.flatten(start_dim=1))  # (B, 3200) -> (B, 10)


def _strongest(answers: Tensor) -> Tensor:
    # ReLU and max-pooling may change places; pooling first leaves a quarter of the work.
    return torch.relu(nn.functional.max_pool2d(answers, kernel_size=2))
