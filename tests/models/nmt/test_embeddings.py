import pytest
import torch

from models import ModelEmbeddings
from tests.models.nmt.drawing import small_vocab


def test_there_is_a_vector_for_every_word_of_both_languages():
    embeddings = ModelEmbeddings(5, small_vocab(11, 13))
    assert embeddings.source.weight.shape == (15, 5)
    assert embeddings.target.weight.shape == (17, 5)
    assert [name for name, _ in embeddings.named_children()] == ["source", "target"]


def test_padding_is_zero_and_learns_nothing():
    for table in ModelEmbeddings(5, small_vocab()).children():
        vectors = table(torch.tensor([0, 4]))
        vectors.sum().backward()
        assert vectors[0].tolist() == [0] * 5
        assert table.weight.grad[0].tolist() == [0] * 5
        assert table.weight.grad[4].tolist() == [1] * 5


def test_the_embeddings_of_no_language_are_refused():
    with pytest.raises(TypeError, match=r"call \.source or \.target"):
        ModelEmbeddings(5, small_vocab())(torch.tensor([4]))
