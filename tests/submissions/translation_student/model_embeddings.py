"""The vectors of all words, as a student hands them in."""

import torch.nn as nn


class ModelEmbeddings(nn.Module):
    """Looks up words of the source and of the target language."""

    def __init__(self, embed_size, vocab):
        super().__init__()
        self.embed_size = embed_size
        src_pad_token_idx = vocab.src["<pad>"]
        tgt_pad_token_idx = vocab.tgt["<pad>"]
        self.source = nn.Embedding(
            num_embeddings=len(vocab.src),
            embedding_dim=self.embed_size,
            padding_idx=src_pad_token_idx,
        )
        self.target = nn.Embedding(
            num_embeddings=len(vocab.tgt),
            embedding_dim=self.embed_size,
            padding_idx=tgt_pad_token_idx,
        )
