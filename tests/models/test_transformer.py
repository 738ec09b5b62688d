import copy
import math
import random

import pytest
import torch
from torch.nn import functional

from models import BigramLanguageModel, Block, FeedForward, Head, MultiHeadAttention

EPSILON = torch.finfo(torch.float32).eps


def language_model(**changed):
    sizes = {"vocab_size": 17, "block_size": 7, "n_embd": 12, "n_head": 3, "n_layer": 2}
    return BigramLanguageModel(**(sizes | changed))


def twins(**sizes):
    """The fast and the taught form of one model, with the same parameters."""
    fast, taught = (language_model(fast=fast, **sizes) for fast in (True, False))
    taught.load_state_dict(fast.state_dict())
    return fast, taught


def by_hand(attention, x):
    """Vaswani et al. (2017), section 3.2.2, in float64: one head and one position at a time."""
    x, heads = x.double(), []
    for head in attention.heads:
        queries, keys, values = (
            x @ layer.weight.double().T for layer in (head.q_layer, head.k_layer, head.v_layer)
        )
        rows = []
        for now in range(x.shape[1]):
            scores = (keys[:, : now + 1] * queries[:, now, None]).sum(dim=-1)  # (B, now + 1)
            weights = torch.softmax(scores / math.sqrt(queries.shape[-1]), dim=-1)
            rows.append((weights[..., None] * values[:, : now + 1]).sum(dim=1))
        heads.append(torch.stack(rows, dim=1))
    layer = attention.projection
    return torch.cat(heads, dim=-1) @ layer.weight.double().T + layer.bias.double()


@pytest.mark.parametrize("fast", [pytest.param(True, id="fast"), pytest.param(False, id="taught")])
@pytest.mark.parametrize("time", [pytest.param(t, id=f"T{t}") for t in (1, 3, 7)])
def test_attention_is_the_formula_of_the_paper(fast, time):
    attention = MultiHeadAttention(n_embd=15, n_head=5, block_size=7, fast=fast)
    x = torch.randn(2, time, 15)
    torch.testing.assert_close(attention(x).double(), by_hand(attention, x), rtol=0, atol=1e-6)


def outcome(model, tokens, targets):
    """The scores, the loss and every gradient, in float64."""
    logits, loss = model(tokens, targets)
    loss.backward()
    results = [logits, loss, *(parameter.grad for parameter in model.parameters())]
    return [result.detach().double() for result in results]


def test_both_paths_agree_to_rounding_in_scores_loss_and_every_gradient():
    draw = random.Random(4)
    for _ in range(60):
        n_head, block = draw.randint(1, 8), draw.randint(1, 40)
        fast, taught = twins(
            vocab_size=draw.randint(2, 90),
            block_size=block,
            n_embd=n_head * draw.randint(3, 11),
            n_head=n_head,
            n_layer=draw.randint(1, 3),
            pre_norm=draw.random() < 0.5,
        )
        time = draw.choice([1, block, draw.randint(1, block)])
        texts = torch.randint(
            fast.token_embedding.num_embeddings, (2, draw.randint(1, 5), time)
        ).unbind()
        exact = outcome(copy.deepcopy(taught).double(), *texts)
        exact_fast = outcome(copy.deepcopy(fast).double(), *texts)
        for truth, other, ours, plain in zip(
            exact, exact_fast, outcome(fast, *texts), outcome(taught, *texts), strict=True
        ):
            scale = truth.abs().max().item()
            torch.testing.assert_close(other, truth, rtol=0, atol=1e-11 * (1 + scale))
            # How much rounding the sizes bring about, the taught path itself tells.
            rounding = (plain - truth).abs().max().item() + 32 * EPSILON * (0.01 + scale)
            torch.testing.assert_close(ours, truth, rtol=0, atol=8 * rounding)


def test_both_paths_name_their_parameters_alike_and_train_alike():
    fast, taught = twins()
    assert [name for name, _ in fast.named_parameters()] == [
        name for name, _ in taught.named_parameters()
    ]
    text = torch.randint(17, (4, 8))
    losses = []
    for model in (fast, taught):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(60):
            optimizer.zero_grad()
            loss = model(text[:, :-1], text[:, 1:])[1]
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert losses[0] < math.log(17) / 1.5


def test_the_fast_path_needs_nothing_that_question_6_asks_for(monkeypatch):
    def unwritten(*_):
        raise NotImplementedError

    monkeypatch.setattr("models.attention.AttentionBlock.attention_weights", unwritten)
    monkeypatch.setattr("models.attention.AttentionBlock.forward", unwritten)
    assert language_model()(torch.zeros(1, 5, dtype=torch.int64))[0].shape == (1, 5, 17)
    with pytest.raises(NotImplementedError):
        language_model(fast=False)(torch.zeros(1, 5, dtype=torch.int64))


