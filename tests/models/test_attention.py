import math

import pytest
import torch
from torch.nn import functional

from models import AttentionBlock


@pytest.fixture
def block():
    return AttentionBlock(layer_size=11, block_size=7)


def test_its_parts_have_the_names_and_sizes_of_the_homework(block):
    assert block.layer_size == 11
    for layer in (block.k_layer, block.q_layer, block.v_layer):
        assert layer.weight.shape == (11, 11)
        assert layer.bias.shape == (11,)
    assert torch.equal(block.mask, torch.ones(7, 7).tril().reshape(1, 1, 7, 7))
    assert "mask" in dict(block.named_buffers())


@pytest.mark.parametrize("time", [pytest.param(t, id=f"T{t}") for t in (1, 5, 7)])
def test_shapes_are_the_documented_ones_also_for_short_sequences(block, time):
    x = torch.randn(3, time, 11)
    assert block(x).shape == (3, time, 11)
    assert block.attention_weights(x).shape == (3, time, time)


@pytest.mark.parametrize("time", [pytest.param(t, id=f"T{t}") for t in (1, 5, 7)])
def test_it_agrees_with_the_library(block, time):
    block, x = block.double(), torch.randn(3, time, 11, dtype=torch.float64)
    expected = functional.scaled_dot_product_attention(
        block.q_layer(x), block.k_layer(x), block.v_layer(x), is_causal=True
    )
    torch.testing.assert_close(block(x), expected)


def test_rows_of_weights_sum_to_one_and_never_look_ahead(block):
    weights = block.attention_weights(torch.randn(3, 6, 11))
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(3, 6))
    assert not weights.triu(diagonal=1).any()


def test_later_positions_do_not_change_earlier_ones(block):
    x = torch.randn(2, 7, 11)
    changed = x.clone()
    changed[:, 4:] = torch.randn(2, 3, 11)
    torch.testing.assert_close(block(changed)[:, :4], block(x)[:, :4])
    assert not torch.allclose(block(changed)[:, 4:], block(x)[:, 4:])


def test_no_gradient_flows_from_a_position_to_a_later_one(block):
    x = torch.randn(1, 7, 11, requires_grad=True)
    block(x)[0, 3].sum().backward()
    assert x.grad[0, :4].abs().sum(dim=1).gt(0).all()
    assert not x.grad[0, 4:].any()


def test_scores_are_divided_by_the_root_of_the_layer_size():
    block = AttentionBlock(layer_size=4, block_size=2)
    with torch.no_grad():
        for layer in (block.k_layer, block.q_layer, block.v_layer):
            layer.weight.copy_(torch.eye(4))
            layer.bias.zero_()
    x = torch.eye(4)[None, :2]
    # The second query meets its own key with a dot product of 1 and the first key with 0.
    own = math.exp(1 / 2) / (math.exp(1 / 2) + 1)
    torch.testing.assert_close(block(x)[0, 1, :2], torch.tensor([1 - own, own]))
