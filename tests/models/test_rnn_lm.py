import collections
import copy
import math
import random

import pytest
import torch
from torch import nn
from torch.nn import functional

from models import RNN, RNNCell, RNNLanguageModel, SelfAttention

EPSILON = torch.finfo(torch.float32).eps
ACTIVATIONS = [pytest.param(torch.relu, id="relu"), pytest.param(torch.tanh, id="tanh")]


def language_model(**changed):
    sizes = {"embed_dim": 5, "hidden_dim": 11, "vocab_size": 17, "key_dim": 3, "value_dim": 7}
    return RNNLanguageModel(**(sizes | changed))


def step_by_step(rnn, sequence):
    """States and outputs of the network from T calls of `step`."""
    hidden, outputs = sequence.new_zeros(len(sequence), 1, rnn.hidden_dim), []
    for inputs in sequence.unbind(dim=1):
        state, output = rnn.step(inputs, hidden)
        hidden = torch.cat([hidden, state[:, None]], dim=1)
        outputs.append(output)
    return hidden[:, 1:], torch.stack(outputs, dim=1)


def look_back_step_by_step(attention, y_all):
    steps = range(1, y_all.shape[1] + 1)
    return torch.stack([attention.step(y_all[:, :end]) for end in steps], dim=1)


def model_step_by_step(model, tokens):
    hidden, outputs = step_by_step(model.rnn, model.embeddings(tokens))
    return model.lm_head(look_back_step_by_step(model.attention, outputs)), hidden, outputs


def magnitude(layer, values):
    """The layer on absolute values: no sum of its terms, in any order, is larger."""
    return functional.linear(values.abs(), layer.weight.abs(), layer.bias.abs())


def expect_within(got, want, allowed):
    assert got.shape == want.shape == allowed.shape
    assert ((got - want).abs() <= allowed).all()


def attention_rounding(attention, y_all):
    """How far apart two float32 computations of the attention can be, ``(B, T, H)``."""
    depth = sum(y_all.shape[1:]) + attention.key_dim + attention.value_transform.out_features
    slack, layer = EPSILON * (depth + 10), attention.output_transform
    queries = magnitude(attention.query_transform, y_all)
    keys = magnitude(attention.key_transform, y_all)
    scores = slack * (queries @ keys.movedim(1, 2)) / math.sqrt(attention.key_dim)
    # Scores that are off by d change a weight by a factor of exp(2 d) at most.
    factors = torch.expm1(2 * scores.amax(dim=2, keepdim=True)) + 2 * slack  # (B, T, 1)
    values = magnitude(attention.value_transform, y_all).amax(dim=1, keepdim=True)
    return (factors * values) @ layer.weight.abs().T + slack * magnitude(layer, values)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_state_of_a_sequence_is_a_step_from_the_ones_before(activation):
    draw = random.Random(7)
    for trial in range(40):
        batch, time = draw.randint(1, 5), 1 if trial < 10 else draw.randint(2, 40)
        rnn = RNN(draw.randint(1, 33), draw.randint(1, 33))
        rnn.cell.activation = activation
        sequence = torch.randn(batch, time, rnn.cell.i2h.in_features)
        hidden, outputs = rnn(sequence)
        slack = EPSILON * (rnn.cell.i2h.in_features + rnn.hidden_dim + 4)
        for now in range(time):
            before = hidden[:, :now] if now else hidden.new_zeros(batch, 1, rnn.hidden_dim)
            state, output = rnn.step(sequence[:, now], before if now else None)
            # ReLU and tanh enlarge no difference of the sums.
            sums = magnitude(rnn.cell.i2h, sequence[:, now])
            sums += magnitude(rnn.cell.h2h, before[:, -1])
            expect_within(hidden[:, now], state, slack * sums)
            passed_on = slack * (sums @ rnn.out.weight.abs().T + magnitude(rnn.out, state))
            expect_within(outputs[:, now], output, passed_on)


def test_attention_on_a_sequence_is_its_step_repeated():
    draw = random.Random(8)
    for trial in range(40):
        attention = SelfAttention(*(draw.randint(1, 40) for _ in range(3)))
        time = 1 if trial < 10 else draw.randint(2, 40)
        y_all = torch.randn(draw.randint(1, 5), time, attention.query_transform.in_features)
        stepped = look_back_step_by_step(attention, y_all)
        expect_within(attention(y_all), stepped, attention_rounding(attention, y_all))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_model_on_a_text_is_its_steps_repeated(activation):
    draw = random.Random(9)
    for trial in range(25):
        model = RNNLanguageModel(*(draw.randint(2, 30) for _ in range(5))).double()
        model.rnn.cell.activation = activation
        time = 1 if trial < 5 else draw.randint(2, 30)
        tokens = torch.randint(model.embeddings.num_embeddings, (draw.randint(1, 4), time))
        for whole, stepped in zip(model(tokens), model_step_by_step(model, tokens), strict=True):
            torch.testing.assert_close(whole, stepped, rtol=1e-9, atol=1e-11)


