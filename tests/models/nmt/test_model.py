import itertools
import random

import pytest
import torch
from torch import nn
from torch.nn import functional

from models import NMT
from models.nmt.attention import AdditiveScore, SumOfDirections
from tests.models.nmt.drawing import batch, on_paper, sentences, small_model, small_vocab

ATTENTIONS = [pytest.param(name, id=name) for name in ("multiplicative", "dot", "additive")]


def test_every_documented_shape():
    model = small_model(embed_size=5, hidden_size=7)
    source, target = batch(model.vocab, size=3, longest=4)
    padded, lengths, target_padded = on_paper(model.vocab, source, target)
    words, steps = max(lengths), len(target_padded) - 1
    assert padded.shape == (words, 3)
    enc_hiddens, state = model.encode(padded, lengths)
    assert enc_hiddens.shape == (3, words, 14)
    assert [part.shape for part in state] == [(3, 7), (3, 7)]
    masks = model.generate_sent_masks(enc_hiddens, lengths)
    assert masks.shape == (3, words)
    assert model.decode(enc_hiddens, masks, state, target_padded).shape == (steps, 3, 7)
    keys = model.att_projection(enc_hiddens)
    assert keys.shape == (3, words, 7)
    state, output, scores = model.step(torch.randn(3, 12), state, enc_hiddens, keys, masks)
    assert [part.shape for part in state] == [(3, 7), (3, 7)]
    assert output.shape == (3, 7)
    assert scores.shape == (3, words)
    assert model(source, target).shape == (3,)
    assert SumOfDirections()(enc_hiddens).shape == (3, words, 7)
    assert AdditiveScore(7)(keys, output).shape == (3, words)


def test_a_seed_draws_the_homeworks_weights():
    vocab, (embed, hidden) = small_vocab(), (5, 7)
    torch.manual_seed(8)
    model = NMT(embed, hidden, vocab)
    after = torch.rand(3)
    torch.manual_seed(8)
    layers = {
        "model_embeddings.source": nn.Embedding(len(vocab.src), embed, padding_idx=0),
        "model_embeddings.target": nn.Embedding(len(vocab.tgt), embed, padding_idx=0),
        "encoder": nn.LSTM(embed, hidden, bidirectional=True, bias=True),
        "decoder": nn.LSTMCell(embed + hidden, hidden, bias=True),
        "h_projection": nn.Linear(2 * hidden, hidden, bias=False),
        "c_projection": nn.Linear(2 * hidden, hidden, bias=False),
        "att_projection": nn.Linear(2 * hidden, hidden, bias=False),
        "combined_output_projection": nn.Linear(3 * hidden, hidden, bias=False),
        "target_vocab_projection": nn.Linear(hidden, len(vocab.tgt), bias=False),
    }
    assert torch.equal(torch.rand(3), after), "something else drew random numbers"
    wanted = {
        f"{name}.{parameter}": value
        for name, layer in layers.items()
        for parameter, value in layer.state_dict().items()
    }
    assert list(model.state_dict()) == list(wanted)
    for name, value in model.state_dict().items():
        assert torch.equal(value, wanted[name]), name
    assert model.dropout.p == 0.2


def test_the_other_attentions_change_no_other_layers_weights():
    models = []
    for attention in ("multiplicative", "dot", "additive"):
        torch.manual_seed(3)
        models.append(small_model(attention=attention).state_dict())
    plain, dot, additive = models
    assert plain.keys() - dot.keys() == {"att_projection.weight"}
    assert [*additive][: len(plain)] == [*plain]
    for other in (dot, additive):
        assert all(torch.equal(other[name], plain[name]) for name in plain if name in other)


def lstm_alone(model, sentence):
    """What `encode` has to say about one sentence, from PyTorch's LSTM in float64."""
    reader = nn.LSTM(model.encoder.input_size, model.hidden_size, bidirectional=True).double()
    reader.load_state_dict(model.encoder.state_dict())
    ids = torch.tensor(model.vocab.src.words2indices([sentence])[0])
    read, (hidden, cell) = reader(model.model_embeddings.source.weight[ids].double()[:, None])
    state = [
        torch.cat([last[0], last[1]], dim=1) @ layer.weight.double().T
        for last, layer in ((hidden, model.h_projection), (cell, model.c_projection))
    ]
    return read[:, 0], *state  # (S, 2H), (1, H), (1, H)