@pytest.mark.parametrize("fast", [pytest.param(True, id="fast"), pytest.param(False, id="taught")])
def test_dropout_works_in_training_only(fast):
    model = language_model(dropout=0.5, fast=fast)
    tokens = torch.randint(17, (3, 7))
    model.train()
    assert not torch.equal(model(tokens)[0], model(tokens)[0])
    model.eval()
    assert torch.equal(model(tokens)[0], model(tokens)[0])


@pytest.mark.parametrize("fast", [pytest.param(True, id="fast"), pytest.param(False, id="taught")])
def test_dropout_reaches_the_attention_weights(fast):
    # With the mixing layer and its dropout out of the way, a position that sees only itself gives
    # its value, either dropped or doubled.
    attention = MultiHeadAttention(6, 1, 1, dropout=0.5, fast=fast)
    attention.projection = torch.nn.Identity()
    x = torch.randn(400, 1, 6)
    value = attention.heads[0].v_layer(x)
    attention.dropout = torch.nn.Dropout(0.5)
    kept = (attention(x) / value).detach().round()
    # Two dropouts in a row: 0, 0 and 4 times the value; never 1 or 2.
    assert set(kept.unique().abs().tolist()) == {0.0, 4.0}
    assert 0.15 < (kept == 4).float().mean() < 0.35


def test_shapes_are_the_documented_ones():
    x = torch.randn(2, 5, 12)
    assert Head(12, 4, block_size=7)(x).shape == (2, 5, 4)
    assert Head(12, 4, block_size=7).attention_weights(x).shape == (2, 5, 5)
    assert MultiHeadAttention(12, 3, block_size=7)(x).shape == (2, 5, 12)
    assert FeedForward(12)(x).shape == (2, 5, 12)
    assert Block(12, 3, block_size=7)(x).shape == (2, 5, 12)
    logits, loss = language_model()(torch.zeros(2, 5, dtype=torch.int64))
    assert logits.shape == (2, 5, 17)
    assert loss is None


def test_the_feed_forward_network_is_four_times_as_wide_inside():
    wide, relu, narrow = list(FeedForward(12).layers)[:3]
    assert wide.weight.shape == (48, 12)
    assert isinstance(relu, torch.nn.ReLU)
    assert narrow.weight.shape == (12, 48)


def test_the_norms_stand_before_or_after_each_part():
    before, after = (Block(12, 3, 7, pre_norm=first) for first in (True, False))
    x = torch.randn(2, 5, 12)

    def norm(values):
        return functional.layer_norm(values, (12,))

    halfway = x + before.attention(norm(x))
    torch.testing.assert_close(before(x), halfway + before.feed_forward(norm(halfway)))
    halfway = norm(x + after.attention(x))
    torch.testing.assert_close(after(x), norm(halfway + after.feed_forward(halfway)))


@pytest.mark.parametrize("fast", [pytest.param(True, id="fast"), pytest.param(False, id="taught")])
def test_later_tokens_do_not_change_earlier_scores(fast):
    model = language_model(fast=fast).eval()
    text = torch.randint(17, (3, 7))
    changed = text.clone()
    changed[:, 4:] = (changed[:, 4:] + 1) % 17
    torch.testing.assert_close(model(changed)[0][:, :4], model(text)[0][:, :4])


def test_the_order_of_earlier_tokens_matters():
    model = language_model().eval()
    logits, swapped = model(torch.tensor([[3, 5, 2], [5, 3, 2]]))[0][:, -1]
    assert not torch.allclose(logits, swapped)


def test_the_loss_is_the_mean_surprise():
    model = language_model()
    text, following = torch.randint(17, (2, 3, 5))
    logits, loss = model(text, following)
    chances = torch.log_softmax(logits, dim=-1)
    torch.testing.assert_close(loss, -chances.gather(2, following[..., None]).mean())


@pytest.mark.parametrize("start", [pytest.param(1, id="short"), pytest.param(11, id="too-long")])
def test_generated_text_begins_with_the_prompt_and_can_be_repeated(start):
    model, prompt = language_model().eval(), torch.randint(17, (2, start))
    first, second = (
        model.generate(prompt, 9, generator=torch.Generator().manual_seed(3)) for _ in range(2)
    )
    assert first.shape == (2, start + 9)
    assert torch.equal(first[:, :start], prompt)
    assert torch.equal(first, second)


def test_greedy_text_takes_the_likeliest_token_each_time():
    model = language_model().eval()
    text = model.generate(torch.randint(17, (1, 5)), 6, temperature=0)
    for end in range(5, 11):
        window = text[:, max(0, end - 7) : end]
        assert text[0, end] == model(window)[0][0, -1].argmax()


def test_sizes_that_cannot_be_are_explained():
    with pytest.raises(ValueError, match="n_embd is 12 and n_head 5"):
        MultiHeadAttention(12, 5, 7)
    with pytest.raises(ValueError, match="tokens has 8 positions; give at most"):
        language_model()(torch.zeros(1, 8, dtype=torch.int64))
