"""Convolution in float64 by PyTorch's own operator, and what the usual slips give instead.

Shapes: `H` rows and `W` columns of the input, `R` rows and `S` columns of the kernel.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from grading.compare import Mistake

PADDED = (
    "the output is padded to the input's size",
    "Does this homework fill the border with zeros, or does the output shrink?",
)
FULL = (
    "the kernel may hang over the edge",
    "Does the entry at (0, 0) use the whole kernel or only a corner of it?",
)
SHORT = (
    "the output is one entry too small",
    "A kernel of 3 on a row of 3 fits at one place; how many does your formula give?",
)
LONG = (
    "the output is one entry too large",
    "A kernel of 3 on a row of 3 fits at one place; how many does your formula give?",
)
TRANSPOSED = (
    "the output is transposed",
    "Which index of the output belongs to the input's rows?",
)
CROSSED = (
    "the kernel is transposed",
    "Which of the kernel's two sizes goes with the input's rows?",
)


def convolve(input_: Tensor, weight: Tensor) -> Tensor:
    """The valid cross-correlation, (H - R + 1, W - S + 1) float64."""
    return functional.conv2d(input_.double()[None, None], weight.double()[None, None])[0, 0]


def magnitude(input_: Tensor, weight: Tensor) -> Tensor:
    """The same on absolute values: the scale of each entry's rounding."""
    return convolve(input_.abs(), weight.abs())


def wrong_sizes(
    size: tuple[int, ...], kernel: tuple[int, ...]
) -> list[tuple[tuple[int, ...], str, str]]:
    """The (shape, name, question) of the usual slips in the size of the output."""
    (rows, columns), (high, wide) = size, kernel
    fits = (rows - high + 1, columns - wide + 1)
    return [
        (size, *PADDED),
        ((rows + high - 1, columns + wide - 1), *FULL),
        ((rows - high, columns - wide), *SHORT),
        ((fits[0] + 1, fits[1] + 1), *LONG),
        ((fits[1], fits[0]), *TRANSPOSED),
        ((rows - wide + 1, columns - high + 1), *CROSSED),
        (
            (1, 1, *fits),
            "leading axes are kept",
            "How many axes do the input and the output have in this homework?",
        ),
    ]


def slips(input_: Tensor, weight: Tensor) -> list[Mistake]:
    """What the usual slips in the values give."""
    right = convolve(input_, weight)
    return [
        Mistake(
            "the kernel is flipped",
            convolve(input_, weight.flip(0, 1)),
            "Which kernel entry meets the top left entry of the part under the kernel?",
        ),
        Mistake(
            "the mean is taken instead of the sum",
            right / weight.numel(),
            "What is done with the products, once they are formed?",
        ),
        Mistake(
            "the maximum is taken instead of the sum",
            (_windows(input_, weight) * weight.double()).amax((-2, -1)),
            "What is done with the products, once they are formed?",
        ),
    ]


def _windows(input_: Tensor, weight: Tensor) -> Tensor:
    """Every part of the input that lies under the kernel, (H - R + 1, W - S + 1, R, S)."""
    wide = input_.double()
    return wide.unfold(0, weight.shape[0], 1).unfold(1, weight.shape[1], 1)
