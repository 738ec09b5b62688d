import copy
import math

import pytest
import torch
from torch import nn, optim

from train_lm import next_token_loss, train, validate

VOCABULARY, LENGTH = 7, 6


class PairModel(nn.Module):
    """A language model that knows pairs of tokens, and remembers how it was called."""

    def __init__(self):
        super().__init__()
        self.embeddings = nn.Embedding(VOCABULARY, 5)
        self.dropout = nn.Dropout(0.0)
        self.lm_head = nn.Linear(5, VOCABULARY)
        self.calls = []

    def forward(self, tokens):
        self.calls.append((self.training, torch.is_grad_enabled(), tokens))
        return self.lm_head(self.dropout(self.embeddings(tokens))), None, None


@pytest.fixture
def model():
    return PairModel()


def token_batches(count, batch_size=1):
    return list(torch.randint(VOCABULARY, (count, batch_size, LENGTH)))


def adam(model):
    return optim.Adam(model.parameters(), lr=0.01)


def fixed_valid_data():
    """Three batches, always the same."""
    generator = torch.Generator().manual_seed(1)
    return list(torch.randint(VOCABULARY, (3, 2, LENGTH), generator=generator))


def run(model, train_data, num_sequences, batch_size, optimizer=None, **options):
    return train(
        model,
        train_data,
        fixed_valid_data(),
        nn.CrossEntropyLoss(),
        adam(model) if optimizer is None else optimizer,
        num_sequences,
        batch_size,
        **options,
    )


def surprise(model, tokens):
    """The mean of -log p(next token) over all positions but the last."""
    chances = torch.log_softmax(model(tokens)[0], dim=2)
    return -chances[:, :-1].gather(2, tokens[:, 1:, None]).mean()


def train_plainly(model, batches, num_sequences, batch_size):
    """The homework's loop: one index, one list of losses, a record where the index fits."""
    optimizer, losses, records = adam(model), [], ([], [])
    val_index = int(num_sequences * 0.1) // batch_size or 1
    for idx, tokens in enumerate(batches):
        if idx == num_sequences // batch_size:
            break
        optimizer.zero_grad()
        loss = surprise(model, tokens)
        loss.backward()
        norm = math.sqrt(sum(it.grad.square().sum().item() for it in model.parameters()))
        for parameter in model.parameters():
            parameter.grad /= max(1.0, norm)
        optimizer.step()
        losses.append(loss.item())
        if idx % val_index == 0:
            latest = losses[-val_index:]
            records[0].append(sum(latest) / len(latest))
            with torch.no_grad():
                records[1].append(surprise(model, fixed_valid_data()[0]).item())
    return records


def expect_equal_weights(model, other):
    for value, same in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(value, same)


