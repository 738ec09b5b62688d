import json
import math
from pathlib import Path

import pytest
import torch
from torch import nn

import train_lm
from courses.recurrent_lm import lm_training
from courses.recurrent_lm.lm_training import Settings, Training

VOCABULARY = 11


def final_losses(path):
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    names, values = zip(*(line.rsplit(": ", 1) for line in lines), strict=True)
    assert names == ("Final Train Loss", "Final Valid Loss")
    assert all(len(value.partition(".")[2]) == 6 for value in values)
    return tuple(float(value) for value in values)


def plain_homework(num_sequences, batch_size):
    """The homework's recipe, token by token and in plain words: the losses and the last model."""
    torch.manual_seed(10601)
    sizes = ((5, 8), (8, 8), (8, 8), (8, 3), (8, 3), (8, 2), (2, 8), (8, VOCABULARY))
    embeddings = nn.Embedding(VOCABULARY, 5)
    layers = [nn.Linear(*size) for size in sizes]
    i2h, h2h, out, query, key, value, output, head = layers
    parameters = [*embeddings.parameters(), *(it for layer in layers for it in layer.parameters())]

    def loss_of(tokens):
        state, outputs, logits = torch.zeros(len(tokens), 8), [], []
        for column in tokens.T:
            state = torch.relu(i2h(embeddings(column)) + h2h(state))
            outputs.append(out(state))
            scores = [(key(past) * query(outputs[-1])).sum(dim=1) for past in outputs]
            weights = torch.stack(scores).div(math.sqrt(3)).softmax(dim=0)
            mixed = sum(w[:, None] * value(past) for w, past in zip(weights, outputs, strict=True))
            logits.append(head(output(mixed)))
        losses = [
            nn.functional.cross_entropy(*it) for it in zip(logits, tokens.T[1:], strict=False)
        ]
        return sum(losses) / len(losses)

    valid, train = (
        torch.tensor(json.loads(Path(f"{it}.json").read_text())) for it in ("valid", "train")
    )
    optimizer = torch.optim.Adam(parameters, lr=0.001)
    every = max(1, int(num_sequences * 0.1) // batch_size)
    train_losses, valid_losses, recent = [], [], []
    for index in range(num_sequences // batch_size):
        start = index % (30 // batch_size) * batch_size
        loss = loss_of(train[start : start + batch_size])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        recent.append(loss.item())
        if index % every == 0:
            train_losses.append(sum(recent) / len(recent))
            with torch.no_grad():
                valid_losses.append(loss_of(valid[:batch_size]).item())
            recent = []
    with torch.no_grad():
        return train_losses, valid_losses, loss_of(valid).item()


@pytest.mark.parametrize(
    ("sequences", "batch_size", "records"),
    [
        pytest.param(25, 1, 13, id="one-by-one"),
        pytest.param(25, 2, 12, id="a-rest-that-is-no-batch"),
        pytest.param(100, 4, 13, id="data-read-again"),
    ],
)
def test_it_prints_what_the_homeworks_recipe_gives(command, sequences, batch_size, records, capsys):
    train_losses, valid_losses, whole = plain_homework(sequences, batch_size)
    options = ["--num_sequences", str(sequences), "--batch_size", str(batch_size)]
    assert command(*options) == 0
    printed = capsys.readouterr().out
    for name, losses in (("train", train_losses), ("val", valid_losses)):
        lines = Path(f"out/{name}_losses.txt").read_text(encoding="utf-8").splitlines()
        assert len(lines) == records
        assert [float(line) for line in lines] == pytest.approx(losses, abs=5e-5)
    assert final_losses("out/metrics.txt") == pytest.approx(
        (train_losses[-1], valid_losses[-1]), abs=5e-5
    )
    assert Path("out/metrics.txt").read_text(encoding="utf-8") in printed
    assert command(*options, "--whole_validation", "--restart") == 0
    assert final_losses("out/metrics.txt") == pytest.approx((train_losses[-1], whole), abs=5e-5)
    assert "validation on the whole set" in capsys.readouterr().out


@pytest.fixture
def training():
    """A training of a model that is small, on sequences that say nothing."""
    tokens = torch.arange(40).reshape(8, 5) % 3

    def make(valid=tokens, **settings):
        small = Settings(embed_dim=2, hidden_dim=3, dk=2, dv=2, num_sequences=8, **settings)
        return Training(small, tokens, valid, 3, torch.device("cpu"))

    return make


def test_a_validation_loss_that_is_no_number_ends_the_training(training, monkeypatch):
    monkeypatch.setattr(train_lm, "validate", lambda *arguments, **options: math.nan)
    one = training()
    with pytest.raises(FloatingPointError, match="validation loss became nan: try a smaller"):
        one.run()
    assert one.records == ([], [])


def homeworks_own(lm, train_data, valid_data, loss_fn, optimizer, num_sequences, batch_size):
    """A train with the homework's arguments and no others."""
    return train_lm.train(lm, train_data, valid_data, loss_fn, optimizer, num_sequences, batch_size)


def forgetful(*arguments, begun, on_record):
    """A train that takes the arguments of ours and leaves them alone."""
    return homeworks_own(*arguments)


@pytest.mark.parametrize(
    "train",
    [
        pytest.param(homeworks_own, id="the-homeworks-own-arguments"),
        pytest.param(forgetful, id="nothing-is-told"),
    ],
)
def test_the_records_that_train_returns_are_enough(training, monkeypatch, train):
    told, kept = [], training(batch_size=2)
    kept.run()
    monkeypatch.setattr(lm_training, "train", train)
    monkeypatch.setattr(
        lm_training, "validate", lambda lm, dataset, loss_fn: len(next(iter(dataset)))
    )
    one = training(batch_size=2)
    one.run(lambda: told.append(len(one.records[0])))
    assert one.records == kept.records
    assert told == [4]
    assert one.whole_validation_loss() == 8  # a validate without further arguments will do


@pytest.mark.parametrize(
    "returned",
    [
        pytest.param(None, id="nothing"),
        pytest.param(([], []), id="no-record"),
        pytest.param(([1.0, 2.0], [1.0]), id="one-without-the-other"),
    ],
)
def test_a_train_without_records_is_told_what_is_expected(training, monkeypatch, returned):
    monkeypatch.setattr(lm_training, "train", lambda *arguments: returned)
    with pytest.raises(ValueError, match="expected two lists, the training and"):
        training().run()


def test_a_record_measures_the_whole_validation_set_where_it_is_wanted(training):
    one = training(batch_size=2)
    one.run()
    record = one.record()
    assert record["sequences"] == [2, 4, 6, 8]
    assert record["guessing"] == pytest.approx(math.log(3))
    assert record["whole_valid"] == pytest.approx(one.whole_validation_loss())
    assert "whole_valid" not in one.record(whole_validation=False)


def test_sequences_without_a_next_token_are_refused(training):
    with pytest.raises(ValueError, match="validation data has 1 token, after which there is none"):
        training(valid=torch.zeros(4, 1, dtype=torch.int64))


def test_the_seed_alone_decides_the_first_weights(training):
    first, again, other = (training(seed=seed).model.lm_head.weight for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
