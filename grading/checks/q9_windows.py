"""Checks of q9, convolution in three ways and its sizes (Dumoulin and Visin, 2016): for practice.

Shapes: `H`, `W` height and width of an image, `K`, `L` those of a kernel.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import number_of, returned

CASES = 20


@check("q9.sizes", points=0)
class HowManyPlaces(Check):
    """The size of the output follows from input, kernel, stride and padding."""

    def ask(self, draw: Draw) -> Tensors:
        """Cases as rows of size, kernel, stride, padding."""
        kernel = draw.integers(CASES, low=1, high=6)
        size = kernel + draw.integers(CASES, low=0, high=20)
        stride = draw.integers(CASES, low=1, high=4)
        padding = draw.integers(CASES, low=0, high=3)
        first = torch.tensor([[6, 3, 1, 0], [22, 4, 2, 0], [5, 2, 2, 1]])
        return {"cases": torch.cat([first, torch.stack([size, kernel, stride, padding], 1)])}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The size of each."""
        sizes = [
            number_of(student.models.output_size(n, k, stride=s, padding=p), "output_size")
            for n, k, s, p in asked["cases"].tolist()
        ]
        return {"sizes": torch.stack(sizes)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Places counted by laying the kernel down again and again."""
        cases = asked["cases"].tolist()
        want = [len(range(0, n + 2 * p - k + 1, s)) for n, k, s, p in cases]
        n, k, s, p = asked["cases"].double().unbind(1)
        expect_close(
            got=answer_named(answered, "sizes"),
            want=torch.tensor(want).double(),
            tolerance=0.0,
            what="the size, by case",
            tried="sizes, kernels, strides and paddings of many kinds",
            hint="How far can the kernel move before it leaves the padded input?",
            mistakes=[
                Mistake(
                    "the first place is not counted",
                    torch.tensor(want).double() - 1,
                    "How many places has a kernel as large as the input?",
                ),
                Mistake(
                    "padding on one side only",
                    (n + p - k).div(s, rounding_mode="floor") + 1,
                    "On how many sides are zeros added?",
                ),
            ],
        )


@check("q9.parameters", points=0)
class HowManyNumbers(Check):
    """The parameters of a layer are counted with and without sharing, with and without bias."""

    def ask(self, draw: Draw) -> Tensors:
        """Cases as rows of channels, kernel height and width, filters, bias, places."""
        numbers = draw.integers(CASES, 4, low=1, high=7)
        others = torch.stack(
            [draw.integers(CASES, low=0, high=2), draw.integers(CASES, low=1, high=50)], 1
        )
        return {"cases": torch.cat([numbers, others], 1)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The number for each."""
        counts = [
            number_of(
                student.models.parameter_count(c, (k, m), f, bias=bool(b), places=p),
                "parameter_count",
            )
            for c, k, m, f, b, p in asked["cases"].tolist()
        ]
        return {"counts": torch.stack(counts)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """A filter's numbers, times filters, times places."""
        c, k, m, f, b, p = asked["cases"].double().unbind(1)
        expect_close(
            got=answer_named(answered, "counts"),
            want=(c * k * m + b) * f * p,
            tolerance=0.0,
            what="the number of parameters, by case",
            tried="layers of many kinds",
            hint="How many numbers does one filter hold, at one place?",
            mistakes=[
                Mistake(
                    "the channels are forgotten",
                    (k * m + b) * f * p,
                    "Through how many channels does one filter look?",
                ),
                Mistake(
                    "a single bias for all filters",
                    c * k * m * f * p + b,
                    "Do two filters share their bias?",
                ),
            ],
        )


@check("q9.convolutions", points=0)
class LoopsAndWindows(Check):
    """Loops and a view by strides convolve alike, whatever the sizes and the stride."""

    def ask(self, draw: Draw) -> Tensors:
        """An image, a smaller kernel, and two strides."""
        height, width = draw.sizes(H=7, W=7, low=7, high=13)
        rows, columns = draw.sizes(K=2, L=2, high=5)
        return {"image": draw.normal(height, width), "kernel": draw.normal(rows, columns)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Both ways, with strides 1 and 2."""
        loops, strided = student.models.convolve_loops, student.models.convolve_strided
        image, kernel = asked["image"], asked["kernel"]
        return {
            "loops1": returned(loops(image, kernel, stride=1), "convolve_loops"),
            "loops2": returned(loops(image, kernel, stride=2), "convolve_loops"),
            "strided1": returned(strided(image, kernel, stride=1), "convolve_strided"),
            "strided2": returned(strided(image, kernel, stride=2), "convolve_strided"),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As PyTorch's own operator, in float64."""
        image, kernel = asked["image"].double()[None, None], asked["kernel"].double()[None, None]
        for way in ("loops", "strided"):
            for stride in (1, 2):
                want, largest, flipped = (
                    functional.conv2d(i, k, stride=stride)[0, 0]
                    for i, k in (
                        (image, kernel),
                        (image.abs(), kernel.abs()),
                        (image, kernel.flip(2, 3)),
                    )
                )
                expect_close(
                    got=answer_named(answered, f"{way}{stride}"),
                    want=want,
                    tolerance=rounding(kernel.numel() + 1, largest),
                    what=f"convolve_{way} with stride {stride}",
                    tried="a random image and kernel, neither of them square",
                    hint="At place [r, c], which entry of the image meets kernel entry [i, j]?",
                    mistakes=[
                        Mistake(
                            "the kernel is turned around",
                            flipped,
                            "Does the kernel's first entry meet the window's first?",
                        )
                    ],
                )


@check("q9.toeplitz", points=0)
class OneMatrix(Check):
    """A matrix of the kernel's entries convolves a signal; it is right entry by entry."""

    def ask(self, draw: Draw) -> Tensors:
        """A signal and a shorter kernel."""
        (length,) = draw.sizes(N=5, low=7, high=19)
        (size,) = draw.sizes(K=2, high=5)
        return {"signal": draw.normal(length), "kernel": draw.normal(size)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The matrix and the convolution."""
        signal, kernel = asked["signal"], asked["kernel"]
        return {
            "matrix": returned(
                student.models.toeplitz_matrix(kernel, len(signal)), "toeplitz_matrix"
            ),
            "output": returned(
                student.models.convolve_toeplitz(signal, kernel), "convolve_toeplitz"
            ),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Row by row."""
        signal, kernel = asked["signal"].double(), asked["kernel"].double()
        places = len(signal) - len(kernel) + 1
        want = torch.zeros(places, len(signal), dtype=torch.float64)
        for place in range(places):
            want[place, place : place + len(kernel)] = kernel
        flipped = want.flip(0, 1)
        expect_close(
            got=answer_named(answered, "matrix"),
            want=want,
            tolerance=rounding(1, 1 + kernel.abs().max()),
            what="the matrix",
            tried=f"a kernel of {len(kernel)} and a signal of {len(signal)}",
            hint="Row t computes output t: which entries of the signal take part in it?",
            mistakes=[
                Mistake(
                    "the kernel is turned around",
                    flipped,
                    "Does the kernel's first entry meet the window's first?",
                ),
                Mistake(
                    "the matrix is transposed",
                    want.T,
                    "How many rows has a matrix with that output?",
                ),
            ],
        )
        expect_close(
            got=answer_named(answered, "output"),
            want=want @ signal,
            tolerance=rounding(len(kernel) + 1, want.abs() @ signal.abs() + 1),
            what="the convolution",
            tried=f"a kernel of {len(kernel)} and a signal of {len(signal)}",
            hint="What is multiplied by the matrix?",
        )
