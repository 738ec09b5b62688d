"""Checks of q5: convolution by hand (Goodfellow et al., 2016, equation 9.6).

Shapes: `H` rows and `W` columns of the input, `R` rows and `S` columns of the kernel.
"""

from __future__ import annotations

from typing import Any

import torch

from grading.checks._convolution_yardstick import convolve, magnitude, slips, wrong_sizes
from grading.claims import Check, check
from grading.compare import expect, expect_close, expect_shape, rounding, shape_answered
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import gradients_of, needs_gradient, returned, shape_of


def _drawn_sizes(draw: Draw) -> tuple[list[int], list[int]]:
    """Rows and columns of an input, and of a smaller kernel; all of them different."""
    input_ = draw.sizes(rows=3, columns=4, low=11)
    return input_, draw.sizes(kernel_rows=1, kernel_columns=2, high=7)


@check("q5.shape", points=0)
class OneEntryForEveryPlace(Check):
    """Convolve gives one entry for every place where the whole kernel fits into the input."""

    def ask(self, draw: Draw) -> Tensors:
        """Rectangles of pairwise different sizes."""
        input_, kernel = _drawn_sizes(draw)
        return {"input": draw.normal(*input_), "weight": draw.normal(*kernel)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The output's shape."""
        output = student.models.Convolve(asked["input"], asked["weight"])
        return {"shape": shape_of(output, "Convolve")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """It is the size of a valid convolution."""
        size, kernel = tuple(asked["input"].shape), tuple(asked["weight"].shape)
        expect_shape(
            shape_answered(answered, "shape"),
            tuple(n - k + 1 for n, k in zip(size, kernel, strict=True)),
            what="the output",
            tried=f"an input of shape {size} with a kernel of shape {kernel}",
            hint="At how many places along each axis does the whole kernel fit?",
            mistakes=wrong_sizes(size, kernel),
        )


@check("q5.example", points=0, after="q5.shape")
class SmallExample(Check):
    """Convolve is right on an example that is small enough to work out on paper."""

    def ask(self, draw: Draw) -> Tensors:
        """Small whole numbers."""
        return {
            "input": draw.integers(3, 4, low=0, high=10).float(),
            "weight": (1 + draw.shuffled(9)[:4]).reshape(2, 2).float(),  # all different
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The output."""
        return {
            "output": returned(student.models.Convolve(asked["input"], asked["weight"]), "Convolve")
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every entry agrees."""
        input_, weight = asked["input"], asked["weight"]
        shown = [tensor.int().tolist() for tensor in (input_, weight)]
        expect_close(
            got=answered["output"],
            want=convolve(input_, weight),
            tolerance=rounding(weight.numel(), magnitude(input_, weight)),
            what="the output",
            tried=f"the input {shown[0]}\nwith the kernel {shown[1]}",
            hint="Lay the kernel over the input's top left corner: which products are summed?",
            mistakes=slips(input_, weight),
        )


@check("q5.values", points=1, after="q5.shape")
class SumsOfProducts(Check):
    """Each entry is the sum of the products of the kernel and the part of the input under it."""

    def ask(self, draw: Draw) -> Tensors:
        """Rectangles of pairwise different sizes, and a kernel as large as the input."""
        input_, kernel = _drawn_sizes(draw)
        return {
            "input": draw.normal(*input_),
            "weight": draw.normal(*kernel),
            "same": draw.normal(*kernel),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Both outputs."""
        weight, convolve = asked["weight"], student.models.Convolve
        return {
            "smaller": returned(convolve(asked["input"], weight), "Convolve"),
            "as_large": returned(convolve(asked["same"], weight), "Convolve"),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every entry agrees with float64."""
        weight = asked["weight"]
        for name, input_ in (("smaller", asked["input"]), ("as_large", asked["same"])):
            expect_close(
                got=answered[name],
                want=convolve(input_, weight),
                tolerance=rounding(weight.numel(), magnitude(input_, weight)),
                what="the output",
                tried=f"a random input {tuple(input_.shape)} and kernel {tuple(weight.shape)}",
                hint="Which part of the input lies under the kernel for the entry at (0, 1)?",
                mistakes=slips(input_, weight),
            )


@check("q5.gradient", points=0, after="q5.shape")
class GradientsFlow(Check):
    """A gradient flows through Convolve to the input and to the kernel, so both can be learned."""

    def ask(self, draw: Draw) -> Tensors:
        """A case, and how much each output entry counts."""
        (rows, columns), (high, wide) = _drawn_sizes(draw)
        return {
            "input": draw.normal(rows, columns),
            "weight": draw.normal(high, wide),
            "counts": draw.normal(rows - high + 1, columns - wide + 1),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradients of the weighted sum of the output."""
        with needs_gradient(asked["input"], asked["weight"]):
            output = student.models.Convolve(asked["input"], asked["weight"])
            total = (returned(output, "Convolve") * asked["counts"]).sum()
            to_input, to_weight = gradients_of(total, asked["input"], asked["weight"])
        return {"input": to_input, "weight": to_weight}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """No gradient is zero everywhere."""
        for name in ("input", "weight"):
            gradient = answered[name]
            expect(
                bool(torch.isfinite(gradient).all()) and bool((gradient != 0).any()),
                tried=f"the gradient of the output with respect to the {name}",
                expected="numbers other than zero",
                got="no gradient",
                hint="Is the output made of tensor operations on the arguments, without .item(), "
                ".detach(), .data or torch.tensor(...) on the way?",
                name="no gradient flows through Convolve",
            )
