"""The recurrent network in float64, by PyTorch's own operator, and the weights that checks draw.

Shapes: `B` sequences, `T` steps, `I` input width, `H` hidden width.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from grading.compare import expect, rounding, shape_answered
from grading.draw import Draw
from grading.frames import Tensors

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}
NAMES = {"relu": "ReLU", "tanh": "tanh"}


def drawn_linear(draw: Draw, name: str, into: int, out: int, scale: float = 1.0) -> Tensors:
    """Random weights of a linear layer, under which inputs of size 1 give outputs of `scale`."""
    return {
        f"{name}.weight": draw.normal(out, into, scale=scale * into**-0.5),
        f"{name}.bias": draw.normal(out, scale=scale),
    }


def drawn_cell(draw: Draw, inputs: int, hidden: int, scale: float | None = None) -> Tensors:
    """Random weights of a cell.

    Args:
        draw: draws them.
        inputs: I.
        hidden: H.
        scale: of what a state becomes; unless it is given, so small that neither states nor
            their rounding grow on the way through many steps: no row of `h2h` has sizes that
            sum to more than 1.
    """
    read, kept = (
        drawn_linear(draw, name, width, hidden)
        for name, width in (("i2h", inputs), ("h2h", hidden))
    )
    size = kept["h2h.weight"].abs().sum(1).max()
    kept["h2h.weight"] = kept["h2h.weight"] * (1 / size if scale is None else scale)
    return read | kept


def put_below(name: str, weights: Tensors) -> Tensors:
    """The same weights as those of a part called `name`."""
    return {f"{name}.{each}": tensor for each, tensor in weights.items()}


def part_of(weights: Tensors, name: str) -> Tensors:
    """The weights of the part called `name`, by their names within it, in float64."""
    head = f"{name}." if name else ""
    return {
        each.removeprefix(head): tensor.double()
        for each, tensor in weights.items()
        if each.startswith(head) and "." in each
    }


def linear(weights: Tensors, name: str, x: Tensor) -> Tensor:
    """What a linear layer makes of `x`, in float64."""
    return x.double() @ weights[f"{name}.weight"].double().T + weights[f"{name}.bias"].double()


def linear_size(weights: Tensors, name: str, x: Tensor) -> Tensor:
    """The same with absolute values throughout: how large the terms of the sums are."""
    sizes = {each: tensor.abs() for each, tensor in weights.items() if each.startswith(f"{name}.")}
    return linear(sizes, name, x.abs())


class RecurrentYardstick:
    """The network in float64.

    Args:
        weights: by their names in the homework's RNN, ``cell.i2h.weight`` and so on.
        kind: the activation, ``relu`` or ``tanh``.
    """

    def __init__(self, weights: Tensors, kind: str) -> None:
        self.weights = weights
        wide = weights["cell.i2h.weight"]
        self.terms = wide.shape[1] + wide.shape[0] + 4
        self.network = nn.RNN(
            wide.shape[1], wide.shape[0], nonlinearity=kind, batch_first=True, dtype=torch.float64
        )
        ours = {"weight_ih": "i2h.weight", "bias_ih": "i2h.bias"}
        ours |= {"weight_hh": "h2h.weight", "bias_hh": "h2h.bias"}
        self.network.load_state_dict(
            {f"{name}_l0": weights[f"cell.{ours[name]}"].double() for name in ours}
        )

    @torch.no_grad()
    def read(self, sequence: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The states and outputs after each input.

        Args:
            sequence: (B, T, I).
            state: the one before the first input, (B, H); zeros if not given.
        """
        states, _ = self.network(sequence.double(), None if state is None else state.double()[None])
        return states, self.out(states)

    def out(self, hidden: Tensor) -> Tensor:
        """The outputs for some states."""
        return linear(self.weights, "out", hidden)

    def tolerances(self, sequence: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """What rounding may do to the states and outputs of `read`.

        Both activations keep a difference or make it smaller, so that sizes bound the rounding.
        """
        size = torch.zeros(()) if state is None else state.double().abs()
        found: list[Tensor] = []
        for each in sequence.unbind(1):
            hidden = self.weights["cell.h2h.weight"].double().abs()
            size = linear_size(self.weights, "cell.i2h", each) + (
                self.weights["cell.h2h.bias"].double().abs()
                + (size @ hidden.T if size.ndim else 0.0)
            )
            found.append(size)
        sizes = torch.stack(found, 1)  # (B, T, H)
        steps = torch.arange(1, sizes.shape[1] + 1)[:, None]
        outputs = linear_size(self.weights, "out", sizes * (1 + steps * self.terms))
        return rounding(self.terms, sizes * steps), rounding(1, outputs)


def activation_of(got: Tensor, before: Tensor) -> str:
    """Which of the two activations made `got` of `before`: the closer one."""
    if got.shape != before.shape:
        return "relu"
    off = {name: float((got.double() - f(before)).abs().max()) for name, f in ACTIVATIONS.items()}
    return "tanh" if off["tanh"] < off["relu"] else "relu"


def expect_parameters(
    answered: Tensors, shapes: Mapping[str, tuple[int, ...]], *, tried: str
) -> None:
    """Require that a student's module has these parameters.

    Args:
        answered: the shape of each parameter that is there, as numbers, by its name.
        shapes: what they must be.
        tried: the feedback's first field.

    Raises:
        Wrong: naming the first one that is missing or has another shape.
    """
    for name, shape in shapes.items():
        got = tuple(shape_answered(answered, name).shape) if name in answered else None
        layer = name.rpartition(".")[0]
        expect(
            got == shape,
            tried=tried,
            expected=f"{name} of shape {shape}",
            got="no such parameter" if got is None else f"shape {got}",
            hint=f"What does {layer} map to what, and is it made in the constructor, with a bias?",
        )


def linear_shapes(name: str, into: int, out: int) -> dict[str, tuple[int, ...]]:
    """The shapes of a linear layer's two parameters."""
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}
