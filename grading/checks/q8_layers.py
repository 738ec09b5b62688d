"""Checks of q8's linear layer: how it begins, its forward and its backward pass, in NumPy.

Inputs travel as float32 and are computed in float64, so that a solution in either is right.

Shapes: `N` examples, `D` inputs, `M` outputs; sizes are pairwise different primes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._mlp_yardstick import (
    affine,
    affine_gradients,
    affine_tolerances,
    drawn_layer,
    expect_untouched,
)
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import array_of, entry_of, np, tensor_of

SPREAD = 0.1


@check("q8.init", points=2)
class DrawnInOrder(Check):
    """A new linear layer draws W, then b, with spread 0.1, and has gradients of zero."""

    def ask(self, draw: Draw) -> Tensors:
        """Two sizes, and a seed for NumPy's generator."""
        self.sizes = draw.sizes(D=2, M=3)
        self.seed = draw.integer(0, 1 << 31)
        return {"sizes": torch.tensor(self.sizes), "seed": torch.tensor(self.seed)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The parameters and the gradients of a new layer."""
        inputs, outputs = asked["sizes"].tolist()
        np.random.seed(int(asked["seed"]))
        layer = student.neural_networks.linear_layer(inputs, outputs)
        return {
            f"{kind} {name}": entry_of(getattr(layer, kind, None), name, f"linear_layer.{kind}")
            for kind in ("params", "gradient")
            for name in ("W", "b")
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The same numbers as the examiner draws, and zeros."""
        inputs, outputs = self.sizes
        shapes = {"W": (inputs, outputs), "b": (1, outputs)}
        drawn, swapped = self._drawn("W", "b"), self._drawn("b", "W")
        tried = f"linear_layer({inputs}, {outputs}) right after np.random.seed({self.seed})"
        how = "What is np.random.normal's second argument?"
        for name, shape in shapes.items():
            zeros = torch.zeros(shape, dtype=torch.float64)
            expect_close(
                got=answer_named(answered, f"params {name}"),
                want=drawn[name],
                tolerance=rounding(2, drawn[name].abs()),
                what=f"params[{name!r}]",
                tried=tried,
                hint="Are both drawn by np.random.normal with mean 0 and spread 0.1, W first, and "
                "nothing else before or between?",
                mistakes=[
                    Mistake("b drawn before W", swapped[name], "Which of the two comes first?"),
                    Mistake("a standard deviation of 1", drawn[name] / SPREAD, how),
                    Mistake("the variance is 0.1, not the spread", drawn[name] / SPREAD**0.5, how),
                    Mistake("starts at zero", zeros, "Which numbers should it begin with?"),
                ],
            )
            expect_close(
                got=answer_named(answered, f"gradient {name}"),
                want=zeros,
                tolerance=0.0,
                what=f"gradient[{name!r}]",
                tried=tried,
                hint="What is a gradient before the first backward pass?",
            )

    def _drawn(self, *order: str) -> dict[str, Tensor]:
        """The examiner's own draws, in the given order."""
        inputs, outputs = self.sizes
        shapes = {"W": (inputs, outputs), "b": (1, outputs)}
        generator = np.random.RandomState(self.seed)
        draws = {name: generator.normal(0, SPREAD, shapes[name]) for name in order}
        return {name: torch.from_numpy(values) for name, values in draws.items()}


@check("q8.linear", points=2)
class AffineMap(Check):
    """linear_layer.forward maps every row of X by W and adds b."""

    def ask(self, draw: Draw) -> Tensors:
        """Random inputs and parameters."""
        count, inputs, outputs = draw.sizes(N=2, D=2, M=2)
        return {"X": draw.normal(count, inputs), **drawn_layer(draw, inputs, outputs)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The output, and X as it is afterwards."""
        X, W, b = (array_of(asked[name]) for name in ("X", "W", "b"))  # noqa: N806
        layer = student.neural_networks.linear_layer(*W.shape)
        layer.params["W"], layer.params["b"] = W, b
        output = tensor_of(layer.forward(X), "what linear_layer.forward returns")
        return {"output": output, "after": tensor_of(X, "X")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The affine map, with X left alone."""
        output, tolerance = affine(asked)
        x, weight, bias = (asked[name].double() for name in ("X", "W", "b"))
        tried = f"X of shape {tuple(x.shape)} through W of shape {tuple(weight.shape)}"
        think = "What is added to every row, and how often?"
        expect_close(
            got=answer_named(answered, "output"),
            want=output,
            tolerance=tolerance,
            what="the output",
            tried=tried,
            hint="Which axis of X meets which axis of W?",
            mistakes=[
                Mistake("the bias is missing", x @ weight, think),
                Mistake("the bias is taken away", x @ weight - bias, think),
            ],
        )
        expect_untouched(answered, x, "X", tried)


@check("q8.linear_gradients", points=2)
class AffineGradients(Check):
    """linear_layer.backward stores the gradients of W and b and returns that of X."""

    def ask(self, draw: Draw) -> Tensors:
        """Random inputs, parameters and incoming gradients, twice."""
        count, inputs, outputs = draw.sizes(N=2, D=2, M=2)
        return {
            "X": draw.normal(count, inputs),
            "grad": draw.normal(count, outputs),
            "X before": draw.normal(count, inputs),
            "grad before": draw.normal(count, outputs),
            **drawn_layer(draw, inputs, outputs),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """All three gradients of the second of two passes."""
        arrays = {name: array_of(tensor) for name, tensor in asked.items()}
        layer = student.neural_networks.linear_layer(*arrays["W"].shape)
        layer.params["W"], layer.params["b"] = arrays["W"], arrays["b"]
        returned = None
        for when in (" before", ""):
            layer.forward(arrays["X" + when].copy())  # some layers remember their input
            returned = layer.backward(arrays["X" + when], arrays["grad" + when])
        stored = {n: entry_of(layer.gradient, n, "linear_layer.gradient") for n in ("W", "b")}
        after = {f"{name} after": tensor_of(arrays[name], name) for name in ("X", "grad")}
        what = "what linear_layer.backward returns"
        return {**stored, **after, "X": tensor_of(returned, what)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Autograd's three gradients, of this pass alone."""
        want, tolerances = affine_gradients(asked), affine_tolerances(asked)
        tried = (
            f"backward with X of shape {tuple(asked['X'].shape)} and grad of shape "
            f"{tuple(asked['grad'].shape)}, after another pass"
        )
        hints = {
            "W": "Through which outputs does one entry of W reach the loss? Add these up.",
            "b": "b takes part in the output of every example. What happens to its gradients?",
            "X": "Through which outputs does one input reach the loss?",
        }
        for name in ("W", "b", "X"):
            expect_close(
                got=answer_named(answered, name),
                want=want[name],
                tolerance=tolerances[name],
                what=f"gradient[{name!r}]" if name != "X" else "the gradient for X",
                tried=tried,
                hint=hints[name],
                mistakes=_slips(asked, want, name),
            )
        for name in ("X", "grad"):
            expect_untouched(answered, asked[name].double(), name, tried)


def _slips(asked: Tensors, want: Tensors, name: str) -> list[Mistake]:
    """What usual slips store for W or b, or return for X."""
    count = len(asked["X"])
    before = affine_gradients(asked, "X before", "grad before")
    again = "The loss's gradient holds the mean over the batch already. What does it need more?"
    slips = [
        Mistake("divided by the number of examples twice", want[name] / count, again),
        Mistake(
            "the last pass is added up",
            want[name] + before[name],
            "What should be left of the pass before?",
        ),
    ]
    if name == "W":
        think = "Which shape does the gradient of a parameter have?"
        slips.append(Mistake("the gradient of W is transposed", want["W"].T, think))
    if name == "b":
        think = "How do the gradients of several examples become one for b?"
        summed = "the gradient of b is not summed over the examples"
        slips.append(Mistake(summed, asked["grad"].double(), think))
    return slips
