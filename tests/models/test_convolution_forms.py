"""All ways to convolve agree, and so do the sizes and counts with what they describe."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from models import (
    convolve_loops,
    convolve_strided,
    convolve_toeplitz,
    output_size,
    parameter_count,
    toeplitz_matrix,
)


@pytest.mark.parametrize("stride", [pytest.param(1, id="1"), pytest.param(3, id="3")])
def test_loops_and_windows_agree_with_torch(stride: int) -> None:
    draw = torch.Generator().manual_seed(stride)
    image = torch.randn(11, 8, generator=draw, dtype=torch.float64)
    kernel = torch.randn(3, 2, generator=draw, dtype=torch.float64)
    want = functional.conv2d(image[None, None], kernel[None, None], stride=stride)[0, 0]
    torch.testing.assert_close(convolve_loops(image, kernel, stride), want)
    torch.testing.assert_close(convolve_strided(image, kernel, stride), want)
    assert want.shape == (output_size(11, 3, stride), output_size(8, 2, stride))


def test_the_transposed_matrix_brings_the_gradient_back() -> None:
    signal = torch.randn(9, dtype=torch.float64, requires_grad=True)
    kernel, arrives = torch.randn(4, dtype=torch.float64), torch.randn(6, dtype=torch.float64)
    output = functional.conv1d(signal[None, None], kernel[None, None])[0, 0]
    torch.testing.assert_close(convolve_toeplitz(signal.detach(), kernel), output.detach())
    output.backward(arrives)
    torch.testing.assert_close(toeplitz_matrix(kernel, 9).T @ arrives, signal.grad)


@pytest.mark.parametrize(
    ("channels", "kernel", "filters", "bias"),
    [
        pytest.param(1, (7, 7), 64, True, id="first-layer"),
        pytest.param(64, (2, 2), 128, True, id="second-layer"),
        pytest.param(3, (4, 5), 2, False, id="without-bias"),
    ],
)
def test_parameters_are_counted_as_torch_has_them(
    channels: int, kernel: tuple[int, int], filters: int, bias: bool
) -> None:
    layer = nn.Conv2d(channels, filters, kernel, bias=bias)
    counted = sum(parameter.numel() for parameter in layer.parameters())
    assert parameter_count(channels, kernel, filters, bias=bias) == counted