def test_shapes_are_the_documented_ones():
    rnn, attention, model = RNN(5, 11), SelfAttention(11, 3, 7), language_model()
    assert RNNCell(5, 11)(torch.randn(2, 5), torch.randn(2, 11)).shape == (2, 11)
    query, keys, values = torch.randn(2, 3), torch.randn(2, 4, 3), torch.randn(2, 4, 7)
    assert attention.look_up(query, keys, values).shape == (2, 11)
    for time in (1, 4):
        sequence, y_all = torch.randn(2, time, 5), torch.randn(2, time, 11)
        assert [part.shape for part in rnn.step(sequence[:, 0], y_all)] == [(2, 11)] * 2
        assert [part.shape for part in rnn(sequence)] == [(2, time, 11)] * 2
        assert attention.step(y_all).shape == (2, 11)
        assert attention(y_all).shape == (2, time, 11)
        results = model(torch.zeros(2, time, dtype=torch.int64))
        assert [it.shape for it in results] == [(2, time, 17), (2, time, 11), (2, time, 11)]
    token = model.select_token(torch.randn(17), 1.0)
    assert (token.shape, token.dtype) == ((), torch.int64)


def test_a_step_reads_the_newest_state_alone_which_is_zero_at_first():
    rnn, inputs, before = RNN(5, 11), torch.randn(2, 5), torch.randn(2, 6, 11)
    for given, same in ((None, torch.zeros(2, 1, 11)), (before, before[:, -1:])):
        for got, want in zip(rnn.step(inputs, given), rnn.step(inputs, same), strict=True):
            assert torch.equal(got, want)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_cell_and_network_agree_with_the_library(activation):
    rnn, name = RNN(5, 11).double(), activation.__name__
    rnn.cell.activation = activation
    i2h, h2h = rnn.cell.i2h, rnn.cell.h2h
    weights = (i2h.weight, h2h.weight, i2h.bias, h2h.bias)
    cell = nn.RNNCell(5, 11, nonlinearity=name).double()
    whole = nn.RNN(5, 11, nonlinearity=name, batch_first=True).double()
    for library in (cell, whole):
        library.load_state_dict(dict(zip(library.state_dict(), weights, strict=True)))
    inputs = torch.randn(2, 5, dtype=torch.float64), torch.randn(2, 11, dtype=torch.float64)
    torch.testing.assert_close(rnn.cell(*inputs), cell(*inputs))
    for time in (1, 13):
        sequence = torch.randn(2, time, 5, dtype=torch.float64)
        hidden, outputs = rnn(sequence)
        torch.testing.assert_close(hidden, whole(sequence)[0])
        torch.testing.assert_close(outputs, rnn.out(hidden))


@pytest.mark.parametrize("time", [pytest.param(t, id=f"T{t}") for t in (1, 2, 13)])
def test_attention_agrees_with_the_library(time):
    attention = SelfAttention(11, 3, 7).double()
    y_all = torch.randn(2, time, 11, dtype=torch.float64)
    layers = (attention.query_transform, attention.key_transform, attention.value_transform)
    mixed = functional.scaled_dot_product_attention(*(it(y_all) for it in layers), is_causal=True)
    torch.testing.assert_close(attention(y_all), attention.output_transform(mixed))


def test_keys_and_values_are_as_wide_as_the_hidden_state_unless_told():
    for model, dk, dv in ((RNNLanguageModel(5, 11, 17), 11, 11), (language_model(), 3, 7)):
        weights = {name: tuple(it.shape) for name, it in model.attention.state_dict().items()}
        assert weights["query_transform.weight"] == weights["key_transform.weight"] == (dk, 11)
        assert weights["value_transform.weight"] == (dv, 11)
        assert weights["output_transform.weight"] == (11, dv)


def test_later_tokens_do_not_change_earlier_results():
    model = language_model()
    text = torch.randint(17, (3, 7))
    changed = text.clone()
    changed[:, 4:] = (changed[:, 4:] + 1) % 17
    for before, after in zip(model(text), model(changed), strict=True):
        torch.testing.assert_close(after[:, :4], before[:, :4])
        assert not torch.allclose(after[:, 4:], before[:, 4:])


def test_a_gradient_reaches_every_parameter_and_is_the_one_of_the_steps():
    model = language_model().double()
    steps, tokens = copy.deepcopy(model), torch.randint(17, (3, 9))
    functional.cross_entropy(model(tokens)[0].flatten(0, 1), tokens.flatten()).backward()
    logits = model_step_by_step(steps, tokens)[0]
    functional.cross_entropy(logits.flatten(0, 1), tokens.flatten()).backward()
    for (name, parameter), other in zip(model.named_parameters(), steps.parameters(), strict=True):
        torch.testing.assert_close(parameter.grad, other.grad)
        # A bias of the keys adds the same to all scores of a position, which the softmax takes out.
        assert name == "attention.key_transform.bias" or parameter.grad.abs().max() > 1e-6, name