@pytest.mark.parametrize(
    ("num_sequences", "batch_size", "records"),
    [
        pytest.param(128, 1, 11, id="the-homework's-example"),
        pytest.param(100, 1, 10, id="100-by-1"),
        pytest.param(101, 1, 11, id="101-by-1"),
        pytest.param(9, 1, 9, id="9-by-1"),
        pytest.param(64, 8, 8, id="64-by-8"),
        pytest.param(50, 7, 7, id="50-by-7"),
        pytest.param(250, 8, 11, id="250-by-8"),
        pytest.param(5, 5, 1, id="5-by-5"),
    ],
)
def test_it_makes_the_records_of_the_plain_loop(model, num_sequences, batch_size, records):
    twin = copy.deepcopy(model)
    batches = token_batches(num_sequences // batch_size + 3, batch_size)
    got = run(model, batches, num_sequences, batch_size)
    want = train_plainly(twin, batches, num_sequences, batch_size)
    assert [len(losses) for losses in got] == [records, records]
    for losses, plain in zip(got, want, strict=True):
        assert losses == pytest.approx(plain, rel=0, abs=5e-6)
        assert losses == [round(loss, 6) for loss in losses]
    # What comes after the last record is trained on as well.
    for value, same in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(value, same, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("num_sequences", "batch_size", "steps"),
    [pytest.param(128, 1, 128, id="all"), pytest.param(50, 7, 7, id="whole-batches")],
)
def test_it_takes_no_more_batches_than_asked_for(model, num_sequences, batch_size, steps):
    taken = []
    batches = (taken.append(it) or it for it in token_batches(200, batch_size))
    run(model, batches, num_sequences, batch_size)
    assert len(taken) == steps
    seen = [tokens for training, _, tokens in model.calls if training]
    assert len(seen) == steps
    for tokens, batch in zip(seen, taken, strict=True):
        assert torch.equal(tokens[:, : LENGTH - 1], batch[:, :-1])  # the last is a target only


@pytest.mark.parametrize("count", [pytest.param(n, id=f"{n}-batches") for n in (1, 5, 13, 27)])
def test_it_ends_where_the_data_ends(model, count):
    twin, batches = copy.deepcopy(model), token_batches(count)
    got, want = run(model, batches, 128, 1), train_plainly(twin, batches, 128, 1)
    assert got == (pytest.approx(want[0], abs=5e-6), pytest.approx(want[1], abs=5e-6))
    assert sum(training for training, _, _ in model.calls) == count


@pytest.mark.parametrize("stopped", [pytest.param(n, id=f"after-{n}") for n in (1, 5, 10, 11)])
def test_a_training_that_was_stopped_goes_on_as_if_it_never_was(model, stopped):
    batches, kept = token_batches(128), {}
    optimizer = adam(model)

    def keep(records):
        if len(records[0]) == stopped:
            states = model.state_dict(), optimizer.state_dict()
            kept["states"] = copy.deepcopy(states)
            kept["records"] = [list(losses) for losses in records]

    whole = run(model, batches, 128, 1, optimizer, on_record=keep)
    again = PairModel()
    optimizer_again = adam(again)
    again.load_state_dict(kept["states"][0])
    optimizer_again.load_state_dict(kept["states"][1])
    begun = tuple(kept["records"])
    rest = run(again, batches, 128, 1, optimizer_again, begun=begun)
    assert rest == whole
    assert [len(losses) for losses in begun] == [stopped, stopped]  # the caller's are left alone
    expect_equal_weights(again, model)
    assert sum(training for training, _, _ in again.calls) == 127 - 12 * (stopped - 1)


def test_every_record_is_told_with_those_before_it(model):
    told = []
    records = run(
        model, token_batches(30), 30, 1, on_record=lambda it: told.append(copy.deepcopy(it))
    )
    assert told == [(records[0][:end], records[1][:end]) for end in range(1, 11)]


@pytest.mark.parametrize(
    ("factor", "norm"), [pytest.param(1e3, 1.0, id="long"), pytest.param(1e-3, None, id="short")]
)
def test_a_gradient_is_cut_to_norm_one_when_it_is_longer(model, factor, norm):
    twin, (tokens,) = copy.deepcopy(model), token_batches(1)

    def loss_fn(logits, targets):
        return factor * nn.functional.cross_entropy(logits, targets)

    train(model, [tokens], [tokens], loss_fn, optim.SGD(model.parameters(), lr=1.0), 1, 1)
    moved = [
        before - after for before, after in zip(twin.parameters(), model.parameters(), strict=True)
    ]
    (factor * surprise(twin, tokens)).backward()
    gradient = torch.cat([it.grad.flatten() for it in twin.parameters()])
    expected = gradient if norm is None else gradient / gradient.norm()
    torch.testing.assert_close(
        torch.cat([it.flatten() for it in moved]), expected, rtol=1e-3, atol=1e-6
    )


def test_it_trains_in_train_mode_and_measures_in_eval_mode_without_gradients(model):
    model.eval()
    run(model, token_batches(3), 3, 1)
    assert [call[:2] for call in model.calls] == [(True, True), (False, False)] * 3


@pytest.mark.parametrize(
    ("counted", "batches"),
    [pytest.param(1, [0], id="first"), pytest.param(None, [0, 1, 2], id="all")],
)
def test_training_measures_on_the_first_batch_or_on_all(model, counted, batches):
    valid_data = token_batches(3, 2)
    optimizer, loss_fn = adam(model), nn.CrossEntropyLoss()
    data = token_batches(2)
    records = train(model, data, valid_data, loss_fn, optimizer, 2, 1, valid_batches=counted)
    losses = [surprise(model, valid_data[place]).item() for place in batches]
    assert records[1][-1] == pytest.approx(sum(losses) / len(losses), abs=2e-6)


@pytest.mark.parametrize(
    ("options", "counted"),
    [
        pytest.param({}, 1, id="the-first-by-default"),
        pytest.param({"batches": 2}, 2, id="two"),
        pytest.param({"batches": None}, 4, id="all"),
    ],
)
def test_validation_is_the_mean_over_the_batches_that_count(model, options, counted):
    # The last batch is smaller: the mean is that of the batches.
    dataset = [*token_batches(3, 4), *token_batches(1, 2)]
    before = copy.deepcopy(model)
    got = validate(model, iter(dataset), nn.CrossEntropyLoss(), **options)
    losses = [surprise(before, tokens).item() for tokens in dataset[:counted]]
    assert got == pytest.approx(sum(losses) / counted, rel=1e-6)
    assert [call[:2] for call in model.calls] == [(False, False)] * counted
    assert not model.training
    assert all(parameter.grad is None for parameter in model.parameters())
    expect_equal_weights(model, before)


def test_there_must_be_a_batch_to_validate_on(model):
    with pytest.raises(ValueError, match="no batch to validate on; give at least one"):
        validate(model, [], nn.CrossEntropyLoss())


@pytest.mark.parametrize(
    ("data", "num_sequences", "batch_size", "told"),
    [
        pytest.param(3, 0, 1, "num_sequences is 0 and batch_size 1", id="no-sequences"),
        pytest.param(3, 7, 8, "num_sequences is 7 and batch_size 8", id="less-than-a-batch"),
        pytest.param(0, 8, 1, "batches is empty", id="no-data"),
    ],
)
def test_there_must_be_a_whole_batch_to_train_on(model, data, num_sequences, batch_size, told):
    with pytest.raises(ValueError, match=told):
        run(model, token_batches(data), num_sequences, batch_size)


def test_the_loss_compares_every_position_with_the_token_after_it(model):
    (tokens,) = token_batches(1, 4)
    loss = next_token_loss(model, tokens, nn.CrossEntropyLoss())
    assert loss.shape == ()
    torch.testing.assert_close(loss, surprise(model, tokens))


def test_the_loss_of_two_tokens_is_that_of_one_prediction(model):
    tokens = torch.tensor([[3, 5]])
    chances = torch.log_softmax(model(tokens)[0][0, 0], dim=0)
    torch.testing.assert_close(next_token_loss(model, tokens, nn.CrossEntropyLoss()), -chances[5])


def test_it_learns_what_always_follows(model):
    starts = torch.randint(VOCABULARY, (300, 4, 1))
    batches = list((starts + torch.arange(LENGTH)) % VOCABULARY)
    optimizer, loss_fn = optim.Adam(model.parameters(), lr=0.05), nn.CrossEntropyLoss()
    train_losses, valid_losses = train(model, batches, batches[:1], loss_fn, optimizer, 1200, 4)
    assert train_losses[0] > 0.7 * math.log(VOCABULARY)
    assert train_losses[-1] < 0.1
    assert valid_losses[-1] < 0.1
