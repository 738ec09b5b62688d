"""How fast is `Convolve`, next to a loop over every number and to PyTorch's own operator?

    python benchmarks/convolve.py

Prints the median of the ratios of rounds in which the three take turns, so a busy machine slows
all of them alike. Ends with exit code 1 when a target is missed: at least 50 times as fast as the
quadruple loop, at most 10 times as slow as `conv2d`, on a batch of 64 images of 28 x 28.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch is imported
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor
from torch.nn import functional

from models.convolution import convolve_images

ROUNDS = 7
LEAST_SPEEDUP = 50.0
MOST_SLOWDOWN = 10.0


def quadruple_loop(images: Tensor, weight: Tensor) -> Tensor:
    """Convolve number by number: over the rows and columns of every output and of the kernel."""
    batch, height, width = images.shape
    rows, columns = height - weight.shape[0] + 1, width - weight.shape[1] + 1
    # On plain lists, because reading single numbers out of a tensor is slower still.
    pixels, kernel = images.tolist(), weight.tolist()
    output = [[[0.0] * columns for _ in range(rows)] for _ in range(batch)]
    for image, result in zip(pixels, output, strict=True):
        for i in range(rows):
            for j in range(columns):
                for r, kernel_row in enumerate(kernel):
                    for s, entry in enumerate(kernel_row):
                        result[i][j] += entry * image[i + r][j + s]
    return torch.tensor(output)


def library(images: Tensor, weight: Tensor) -> Tensor:
    """Convolve with PyTorch's operator."""
    return functional.conv2d(images[:, None], weight[None, None])[:, 0]


def seconds(convolve: Callable[[Tensor, Tensor], Tensor], times: int, *data: Tensor) -> float:
    """Time one call, as the mean of several in a row."""
    start = time.perf_counter()
    for _ in range(times):
        convolve(*data)
    return (time.perf_counter() - start) / times


def main() -> int:
    """Measure, print both ratios, and return the exit code."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print((__doc__ or "").strip())
        return 0
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, weight = torch.rand(64, 28, 28), torch.randn(3, 3)
    for other in (quadruple_loop, library):
        torch.testing.assert_close(convolve_images(images, weight), other(images, weight))
    speedups, slowdowns = [], []
    for _ in range(ROUNDS):
        ours = seconds(convolve_images, 100, images, weight)
        speedups.append(seconds(quadruple_loop, 1, images, weight) / ours)
        slowdowns.append(ours / seconds(library, 100, images, weight))
    speedup, slowdown = statistics.median(speedups), statistics.median(slowdowns)
    print(f"Convolve is {speedup:.0f} times as fast as the quadruple loop (target: 50 or more)")
    print(f"Convolve takes {slowdown:.1f} times as long as conv2d (target: 10 or less)")
    return 0 if speedup >= LEAST_SPEEDUP and slowdown <= MOST_SLOWDOWN else 1


if __name__ == "__main__":
    sys.exit(main())
