"""Question 11: a vector for every word of both languages.

The word `<pad>` only fills up a batch. Its vector is zero and gets no gradient, so that padding
neither says nor learns anything.

Shapes: `E` embedding width.
"""

from __future__ import annotations

from torch import Tensor, nn

from models.nmt.vocabulary import Vocab


class ModelEmbeddings(nn.Module):
    """The embeddings `source` and `target`, made in this order.

    Args:
        embed_size: the width E of a vector.
        vocab: the words; `vocab.src` and `vocab.tgt` map a word to its id.
    """

    source: nn.Embedding
    target: nn.Embedding

    def __init__(self, embed_size: int, vocab: Vocab) -> None:
        super().__init__()
        self.embed_size = embed_size
        # BEGIN SOLUTION q11.embeddings: one a language, which know the padding
        self.source = nn.Embedding(len(vocab.src), embed_size, padding_idx=vocab.src["<pad>"])
        self.target = nn.Embedding(len(vocab.tgt), embed_size, padding_idx=vocab.tgt["<pad>"])
        # END SOLUTION q11.embeddings

    def forward(self, tokens: Tensor) -> Tensor:
        """Refuse: a model has to say which language it means.

        Raises:
            TypeError: always.
        """
        raise TypeError("call .source or .target: the embeddings are two, one a language")
