"""The recurrent network and its attention in float32, in several orders of operations.

Shapes: `B` sequences, `T` steps, `I` input width, `H` hidden width.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Tensors = dict[str, Tensor]
Mixer = Callable[[Tensor, Tensor, Tensor], Tensor]
Activation = Callable[[Tensor], Tensor]

LAYERS = ("query_transform", "key_transform", "value_transform")


def part(asked: Tensors, name: str) -> Tensors:
    return {k.removeprefix(f"{name}."): v for k, v in asked.items() if k.startswith(f"{name}.")}


def layer(weights: Tensors, name: str, x: Tensor) -> Tensor:
    return functional.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])


def apart(weights: Tensors, x: Tensor, state: Tensor, activate: Activation) -> Tensor:
    return activate(layer(weights, "i2h", x) + layer(weights, "h2h", state))


def joined(weights: Tensors, x: Tensor, state: Tensor, activate: Activation) -> Tensor:
    both = torch.cat([weights["h2h.weight"], weights["i2h.weight"]], 1)
    return activate(torch.cat([state, x], 1) @ both.T + (weights["h2h.bias"] + weights["i2h.bias"]))


def by_library(weights: Tensors, x: Tensor, state: Tensor, activate: Activation) -> Tensor:
    bias = weights["i2h.bias"], weights["h2h.bias"]
    cell = torch.rnn_relu_cell if activate is torch.relu else torch.rnn_tanh_cell
    return cell(x, state, weights["i2h.weight"], weights["h2h.weight"], *bias)


CELLS = [apart, joined, by_library]
ACTIVATIONS: list[Activation] = [torch.relu, torch.tanh]


def network(asked: Tensors, inputs: Tensor, way: int) -> tuple[Tensor, Tensor]:
    """States and outputs of (B, T, I) inputs, in float32."""
    weights, activate = part(asked, "cell"), ACTIVATIONS[way % 2]
    state, states = torch.zeros(len(inputs), len(asked["out.bias"])), []
    for x in inputs.unbind(1):
        state = CELLS[way % 3](weights, x, state, activate)
        states.append(state)
    hidden = torch.stack(states, 1)
    if way % 5:
        return hidden, layer(asked, "out", hidden)
    return hidden, torch.stack([layer(asked, "out", each) for each in states], 1)


def in_order(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return masked(queries @ keys.mT / math.sqrt(keys.shape[-1])).softmax(-1) @ values


def scaled_first(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = (queries * keys.shape[-1] ** -0.5) @ keys.mT
    return masked(scores).softmax(-1) @ values


def normalised_last(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = torch.einsum("btc,bsc->bts", queries, keys) / keys.shape[-1] ** 0.5
    powers = masked(scores).exp()
    return torch.einsum("bts,bsc->btc", powers, values) / powers.sum(-1, keepdim=True)


def one_by_one(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    found = []
    for end in range(1, queries.shape[1] + 1):
        scores = (keys[:, :end] * queries[:, end - 1 : end]).sum(-1) / math.sqrt(keys.shape[-1])
        found.append((scores.softmax(-1)[:, :, None] * values[:, :end]).sum(1))
    return torch.stack(found, 1)


def by_operator(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)


def masked(scores: Tensor) -> Tensor:
    return scores.masked_fill(torch.ones(scores.shape[-2:]).tril() == 0, -math.inf)


MIXERS: list[Mixer] = [in_order, scaled_first, normalised_last, one_by_one, by_operator]


def attention(weights: Tensors, y_all: Tensor, mix: Mixer) -> Tensor:
    mixture = mix(*(layer(weights, name, y_all) for name in LAYERS))
    return layer(weights, "output_transform", mixture)
