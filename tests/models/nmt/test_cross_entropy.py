import pytest
import torch
from torch.nn import functional

from models.nmt import cross_entropy
from models.nmt.cross_entropy import summed_cross_entropy


def draw(predictions=23, size=5, vocabulary=31, dtype=torch.float32):
    outputs = torch.randn(predictions, size, dtype=dtype, requires_grad=True)
    weight = torch.randn(vocabulary, size, dtype=dtype, requires_grad=True)
    return outputs, weight, torch.randint(vocabulary, (predictions,))


def plain(outputs, weight, words):
    return functional.cross_entropy(outputs @ weight.T, words, reduction="sum")


def results(loss, outputs, weight):
    return [loss.detach(), *torch.autograd.grad(loss * 0.3, (outputs, weight))]


@pytest.mark.parametrize("entries", [pytest.param(n, id=f"{n}") for n in (1, 31, 62, 300, 10**6)])
def test_chunks_of_any_size_give_the_plain_loss_and_gradients(entries):
    outputs, weight, words = draw(dtype=torch.float64)
    ours = results(summed_cross_entropy(outputs, weight, words, entries), outputs, weight)
    for got, want in zip(
        ours, results(plain(outputs, weight, words), outputs, weight), strict=True
    ):
        torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)


def test_the_gradient_is_that_of_finite_differences():
    outputs, weight, words = draw(4, 3, 6, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda *given: summed_cross_entropy(*given, words, 12), (outputs, weight)
    )


def test_float32_is_as_exact_as_the_plain_loss():
    outputs, weight, words = draw(301, 13, 997)
    exact = plain(outputs.double(), weight.double(), words)
    ours, usual = (function(outputs, weight, words) for function in (summed_cross_entropy, plain))
    assert ours.dtype == torch.float32
    assert abs(ours - exact) <= 4 * abs(usual - exact) + 1e-6 * exact


def test_a_word_beyond_all_chance_has_a_loss_all_the_same():
    outputs = torch.tensor([[1.0]], requires_grad=True)
    weight = torch.tensor([[500.0], [-500.0]], requires_grad=True)
    loss = summed_cross_entropy(outputs, weight, torch.tensor([1]))
    loss.backward()
    assert loss.item() == 1000
    assert outputs.grad.item() == 1000


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
def test_no_gradient_is_computed_where_gradients_are_off(monkeypatch, off):
    outputs, weight, words = draw()
    monkeypatch.setattr(cross_entropy, "_add_product", None)
    monkeypatch.setattr(torch, "empty_like", None)
    with off():
        loss = summed_cross_entropy(outputs, weight, words)
    torch.testing.assert_close(loss, plain(*(it.detach() for it in (outputs, weight)), words))


def test_only_the_gradients_asked_for_are_computed():
    outputs, weight, words = draw()
    fixed = weight.detach()
    summed_cross_entropy(outputs, fixed, words).backward()
    want = torch.autograd.grad(plain(outputs, fixed, words), outputs)[0]
    torch.testing.assert_close(outputs.grad, want)


def test_no_predictions_have_no_loss():
    outputs, weight, words = draw(predictions=0)
    loss = summed_cross_entropy(outputs, weight, words)
    loss.backward()
    assert loss.item() == 0
    assert not weight.grad.any()


def test_the_gradient_can_be_asked_for_twice():
    outputs, weight, words = draw()
    loss = summed_cross_entropy(outputs, weight, words)
    first = torch.autograd.grad(loss, weight, retain_graph=True)[0]
    assert torch.equal(torch.autograd.grad(loss, weight)[0], first)


def kept_bytes(make):
    """What autograd keeps between the loss and its gradient, every storage once."""
    storages = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = make()
    return sum(storages.values()), loss


def test_the_scores_are_not_kept():
    outputs, weight, words = draw(640, 16, 3000)
    ours, _ = kept_bytes(lambda: summed_cross_entropy(outputs, weight, words))
    usual, _ = kept_bytes(lambda: plain(outputs, weight, words))
    assert usual >= 4 * 640 * 3000
    # The gradients that wait: as large as the outputs and the weights.
    assert ours == 4 * 16 * (640 + 3000)


def test_bfloat16_rounds_products_and_not_sums():
    outputs, weight, words = draw(67, 16, 501)
    exact = results(plain(outputs, weight, words), outputs, weight)
    with torch.autocast("cpu", torch.bfloat16):
        loss = summed_cross_entropy(outputs, weight, words)
    assert loss.dtype == torch.float32
    for got, want in zip(results(loss, outputs, weight), exact, strict=True):
        assert got.dtype == torch.float32
        torch.testing.assert_close(got, want, rtol=0.03, atol=0.03 * want.abs().max().item())
