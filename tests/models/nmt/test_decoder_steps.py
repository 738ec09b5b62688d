import torch

from models.nmt import decoder_steps
from models.nmt.decoder_steps import decode_packed

B, S, H, T = 4, 9, 16, 5
TINY = torch.finfo(torch.float32).tiny


def gradients_of_a_sure_attention():
    """The gradients of all inputs where the scores of a sentence's words lie hundreds apart."""
    torch.manual_seed(0)
    keys = torch.randn(B, S, H) * 120
    words, values, hidden, cell = (
        torch.randn(*shape) for shape in ((B * T, 4 * H), (B, S, H), (B, H), (B, H))
    )
    recurrent, output = torch.randn(4 * H, 2 * H) / H, torch.randn(H, H) / H
    inputs = [words, keys, values, hidden, cell, recurrent, output]
    for tensor in inputs:
        tensor.requires_grad_()
    padding = torch.zeros(B, S, dtype=torch.bool)
    outputs = decode_packed(
        words, [B] * T, keys, values, padding, (hidden, cell), recurrent, output, None
    )
    (outputs * torch.randn_like(outputs)).sum().backward()
    return [tensor.grad for tensor in inputs]


def subnormal(tensors):
    return sum(int(((it != 0) & (it.abs() < TINY)).sum()) for it in tensors)


def test_attention_that_is_sure_leaves_no_subnormal_gradient(monkeypatch):
    ours = gradients_of_a_sure_attention()
    assert subnormal(ours) == 0
    monkeypatch.setattr(decoder_steps, "SMALLEST_CHANCE", 0.0)
    every_chance = gradients_of_a_sure_attention()
    assert subnormal(every_chance) > 0
    for ours_one, other in zip(ours, every_chance, strict=True):
        torch.testing.assert_close(ours_one, other, rtol=1e-6, atol=1e-18)
