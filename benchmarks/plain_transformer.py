"""The baseline of `transformer.py`: a decoder-only transformer the way teaching code writes it.

Every head has its own query, key and value layers and its own mask, heads are computed one after
the other, a batch is stacked slice by slice, and AdamW has its defaults. It imports nothing of
ours, and computes the same as `models.BigramLanguageModel` with norms first.

Shapes: `B` batch, `T` time, `C` channels, `D` channels of one head.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class PlainHead(nn.Module):
    """One head with a mask of its own."""

    def __init__(self, n_embd: int, head_size: int, block_size: int) -> None:
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("lower", torch.tril(torch.ones(block_size, block_size)))
        self.dropout = nn.Dropout(0.0)

    def forward(self, x: Tensor) -> Tensor:
        """Attend, ``(B, T, C)`` to ``(B, T, D)``."""
        time = x.shape[1]
        keys, queries = self.key(x), self.query(x)
        scores = queries @ keys.transpose(-2, -1) * keys.shape[-1] ** -0.5
        scores = scores.masked_fill(self.lower[:time, :time] == 0, float("-inf"))
        weights = self.dropout(functional.softmax(scores, dim=-1))
        return weights @ self.value(x)


class PlainBlock(nn.Module):
    """Heads in a loop, then the feed-forward network, norms first."""

    def __init__(self, n_embd: int, n_head: int, block_size: int) -> None:
        super().__init__()
        size = n_embd // n_head
        self.heads = nn.ModuleList(PlainHead(n_embd, size, block_size) for _ in range(n_head))
        self.projection = nn.Linear(n_embd, n_embd)
        self.feed_forward = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd), nn.ReLU(), nn.Linear(4 * n_embd, n_embd)
        )
        self.dropout = nn.Dropout(0.0)
        self.norm_1 = nn.LayerNorm(n_embd)
        self.norm_2 = nn.LayerNorm(n_embd)

    def forward(self, x: Tensor) -> Tensor:
        """Mix the positions, then map each; ``(B, T, C)`` to the same."""
        normal = self.norm_1(x)
        together = torch.cat([head(normal) for head in self.heads], dim=-1)
        x = x + self.dropout(self.projection(together))
        return x + self.dropout(self.feed_forward(self.norm_2(x)))


class PlainTransformer(nn.Module):
    """Embeddings, blocks, scores."""

    def __init__(
        self, vocab_size: int, block_size: int, n_embd: int, n_head: int, n_layer: int
    ) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocab_size, n_embd)
        self.positions = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(
            *(PlainBlock(n_embd, n_head, block_size) for _ in range(n_layer))
        )
        self.norm = nn.LayerNorm(n_embd)
        self.scores = nn.Linear(n_embd, vocab_size)

    def forward(self, tokens: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Score and measure, ``(B, T)`` to ``(B, T, V)`` and ``()``."""
        batch, time = tokens.shape
        x = self.tokens(tokens) + self.positions(torch.arange(time, device=tokens.device))
        scores = self.scores(self.norm(self.blocks(x)))
        loss = functional.cross_entropy(
            scores.view(batch * time, -1), targets.reshape(batch * time)
        )
        return scores, loss


def plain_batch(text: Tensor, block_size: int, batch_size: int) -> tuple[Tensor, Tensor]:
    """Stack slices of the text, ``(B, T)``, and the same one character later."""
    starts = torch.randint(len(text) - block_size, (batch_size,))
    x = torch.stack([text[start : start + block_size] for start in starts])
    y = torch.stack([text[start + 1 : start + block_size + 1] for start in starts])
    return x, y


def copy_weights(ours: nn.Module, plain: PlainTransformer) -> None:
    """Give the baseline the weights of a `BigramLanguageModel`, to compare what they compute."""
    pairs = [
        (ours.token_embedding, plain.tokens),
        (ours.position_embedding, plain.positions),
        (ours.norm, plain.norm),
        (ours.output_layer, plain.scores),
    ]
    for block, copy in zip(ours.blocks, plain.blocks, strict=True):
        pairs += [
            (block.attention.projection, copy.projection),
            (block.feed_forward.layers[0], copy.feed_forward[0]),
            (block.feed_forward.layers[2], copy.feed_forward[2]),
            (block.norm_1, copy.norm_1),
            (block.norm_2, copy.norm_2),
        ]
        for head, other in zip(block.attention.heads, copy.heads, strict=True):
            pairs += [
                (head.k_layer, other.key),
                (head.q_layer, other.query),
                (head.v_layer, other.value),
            ]
    for source, target in pairs:
        target.load_state_dict(source.state_dict())
