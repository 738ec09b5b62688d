"""Question 5: convolution by hand, and a digit classifier that begins with one.

A small kernel slides over the image and reports, at every place, how well the picture underneath
matches it. (Mathematics calls this a cross-correlation, since the kernel is not flipped; deep
learning calls it a convolution.)

Source: I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning" (2016), section 9.1, equation 9.6.

Shapes: `B` batch, `H` rows, `W` columns of the input; `R` rows, `S` columns of the kernel.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE = 28
KERNEL = 3
FILTERED = SIDE - KERNEL + 1
DIGITS = 10


def Convolve(input: Tensor, weight: Tensor) -> Tensor:  # noqa: A002 - the homework's name
    """Slide a kernel over a matrix, without padding.

    Args:
        input: ``(H, W)``.
        weight: the kernel, ``(R, S)`` with R <= H and S <= W.

    Returns:
        ``(H - R + 1, W - S + 1)``; the entry at (i, j) is the sum of the entrywise product of the
        kernel and the part of the input whose top left corner is (i, j).
    """
    # BEGIN SOLUTION q5.convolve: slide the kernel over the input
    rows = input.shape[0] - weight.shape[0] + 1
    columns = input.shape[1] - weight.shape[1] + 1
    # Visiting every place of the image is slow, and the image is large; the kernel is small. So
    # the two loops change places: each kernel entry weighs one shifted view of the whole input,
    # and the views are summed (equation 9.6).
    output = input.new_zeros(rows, columns)  # (H - R + 1, W - S + 1)
    for i in range(weight.shape[0]):
        for j in range(weight.shape[1]):
            output = output + weight[i, j] * input[i : i + rows, j : j + columns]
    return output
    # END SOLUTION q5.convolve


def convolve_images(images: Tensor, weight: Tensor) -> Tensor:
    """Apply `Convolve` to every image of a batch.

    Args:
        images: ``(B, H, W)``.
        weight: the kernel, ``(R, S)``.

    Returns:
        ``(B, H - R + 1, W - S + 1)``.
    """
    batch, height, width = images.shape
    rows = height - weight.shape[0] + 1
    # `Convolve` takes one matrix, and calling it once an image is slow. So the images are stacked
    # into one tall matrix. The windows that reach from one image into the next are thrown away.
    tower = images.reshape(batch * height, width)  # (B * H, W)
    filtered = Convolve(tower, weight)  # (B * H - R + 1, W - S + 1)
    # Below the last image R - 1 rows are missing; with them every image has H rows again.
    filtered = functional.pad(filtered, (0, 0, 0, height - rows))  # (B * H, W - S + 1)
    return filtered.reshape(batch, height, -1)[:, :rows]


class DigitConvolutionalModel(nn.Module):
    """Scores for the ten digits, from one learned 3 x 3 kernel and linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution_weights = nn.Parameter(torch.ones(KERNEL, KERNEL) / KERNEL)
        # BEGIN SOLUTION q5.layers: create the linear layers
        self.parts = nn.Linear(FILTERED * FILTERED, 128)
        self.scores = nn.Linear(128, DIGITS)
        # END SOLUTION q5.layers

    def forward(self, x: Tensor) -> Tensor:
        """Score every digit for every image.

        Args:
            x: images, ``(B, 784) float32`` in 0..1.

        Returns:
            Scores, ``(B, 10) float32``: the larger, the likelier the digit.
        """
        images = x.reshape(-1, SIDE, SIDE)  # (B, 784) -> (B, 28, 28)
        filtered = convolve_images(images, self.convolution_weights)  # (B, 26, 26)
        features = filtered.flatten(start_dim=1)  # (B, 676)
        # BEGIN SOLUTION q5.scores: run the linear layers on the features
        parts = torch.relu(self.parts(torch.relu(features)))  # (B, 128)
        return self.scores(parts)  # (B, 10)
        # END SOLUTION q5.scores
