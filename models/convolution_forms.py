"""Question 9: one convolution in three ways, and how large everything becomes.

Loops say what a convolution is. A matrix says that it is linear: row t holds the kernel, moved by
t, so the gradient with respect to the signal is the transposed matrix times the gradient of the
output. A view of the image by strides shows every window without copying one, and leaves a single
sum.

As in all of deep learning the kernel is not turned around, so this is a cross-correlation.

Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning" (2016),
https://arxiv.org/abs/1603.07285, sections 2 and 4.1.

Shapes: `H`, `W` height and width of an image, `K`, `L` those of a kernel.
"""

import torch
from torch import Tensor


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """How many places a kernel has along one axis.

    Args:
        size: of the input along the axis.
        kernel: of the kernel.
        stride: by how much the kernel moves.
        padding: zeros added on each of the two sides.
    """
    # BEGIN SOLUTION q9.output_size: how often the kernel can move, and the first place
    return (size + 2 * padding - kernel) // stride + 1
    # END SOLUTION q9.output_size


def parameter_count(
    channels: int, kernel: tuple[int, int], filters: int = 1, *, bias: bool = False, places: int = 1
) -> int:
    """How many numbers a convolutional layer learns.

    Args:
        channels: of the input.
        kernel: its height and width.
        filters: how many kernels, that is, channels of the output.
        bias: whether each filter has one.
        places: 1 where all places share a filter; else how many places have one of their own.
    """
    # BEGIN SOLUTION q9.parameter_count: of one filter, times filters, times places
    return (channels * kernel[0] * kernel[1] + bias) * filters * places
    # END SOLUTION q9.parameter_count


def convolve_loops(image: Tensor, kernel: Tensor, stride: int = 1) -> Tensor:
    """Convolve by the definition, four loops deep.

    Args:
        image: ``(H, W)``.
        kernel: ``(K, L)``, no larger than the image.
        stride: along both axes.

    Returns:
        One number for each place of the kernel.
    """
    # BEGIN SOLUTION q9.convolve_loops: every place, every entry of the kernel
    rows = output_size(image.shape[0], kernel.shape[0], stride)
    columns = output_size(image.shape[1], kernel.shape[1], stride)
    output = image.new_zeros(rows, columns)
    for r in range(rows):
        for c in range(columns):
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    output[r, c] += image[r * stride + i, c * stride + j] * kernel[i, j]
    return output
    # END SOLUTION q9.convolve_loops


def toeplitz_matrix(kernel: Tensor, length: int) -> Tensor:
    """The matrix that convolves a signal of a given length.

    Args:
        kernel: ``(K,)``.
        length: of the signal, at least K.

    Returns:
        ``(length - K + 1, length)``; equal along every diagonal.
    """
    # BEGIN SOLUTION q9.toeplitz_matrix: the kernel in every row, each time moved by one
    rows = output_size(length, len(kernel))
    matrix = kernel.new_zeros(rows, length)
    for row in range(rows):
        matrix[row, row : row + len(kernel)] = kernel
    return matrix
    # END SOLUTION q9.toeplitz_matrix


def convolve_toeplitz(signal: Tensor, kernel: Tensor) -> Tensor:
    """Convolve a signal ``(N,)`` with a kernel ``(K,)`` by one matrix product: ``(N - K + 1,)``."""
    # BEGIN SOLUTION q9.convolve_toeplitz: one product
    return toeplitz_matrix(kernel, len(signal)) @ signal
    # END SOLUTION q9.convolve_toeplitz


def convolve_strided(image: Tensor, kernel: Tensor, stride: int = 1) -> Tensor:
    """Convolve by a view of all windows and one sum.

    Args:
        image: ``(H, W)``.
        kernel: ``(K, L)``, no larger than the image.
        stride: along both axes.

    Returns:
        As `convolve_loops`.
    """
    # BEGIN SOLUTION q9.convolve_strided: windows as a view, then a sum over each
    windows = image.unfold(0, kernel.shape[0], stride).unfold(1, kernel.shape[1], stride)
    return torch.einsum("rcij,ij->rc", windows, kernel)  # (rows, columns, K, L) -> (rows, columns)
    # END SOLUTION q9.convolve_strided
