import pytest
import torch
from torch.nn import functional

from models import CharacterGPT, TransformerBlock


@pytest.fixture
def model():
    return CharacterGPT(block_size=5, n_embd=12, n_layer=2, vocab_size=17).eval()


def characters(batch, time):
    return torch.randint(17, (batch, time))


def test_a_block_adds_and_normalises_in_the_order_of_the_homework():
    block, x = TransformerBlock(n_embd=11, block_size=7), torch.randn(2, 5, 11)
    attended = functional.layer_norm(x + block.attention(x), (11,))
    thought = torch.relu(attended @ block.linear.weight.T + block.linear.bias)
    expected = functional.layer_norm(attended + thought, (11,))
    torch.testing.assert_close(block(x), expected)


def test_its_parts_have_the_names_of_the_homework(model):
    assert model.embed.weight.shape == (17, 12)
    assert len(model.transformer_blocks) == 2
    assert model.output_layer.bias is None
    assert model.norm.weight.shape == (12,)


@pytest.mark.parametrize("time", [pytest.param(t, id=f"T{t}") for t in (1, 3, 5)])
def test_shapes_are_the_documented_ones(model, time):
    assert model(characters(4, time)).shape == (4, time, 17)
    assert model.get_loss(characters(4, time), characters(4, time)).shape == ()


def test_later_characters_do_not_change_earlier_scores(model):
    text = characters(3, 5)
    changed = text.clone()
    changed[:, 3:] = (changed[:, 3:] + 1) % 17
    torch.testing.assert_close(model(changed)[:, :3], model(text)[:, :3])


def test_the_loss_is_the_mean_surprise(model):
    text, following = characters(3, 4), characters(3, 4)
    chances = torch.log_softmax(model(text), dim=-1)
    expected = -chances.gather(2, following[..., None]).mean()
    torch.testing.assert_close(model.get_loss(text, following), expected)


@pytest.mark.parametrize("start", [pytest.param(1, id="short"), pytest.param(9, id="too-long")])
def test_generated_text_begins_with_the_prompt(model, start):
    prompt = characters(2, start)
    text = model.generate(prompt, 8)
    assert text.shape == (2, start + 8)
    assert torch.equal(text[:, :start], prompt)


def test_greedy_text_takes_the_likeliest_character_each_time(model):
    prompt = characters(1, 3)
    text = model.generate(prompt, 4, temperature=0)
    for end in range(3, 7):
        window = text[:, max(0, end - 5) : end]
        assert text[0, end] == model(window)[0, -1].argmax()


def test_the_same_generator_writes_the_same_text(model):
    prompt = characters(1, 2)
    first, second = (
        model.generate(prompt, 20, generator=torch.Generator().manual_seed(3)) for _ in range(2)
    )
    assert torch.equal(first, second)
