"""The two-layer network in float64, by closed forms and by torch's autograd.

Shapes: `N` examples, `D` inputs, `M` hidden units, `K` classes.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from grading.compare import answer_named, expect, rounding
from grading.draw import Draw
from grading.frames import Tensors

PARAMETERS = ("L1.W", "L1.b", "L2.W", "L2.b")


def drawn_layer(draw: Draw, inputs: int, outputs: int, name: str = "") -> Tensors:
    """Weights (D, M) and a bias (1, M), large enough to matter."""
    return {
        f"{name}W": draw.normal(inputs, outputs, scale=inputs**-0.5),
        f"{name}b": draw.normal(1, outputs),
    }


def affine(asked: Tensors) -> tuple[Tensor, Tensor]:
    """The affine map of X by W and b, (N, M), and what rounding may do to it."""
    x, weight, bias = (asked[name].double() for name in ("X", "W", "b"))
    magnitude = x.abs() @ weight.abs() + bias.abs()
    return x @ weight + bias, rounding(x.shape[1] + 2, magnitude)


def affine_gradients(asked: Tensors, x: str = "X", grad: str = "grad") -> Tensors:
    """The gradients with respect to W, b and X, from autograd."""
    leaves = {
        name: asked[key].double().requires_grad_() for name, key in (("W", "W"), ("b", "b"))
    } | {"X": asked[x].double().requires_grad_()}
    output = leaves["X"] @ leaves["W"] + leaves["b"]
    found = torch.autograd.grad(output, list(leaves.values()), asked[grad].double())
    return dict(zip(leaves, found, strict=True))


def affine_tolerances(asked: Tensors) -> Tensors:
    """What rounding may do to the gradients with respect to W, b and X."""
    sizes = affine_gradients({name: tensor.abs() for name, tensor in asked.items()})
    depth = sum(asked["W"].shape) + len(asked["X"]) + 2
    return {name: rounding(depth, size) for name, size in sizes.items()}


class NetworkYardstick:
    """The gradients of the mean cross-entropy, and the usual slips.

    Args:
        asked: `x` (N, D), `y` (N,) and the four parameters by their names, ``L1.W``.
    """

    def __init__(self, asked: Tensors) -> None:
        drawn = {name: asked[name].double().requires_grad_() for name in PARAMETERS}
        self.x, self.labels = asked["x"].double(), asked["y"]
        self.a1 = self.x @ drawn["L1.W"] + drawn["L1.b"]
        self.h1 = self.a1.relu()
        self.a2 = self.h1 @ drawn["L2.W"] + drawn["L2.b"]
        loss = functional.cross_entropy(self.a2, self.labels)
        found = torch.autograd.grad(loss, [self.a2, self.h1, self.a1, *drawn.values()])
        self.grad_a2, self.grad_h1, self.grad_a1 = found[:3]
        self.gradients = dict(zip(PARAMETERS, found[3:], strict=True))
        self.weight = drawn["L2.W"].detach()

    def tolerances(self) -> Tensors:
        """What rounding may do to each parameter's gradient."""
        # A probability is off by the rounding of its scores: their size counts as well.
        hidden = self.a1.detach().abs()  # not h1: a slip that forgets the activation rounds too
        scale = 1 + hidden @ self.weight.abs()
        grad_a2 = (1 / len(self.x)) * scale
        grad_a1 = grad_a2 @ self.weight.abs().T
        sizes = {
            "L1.W": self.x.abs().T @ grad_a1,
            "L1.b": grad_a1.sum(0, keepdim=True),
            "L2.W": hidden.T @ grad_a2,
            "L2.b": grad_a2.sum(0, keepdim=True),
        }
        depth = sum(self.x.shape) + sum(self.weight.shape) + 20
        return {name: rounding(depth, size) for name, size in sizes.items()}

    def slips(self) -> list[tuple[str, Tensors, str]]:
        """(name, the gradients that it changes, question)."""
        x, a1, off = self.x, self.a1.detach(), (self.a1 <= 0).detach()
        unmasked = self.grad_h1
        return [
            (
                "L2 gets a1 instead of h1",
                {"L2.W": a1.T @ self.grad_a2},
                "What did the second layer see on the way forward?",
            ),
            (
                "the activation is left out",
                {"L1.W": x.T @ unmasked, "L1.b": unmasked.sum(0, keepdim=True)},
                "Through which layer does the gradient go between L2 and L1?",
            ),
            (
                "the activation's mask is the wrong way round",
                {"L1.W": x.T @ (unmasked * off), "L1.b": (unmasked * off).sum(0, keepdim=True)},
                "For which inputs does the activation pass a gradient on?",
            ),
        ]


def expect_untouched(answered: Tensors, given: Tensor, name: str, tried: str) -> None:
    """What was handed in is what it was."""
    key = f"{name} after" if f"{name} after" in answered else "after"
    after = answer_named(answered, key)
    expect(
        after.shape == given.shape and torch.equal(after, given),
        tried=tried,
        expected=f"{name} as it was before the call",
        got=f"another {name}",
        hint=f"Which line writes into {name} itself? Whoever called still needs it.",
        name=f"{name} is changed by the call",
    )
