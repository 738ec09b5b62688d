"""Question 6: causal self-attention.

Every position asks a question (its query), compares it with what every position offers (the
keys), and takes a mixture of what they say (the values). The mask keeps a position from looking
at the ones after it.

Source: A. Vaswani et al., "Attention is all you need" (2017), section 3.2.1, equation 1.

Shapes: `B` batch, `T` time, `C` channels (the layer size).
"""

import math

import torch
from torch import Tensor, nn


class AttentionBlock(nn.Module):
    """Scaled dot-product attention with one head and a causal mask.

    Args:
        layer_size: the number of channels C.
        block_size: the longest sequence that the block can be given.
    """

    mask: Tensor

    def __init__(self, layer_size: int, block_size: int) -> None:
        super().__init__()
        self.layer_size = layer_size
        self.k_layer = nn.Linear(layer_size, layer_size)
        self.q_layer = nn.Linear(layer_size, layer_size)
        self.v_layer = nn.Linear(layer_size, layer_size)
        # A buffer moves to the GPU and into the checkpoint with the model but is never trained.
        # Row t has ones up to and with column t: the positions that position t may look at.
        ones = torch.ones(block_size, block_size)
        self.register_buffer("mask", torch.tril(ones).reshape(1, 1, block_size, block_size))

    def attention_weights(self, x: Tensor) -> Tensor:
        """Compute how much every position takes from every other one.

        Args:
            x: ``(B, T, C) float32`` with T at most the block size.

        Returns:
            ``(B, T, T) float32``: row t sums to 1 and is zero after column t.
        """
        # BEGIN SOLUTION q6.scores: scale and mask the scores
        time = x.shape[1]
        queries, keys = self.q_layer(x), self.k_layer(x)
        # A dot product of C independent terms has a spread of sqrt(C); dividing by it keeps the
        # softmax away from the corners where its gradient vanishes (section 3.2.1).
        scores = queries @ keys.movedim(1, 2) / math.sqrt(self.layer_size)  # (B, T, T)
        # The mask was made for the longest sequence; a shorter one uses its corner. Its two
        # leading axes of size 1 are dropped, or the answer would gain an axis.
        visible = self.mask[0, 0, :time, :time]  # (T, T)
        # Minus infinity before the softmax is exactly zero after it. Zeroing the weights after
        # the softmax instead would leave rows that no longer sum to 1.
        scores = scores.masked_fill(visible == 0, -math.inf)
        # Over the last axis: each position spreads its attention over the keys.
        return torch.softmax(scores, dim=-1)
        # END SOLUTION q6.scores

    def forward(self, x: Tensor) -> Tensor:
        """Replace every position by a mixture of the values that it may see.

        Args:
            x: ``(B, T, C) float32`` with T at most the block size.

        Returns:
            ``(B, T, C) float32``; position t depends on positions 0..t only.
        """
        # BEGIN SOLUTION q6.mix: mix the values by the attention weights
        return self.attention_weights(x) @ self.v_layer(x)  # (B, T, T) @ (B, T, C) -> (B, T, C)
        # END SOLUTION q6.mix