def test_weights_are_drawn_in_the_order_of_the_homework():
    torch.manual_seed(10601)
    model = language_model()
    drawn = torch.get_rng_state()
    torch.manual_seed(10601)
    layers = [("embeddings", nn.Embedding(17, 5))]
    for name, fan_in, fan_out in (
        ("rnn.cell.i2h", 5, 11),
        ("rnn.cell.h2h", 11, 11),
        ("rnn.out", 11, 11),
        ("attention.query_transform", 11, 3),
        ("attention.key_transform", 11, 3),
        ("attention.value_transform", 11, 7),
        ("attention.output_transform", 7, 11),
        ("lm_head", 11, 17),
    ):
        layers.append((name, nn.Linear(fan_in, fan_out)))
    assert torch.equal(torch.get_rng_state(), drawn)  # nothing else was drawn
    for name, layer in layers:
        ours = model.get_submodule(name).parameters()
        assert all(map(torch.equal, ours, layer.parameters())), name


@pytest.mark.parametrize(
    "temperature", [pytest.param(0.0, id="greedy"), pytest.param(1.5, id="drawn")]
)
@pytest.mark.parametrize("length", [pytest.param(length, id=f"L{length}") for length in (1, 2, 7)])
def test_text_is_that_of_reading_everything_again(length, temperature):
    seen = set()
    for seed in range(6):
        torch.manual_seed(seed)
        model = language_model().double()  # in float32 two nearly equal scores could change places
        model.load_state_dict({name: 3 * value for name, value in model.state_dict().items()})
        text = prefix = torch.randint(17, (1, length))
        first, second = (torch.Generator().manual_seed(seed) for _ in range(2))
        for _ in range(30):
            token = model.select_token(model(text)[0][0, -1], temperature, first)
            text = torch.cat([text, token[None, None]], dim=1)
        written = model.generate(prefix, 30, temperature, second)
        assert torch.equal(written, text[0, length:])
        seen |= set(written.tolist())
    assert len(seen) > 8  # or it would show little that they are equal


def test_as_many_tokens_are_written_as_asked_for():
    model, prefix = language_model(), torch.zeros(1, 3, dtype=torch.int64)
    for text, count in ((model.generate(prefix), 10), (model.generate(prefix, max_tokens=0), 0)):
        assert (text.shape, text.dtype) == ((count,), torch.int64)


@pytest.mark.parametrize("length", [pytest.param(1, id="L1"), pytest.param(40, id="L40")])
def test_the_prefix_is_read_once_and_then_every_token_is_one_row_of_each_layer(length):
    model, whole, rows = language_model(), [], collections.defaultdict(list)
    for name, module in model.named_modules():
        if isinstance(module, (RNN, SelfAttention)):
            module.register_forward_hook(lambda *_, name=name: whole.append(name))
        if isinstance(module, (nn.Linear, nn.Embedding)):
            module.register_forward_hook(
                lambda *call, name=name: rows[name].append(call[2][..., 0].numel())
            )
    model.generate(torch.zeros(1, length, dtype=torch.int64), max_tokens=25)
    assert whole == ["rnn", "attention"]
    for name in ("embeddings", "rnn.cell.i2h", "rnn.out", "lm_head"):
        assert rows[name] == [length] + [1] * 25, name
    for name in ("attention.key_transform", "attention.value_transform"):
        assert rows[name][-25:] == [1] * 25, name


def test_samples_repeat_with_a_generator_and_leave_the_global_one_alone():
    model, prefix = language_model(), torch.randint(17, (1, 5))
    before = torch.get_rng_state()
    first, second, other = (
        model.generate(prefix, 30, 1.0, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    model.generate(prefix, 30, 0.0)  # the likeliest tokens are not drawn at all
    assert torch.equal(torch.get_rng_state(), before)
    model.generate(prefix, 30, 1.0)
    assert not torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("temperature", [pytest.param(t, id=f"t{t}") for t in (0.5, 1.0, 3.0)])
def test_tokens_are_drawn_as_often_as_the_temperature_says(temperature):
    model, logits, draws = language_model(), torch.tensor([1.0, 0.0, -1.0, 2.0]), 4000
    drawn = torch.stack([model.select_token(logits, temperature) for _ in range(draws)])
    chances = torch.softmax(logits.double() / temperature, dim=0)
    # Five standard deviations of a count: one draw in a million lies beyond.
    spread = 5 * (draws * chances * (1 - chances)).sqrt()
    assert ((drawn.bincount(minlength=4) - draws * chances).abs() < spread).all()


@pytest.mark.parametrize("temperature", [1e-30, 1e-39, 1e-46, 5e-324])
def test_the_smallest_temperatures_take_the_likeliest_token(temperature):
    logits = torch.tensor([-7.0, 90.0, 91.0, 3.0])
    assert language_model().select_token(logits, temperature) == 2


@pytest.mark.parametrize("shape", [(5,), (2, 5), (1, 0)], ids=["no-batch", "two", "empty"])
def test_a_prefix_that_is_not_one_sequence_is_refused(shape):
    with pytest.raises(ValueError, match=r"tokens has shape .*; give one prefix of at least one"):
        language_model().generate(torch.zeros(shape, dtype=torch.int64))


def test_a_negative_temperature_is_refused():
    with pytest.raises(ValueError, match=r"temperature is -0\.5; give 0 or more"):
        language_model().select_token(torch.zeros(17), -0.5)
