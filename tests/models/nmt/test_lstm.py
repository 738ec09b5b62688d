import random

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from models.nmt.lstm import read_packed


@pytest.mark.parametrize(
    "lengths",
    [
        pytest.param([1], id="one-word"),
        pytest.param([4], id="one-sentence"),
        pytest.param([5, 5, 3, 1], id="some"),
        pytest.param(sorted(random.Random(1).choices(range(1, 9), k=12), reverse=True), id="many"),
    ],
)
def test_reading_is_what_pytorchs_lstm_does_with_its_gradient(lengths):
    reader = nn.LSTM(3, 5).double()
    packed = pack_padded_sequence(torch.randn(max(lengths), len(lengths), 3).double(), lengths)
    read, (last_hidden, last_cell) = reader(packed)
    weights = reader.weight_hh_l0, reader.weight_ih_l0
    wanted = [read.data, last_hidden[0], last_cell[0]]
    gates = packed.data @ reader.weight_ih_l0.T + reader.bias_ih_l0 + reader.bias_hh_l0
    # The same sentences in two directions, the second with other weights.
    other = reader.weight_hh_l0.detach() * -2
    ours = read_packed(
        torch.stack([gates, gates.detach()]),
        packed.batch_sizes.tolist(),
        torch.stack([reader.weight_hh_l0, other]),
    )
    words, sentences = sum(lengths), len(lengths)
    assert [part.shape for part in ours] == [(2, words, 5), (2, sentences, 5), (2, sentences, 5)]
    upstream = [torch.randn_like(part) for part in wanted]
    for got, want in zip(ours, wanted, strict=True):
        torch.testing.assert_close(got[0], want, rtol=0, atol=1e-12)
    grads = [
        torch.autograd.grad(
            sum((part * up).sum() for part, up in zip(parts, upstream, strict=True)), weights
        )
        for parts in (wanted, [part[0] for part in ours])
    ]
    for want, got in zip(*grads, strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=1e-11)


def test_the_gradient_is_that_of_finite_differences():
    gates = torch.randn(2, 6, 8, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 8, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda *given: read_packed(given[0], [3, 2, 1], given[1]), (gates, weight)
    )