@pytest.mark.parametrize("longest_first", [True, False])
def test_neighbours_and_padding_change_no_annotation(longest_first):
    model = small_model()
    lengths = [6, 4, 4, 1] if longest_first else [1, 4, 6, 4]
    source = sentences(random.Random(2), model.vocab.src, lengths)
    padded = model.vocab.src.to_input_tensor(source)
    # Padding beyond the longest sentence, and made of other ids than the padding's, is ignored.
    padded = torch.cat([padded, padded.new_full((2, 4), 5)])
    enc_hiddens, (hidden, cell) = model.encode(padded, lengths)
    assert enc_hiddens.shape == (4, 8, 14)
    for row, (sentence, length) in enumerate(zip(source, lengths, strict=True)):
        read, first_hidden, first_cell = lstm_alone(model, sentence)
        for got, want in (
            (enc_hiddens[row, :length], read),
            (hidden[row, None], first_hidden),
            (cell[row, None], first_cell),
        ):
            torch.testing.assert_close(got.double(), want, rtol=0, atol=1e-6)
        assert torch.equal(enc_hiddens[row, length:], torch.zeros(8 - length, 14))


def test_masks_are_one_at_padding():
    masks = small_model().generate_sent_masks(torch.zeros(3, 4, 14), [4, 2, 1])
    assert masks.tolist() == [[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 1]]


