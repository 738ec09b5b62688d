from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from grading.worker.looking import mixing_weights, watching

Forward = Callable[["Block", Tensor], Tensor]


class Block(nn.Module):
    """Attention whose last step is given."""

    def __init__(self, size: int, last: Forward | None = None) -> None:
        super().__init__()
        self.q_layer, self.k_layer, self.v_layer = (nn.Linear(size, size) for _ in range(3))
        self.last = last or (lambda block, x: block.weights(x) @ block.v_layer(x))

    def weights(self, x: Tensor) -> Tensor:
        scores = self.q_layer(x) @ self.k_layer(x).mT / math.sqrt(x.shape[-1])
        hidden = torch.ones(x.shape[1], x.shape[1]).triu(1) == 1
        return scores.masked_fill(hidden, -math.inf).softmax(-1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self, x)


@pytest.mark.parametrize(
    ("steps", "size"),
    [
        pytest.param(2, 3, id="short"),
        pytest.param(7, 7, id="square"),
        pytest.param(7, 3, id="longer-than-wide"),
    ],
)
def test_the_weights_of_a_block_are_seen_whatever_it_calls_them(steps: int, size: int) -> None:
    block, inputs = Block(size), torch.randn(5, steps, size)
    seen = mixing_weights(block, block.v_layer, inputs)["weights"]
    assert torch.allclose(seen, block.weights(inputs), atol=1e-6)
    assert not block.v_layer._forward_hooks


def fails_on_known_values(block: Block, x: Tensor) -> Tensor:
    values: Tensor = block.v_layer(x)
    if not values.any():
        raise ValueError("no values")
    return values


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(lambda block, x: x + block.weights(x) @ block.v_layer(x), id="adds-input"),
        pytest.param(lambda block, x: x.cumsum(1), id="no-values"),
        pytest.param(lambda block, x: block.v_layer(x) + block.v_layer(x), id="values-twice"),
        pytest.param(lambda block, x: None, id="nothing-returned"),
        pytest.param(lambda block, x: block.v_layer(x)[0], id="another-shape"),
        pytest.param(fails_on_known_values, id="raises"),
    ],
)
def test_where_weights_cannot_be_told_none_are(last: Forward) -> None:
    block = Block(3, last)
    assert mixing_weights(block, block.v_layer, torch.randn(2, 5, 3)) == {}


def test_watching_keeps_the_first_call_and_leaves_no_hook_behind() -> None:
    layer, first = nn.Linear(3, 3), torch.randn(2, 3)
    with watching({"layer": layer}) as seen:
        output = layer(first)
        expected = output.detach().clone()
        output.data.zero_()  # what a student does afterwards changes nothing that was seen
        layer(torch.randn(2, 3))
    assert torch.equal(seen["layer.in"], first)
    assert torch.equal(seen["layer.out"], expected)
    assert not layer._forward_hooks


def test_watching_keeps_plain_tensors_only() -> None:
    odd = nn.Identity()
    with watching({"odd": odd, "unused": nn.Identity()}) as seen:
        odd("a word")
    assert seen == {}
