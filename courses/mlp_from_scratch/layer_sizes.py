"""How many parameters a network has, worked out layer by layer (3.5 ii and iv).

A linear layer has a weight for every pair of an input and an output, and a bias for every output. A
convolution has the weights of its kernels, wherever they are applied, and a bias for every kernel.
Max-pooling has nothing to learn.

Shapes: `C` channels, `H` height, `W` width.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from torch import nn

from models import DeeperFashionCNN, FashionCNN, FashionMLP

Shape = tuple[int, ...]
IMAGE: Shape = (1, 28, 28)  # (C, H, W)


@dataclass(frozen=True)
class Layer:
    """One layer of a network.

    Attributes:
        name: what it does, in words.
        output: the shape of what comes out, for one image.
        sum: how its parameters are counted.
        parameters: how many there are.
    """

    name: str
    output: Shape
    sum: str
    parameters: int


def linear(inputs: Shape, outputs: int) -> Layer:
    """Count a linear layer that reads everything."""
    size = prod(inputs)
    return Layer(
        f"linear, {size} to {outputs}",
        (outputs,),
        f"{size} x {outputs} + {outputs}",
        size * outputs + outputs,
    )


def convolution(inputs: Shape, kernels: int, side: int) -> Layer:
    """Count a convolution of step 1 without padding."""
    channels, height, width = inputs
    return Layer(
        f"{kernels} kernels of {side}x{side}",
        (kernels, height - side + 1, width - side + 1),
        f"{kernels} x ({channels} x {side} x {side}) + {kernels}",
        kernels * channels * side * side + kernels,
    )


def pooling(inputs: Shape, side: int) -> Layer:
    """Count a max-pooling over squares that do not overlap; a row too many is left out."""
    channels, height, width = inputs
    name = f"max-pooling {side}x{side}"
    return Layer(name, (channels, height // side, width // side), "0", 0)


def mlp() -> list[Layer]:
    """The layers of the two-layer MLP."""
    hidden = linear(IMAGE, 128)
    return [hidden, linear(hidden.output, 10)]


def cnn() -> list[Layer]:
    """The layers of the two-layer CNN."""
    patterns = convolution(IMAGE, 64, 7)
    pooled = pooling(patterns.output, 2)
    return [patterns, pooled, linear(pooled.output, 10)]


def deeper_cnn() -> list[Layer]:
    """The layers of the three-layer CNN."""
    patterns, pooled, _ = cnn()
    combinations = convolution(pooled.output, 128, 2)
    pooled_again = pooling(combinations.output, 2)
    return [patterns, pooled, combinations, pooled_again, linear(pooled_again.output, 10)]


# The homework's networks by name, in its order: the layers worked out, and the model.
NETWORKS: dict[str, tuple[list[Layer], type[nn.Module]]] = {
    "two-layer MLP": (mlp(), FashionMLP),
    "two-layer CNN": (cnn(), FashionCNN),
    "three-layer CNN": (deeper_cnn(), DeeperFashionCNN),
}


def worked_out(name: str) -> int:
    """Count a network's parameters from its layers and compare with the model itself.

    Raises:
        RuntimeError: when they differ, so that no wrong number is printed.
    """
    layers, model = NETWORKS[name]
    count = sum(layer.parameters for layer in layers)
    actual = sum(parameter.numel() for parameter in model().parameters())
    if count != actual:
        raise RuntimeError(f"{name}: worked out {count} parameters, but the model has {actual}")
    return count
