import copy
import random

import pytest
import torch

from models import NMT
from tests.models.nmt.drawing import batch, on_paper, small_model, small_vocab

EPSILON = torch.finfo(torch.float32).eps
ATTENTIONS = [pytest.param(name, id=name) for name in ("multiplicative", "dot", "additive")]


def taught(model, source, target):
    return -model(source, target).sum()


def fast(model, source, target):
    return model.loss(*on_paper(model.vocab, source, target))


def outcome(loss, model, pairs, seed=0):
    """The loss and every gradient, in float64."""
    model.zero_grad()
    torch.manual_seed(seed)  # for dropout
    value = loss(model, *pairs)
    value.backward()
    return [value.detach().double(), *(each.grad.double() for each in model.parameters())]


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_both_paths_agree_to_rounding_in_the_loss_and_every_gradient(attention):
    draw = random.Random(attention)
    for seed in range(25):
        model = small_model(
            draw.randint(1, 9),
            draw.randint(1, 11),
            small_vocab(draw.randint(1, 30), draw.randint(1, 30)),
            attention=attention,
            dropout_rate=draw.choice([0, 0.4]),
        )
        pairs = batch(
            model.vocab, draw.choice([1, 2, 7]), draw.randint(1, 12), seed, draw.randint(1, 12)
        )
        model.double()
        exact = outcome(taught, model, pairs, seed)
        for truth, other in zip(exact, outcome(fast, model, pairs, seed), strict=True):
            torch.testing.assert_close(other, truth, rtol=0, atol=1e-11 * (1 + truth.abs().max()))


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_float32_rounds_about_as_much_on_both_paths(attention):
    for seed in range(8):
        torch.manual_seed(seed)
        model = small_model(9, 17, small_vocab(40, 50), attention=attention, dropout_rate=0)
        pairs = batch(model.vocab, 6, 14, seed)
        exact = outcome(taught, copy.deepcopy(model).double(), pairs)
        usual, ours = (outcome(path, model, pairs) for path in (taught, fast))
        for truth, plain, other in zip(exact, usual, ours, strict=True):
            scale = truth.abs().max().item()
            # How much rounding the sizes bring about, the taught path itself tells.
            rounding = (plain - truth).abs().max().item() + 32 * EPSILON * (0.01 + scale)
            torch.testing.assert_close(other, truth, rtol=0, atol=8 * rounding)


def test_a_seed_drops_the_same_outputs_on_both_paths():
    model = small_model(dropout_rate=0.5)
    pairs = batch(model.vocab, size=5, longest=6, seed=2)
    losses = [outcome(path, model, pairs, seed)[0] for path in (taught, fast) for seed in (1, 2)]
    torch.testing.assert_close(losses[0], losses[2])
    torch.testing.assert_close(losses[1], losses[3])
    assert abs(losses[0] - losses[1]) > 1e-3
    states = []
    for path in (taught, fast):
        outcome(path, model, pairs)
        states.append(torch.random.get_rng_state())
    assert torch.equal(*states), "what is drawn afterwards differs"


def test_the_loss_is_one_number():
    model = small_model()
    pairs = batch(model.vocab, size=3, longest=4)
    assert fast(model, *pairs).shape == ()
    assert fast(model, *pairs).dtype == torch.float32


@pytest.mark.parametrize(
    "targets",
    [
        pytest.param([[], [], []], id="only-the-end-of-sentence"),
        pytest.param([["t0"] * 5, [], ["t1"]], id="an-empty-translation"),
        pytest.param([[], ["t1"], ["t0"] * 5], id="the-longest-last"),
    ],
)
def test_short_translations(targets):
    model = small_model().double()
    source = [["s0", "s1"], ["s2"], ["s3"]]
    pairs = source, [["<s>", *sent, "</s>"] for sent in targets]
    for got, want in zip(*(outcome(path, model, pairs) for path in (fast, taught)), strict=True):
        torch.testing.assert_close(got, want, rtol=0, atol=1e-12)


def test_translations_that_ask_for_nothing_cost_and_teach_nothing():
    model = small_model()
    source, lengths, _ = on_paper(model.vocab, [["s0", "s1"], ["s2"]], [[]])
    alone = torch.tensor([[1, 1]])
    loss = model.loss(source, lengths, alone)
    loss.backward()
    assert loss.item() == 0
    padded = torch.cat([alone, alone * 0])
    assert model.loss(source, lengths, padded).item() == 0


def test_sources_may_come_in_any_order_and_with_padding_to_spare():
    model = small_model().double().eval()
    source, target = batch(model.vocab, size=5, longest=6)
    want = fast(model, source, target)
    order = [3, 0, 4, 1, 2]
    shuffled, lengths, translations = on_paper(
        model.vocab, [source[at] for at in order], [target[at] for at in order]
    )
    shuffled = torch.cat([shuffled, shuffled[:2] * 0])
    translations = torch.cat([translations, translations[:2] * 0])
    for given in (lengths, torch.tensor(lengths)):
        torch.testing.assert_close(model.loss(shuffled, given, translations), want)


def test_bfloat16_trains_float32_weights_about_alike():
    model = small_model(16, 32, dropout_rate=0)
    pairs = batch(model.vocab, size=6, longest=8)

    def rough(*given):
        with torch.autocast("cpu", torch.bfloat16):
            return fast(*given)

    exact, ours = outcome(fast, model, pairs), outcome(rough, model, pairs)
    assert all(parameter.grad.dtype == torch.float32 for parameter in model.parameters())
    for got, want in zip(ours, exact, strict=True):
        torch.testing.assert_close(got, want, rtol=0.05, atol=0.05 * want.abs().max().item())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_gpu_computes_the_same(attention):
    model = small_model(attention=attention, dropout_rate=0)
    source, lengths, target = on_paper(model.vocab, *batch(model.vocab, size=6, longest=8))
    want = model.loss(source, lengths, target)
    there = copy.deepcopy(model).cuda()
    got = there.loss(source.cuda(), lengths, target.cuda())
    torch.testing.assert_close(got.cpu(), want)
    with torch.autocast("cuda", torch.bfloat16):
        rough = there.loss(source.cuda(), lengths, target.cuda())
    rough.backward()
    torch.testing.assert_close(rough.cpu(), want, rtol=0.05, atol=0.05)


def test_the_fast_path_needs_neither_decode_nor_step(monkeypatch):
    def unwritten(*_):
        raise NotImplementedError

    model = small_model()
    for name in ("decode", "step"):
        monkeypatch.setattr(NMT, name, unwritten)
    fast(model, *batch(model.vocab, size=3, longest=4)).backward()
    with pytest.raises(NotImplementedError):
        taught(model, *batch(model.vocab, size=3, longest=4))


@pytest.mark.parametrize("path", [pytest.param(taught, id="taught"), pytest.param(fast, id="fast")])
def test_training_learns_word_by_word_translation(path):
    model = small_model(16, 24, small_vocab(6, 6), dropout_rate=0.1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for seed in range(90):
        source, _ = batch(model.vocab, size=16, longest=4, seed=seed)
        target = [["<s>", *(word.replace("s", "t") for word in sent), "</s>"] for sent in source]
        optimizer.zero_grad()
        loss = path(model, source, target) / sum(len(sent) - 1 for sent in target)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.8  # all seven words are alike at first: log 7 is 1.9