def step_by_hand(model, joined, state, annotations, lengths):
    """The homework's equations 6 to 12 in float64, one sentence and one source word at a time."""
    cell = nn.LSTMCell(model.decoder.input_size, model.hidden_size).double()
    cell.load_state_dict(model.decoder.state_dict())
    hidden, memory = cell(joined.double(), tuple(part.double() for part in state))
    weight = {name: value.double() for name, value in model.state_dict().items()}
    outputs, scores = [], []
    for row, length in enumerate(lengths):
        fits = []
        for word in annotations[row, :length].double():
            if model.attention == "dot":
                fits.append(sum(hidden[row] * (word[: len(word) // 2] + word[len(word) // 2 :])))
            elif model.attention == "additive":
                key = weight["att_projection.weight"] @ word
                meets = key + weight["additive_score.state_projection.weight"] @ hidden[row]
                fits.append(weight["additive_score.weights.weight"][0] @ torch.tanh(meets))
            else:
                fits.append(hidden[row] @ weight["att_projection.weight"] @ word)
        chances = torch.softmax(torch.stack(fits), dim=0)
        found = sum(
            chance * word
            for chance, word in zip(chances, annotations[row].double()[:length], strict=True)
        )
        joint = torch.cat([found, hidden[row]])
        outputs.append(torch.tanh(weight["combined_output_projection.weight"] @ joint))
        scores.append(torch.stack(fits))
    return hidden, memory, torch.stack(outputs), scores


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_step_is_the_homeworks_equations(attention):
    model = small_model(attention=attention).eval()
    lengths = [4, 3, 1]
    annotations = torch.randn(3, 4, 14)
    state = torch.randn(3, 7), torch.randn(3, 7)
    joined = torch.randn(3, 12)
    masks = model.generate_sent_masks(annotations, lengths)
    keys = model.att_projection(annotations)
    (hidden, memory), output, scores = model.step(joined, state, annotations, keys, masks)
    for got, want in zip(
        (hidden, memory, output),
        step_by_hand(model, joined, state, annotations, lengths)[:3],
        strict=True,
    ):
        torch.testing.assert_close(got.double(), want, rtol=0, atol=1e-6)
    by_hand = step_by_hand(model, joined, state, annotations, lengths)[3]
    for row, length in enumerate(lengths):
        torch.testing.assert_close(scores[row, :length].double(), by_hand[row], rtol=0, atol=1e-5)
        assert scores[row, length:].tolist() == [-torch.inf] * (4 - length)


def test_a_step_without_masks_sees_every_word():
    model = small_model().eval()
    given = torch.randn(2, 12), (torch.randn(2, 7), torch.randn(2, 7)), torch.randn(2, 3, 14)
    keys = model.att_projection(given[2])
    bare, masked = (model.step(*given, keys, masks) for masks in (None, torch.zeros(2, 3)))
    assert torch.equal(bare[1], masked[1])
    assert torch.equal(bare[2], masked[2])


def test_a_bool_mask_serves_as_well():
    model = small_model().eval()
    given = torch.randn(2, 12), (torch.randn(2, 7), torch.randn(2, 7)), torch.randn(2, 3, 14)
    masks = torch.tensor([[0.0, 0, 1], [0, 0, 0]])
    outputs = [
        model.step(*given, model.att_projection(given[2]), mask)[1]
        for mask in (masks, masks.bool())
    ]
    assert torch.equal(*outputs)


def test_decode_feeds_the_last_output_in_and_drops_the_last_word(monkeypatch):
    model = small_model().eval()
    enc_hiddens, masks = torch.randn(2, 3, 14), torch.zeros(2, 3)
    first = torch.randn(2, 7), torch.randn(2, 7)
    target = torch.tensor([[1, 1], [4, 5], [6, 2], [2, 0]])
    calls = []

    def fake(*given):
        calls.append(given)
        at = float(len(calls))
        return (torch.full((2, 7), at), torch.full((2, 7), -at)), torch.full((2, 7), 10 * at), None

    monkeypatch.setattr(model, "step", fake)
    outputs = model.decode(enc_hiddens, masks, first, target)
    assert outputs.tolist() == [[[10.0 * at] * 7] * 2 for at in (1, 2, 3)]
    for at, (joined, state, hiddens, keys, mask) in enumerate(calls):
        assert torch.equal(joined[:, :5], model.model_embeddings.target(target[at]))
        assert torch.equal(joined[:, 5:], torch.full((2, 7), 10.0 * at))
        assert torch.equal(state[0], first[0] if at == 0 else torch.full((2, 7), float(at)))
        assert hiddens is enc_hiddens
        assert torch.equal(keys, model.att_projection(enc_hiddens))
        assert mask is masks


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_forward_is_the_sum_of_the_words_log_probabilities(attention):
    model = small_model(attention=attention).eval()
    source, target = batch(model.vocab, size=4, longest=5, seed=1)
    together = model(source, target)
    for row, (sentence, translation) in enumerate(zip(source, target, strict=True)):
        enc_hiddens, state = model.encode(*on_paper(model.vocab, [sentence], [])[:2])
        output, total = torch.zeros(1, 7), 0.0
        ids = model.vocab.tgt.words2indices([translation])[0]
        for read, asked_for in itertools.pairwise(ids):
            word = model.model_embeddings.target(torch.tensor([read]))
            joined = torch.cat([word, output], dim=1)
            given = enc_hiddens, model.att_projection(enc_hiddens), None
            state, output, _ = model.step(joined, state, *given)
            total -= functional.cross_entropy(
                model.target_vocab_projection(output)[0], torch.tensor(asked_for)
            ).item()
        assert together[row].item() == pytest.approx(total, abs=1e-4)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_every_parameter_learns(attention):
    model = small_model(attention=attention)
    model(*batch(model.vocab, size=5, longest=6)).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().max() > 0, name


def test_dropout_works_in_training_only():
    model = small_model(dropout_rate=0.5)
    pairs = batch(model.vocab, size=3, longest=4)
    assert not torch.equal(model(*pairs), model(*pairs))
    model.eval()
    assert torch.equal(model(*pairs), model(*pairs))


def test_log_probabilities_keep_float32_under_autocast():
    model = small_model().eval()
    pairs = batch(model.vocab, size=3, longest=4)
    with torch.autocast("cpu", torch.bfloat16):
        rough = model(*pairs)
    assert rough.dtype == torch.float32
    torch.testing.assert_close(rough, model(*pairs), rtol=0.02, atol=0.1)


def test_an_attention_that_does_not_exist_is_explained():
    with pytest.raises(ValueError, match="attention is 'cosine'; choose one of multiplicative"):
        small_model(attention="cosine")
