import pytest
import torch
from torch.nn import functional

from models import LanguageIDModel


def words(length, batch):
    letters = torch.randint(LanguageIDModel.num_chars, (length, batch))
    return functional.one_hot(letters, LanguageIDModel.num_chars).float()


@pytest.fixture
def model():
    return LanguageIDModel().eval()


@pytest.mark.parametrize("length", [pytest.param(n, id=f"{n}-letters") for n in (1, 2, 10, 17)])
@pytest.mark.parametrize("batch", [pytest.param(1, id="one"), pytest.param(7, id="seven")])
def test_shapes_are_the_documented_ones(model, length, batch):
    assert model(words(length, batch)).shape == (batch, 5)


@pytest.mark.parametrize("length", [pytest.param(n, id=f"{n}-letters") for n in (1, 4, 10)])
def test_padding_does_not_change_the_answer(model, length):
    unpadded = words(length, 5)
    padded = torch.cat([unpadded, torch.zeros(6, 5, 47)])
    torch.testing.assert_close(model(padded), model(unpadded))


def test_words_of_different_lengths_share_a_batch(model):
    short, long = words(3, 1), words(8, 1)
    together = torch.cat([functional.pad(short, (0, 0, 0, 0, 0, 5)), long], dim=1)
    torch.testing.assert_close(model(together), torch.cat([model(short), model(long)]))


def test_a_gradient_reaches_every_letter(model):
    letters = words(10, 4).requires_grad_()
    model(letters).square().sum().backward()
    assert (letters.grad.abs().sum(dim=2) > 0).all()


def test_the_order_of_the_letters_matters(model):
    letters = words(6, 3)
    assert not torch.allclose(model(letters), model(letters.flip(0)))


def test_the_order_of_the_batch_does_not_matter(model):
    letters = words(6, 5)
    torch.testing.assert_close(model(letters.flip(1)), model(letters).flip(0))
