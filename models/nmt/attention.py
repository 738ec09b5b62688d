"""Question 11: attentions beside the homework's own.

How well does word i of the source fit the decoder's state s? With the annotation h_i:

- dot product: ``s^T h_i``; nothing to learn, but both need one width;
- multiplicative: ``s^T W h_i``, the homework's (equation 7): W learns which entries to compare;
- additive: ``v^T tanh(W1 h_i + W2 s)``; more than a product can tell, and a tanh for every pair.

All three begin with something that does not depend on s and is computed once a sentence, the
keys: ``W h_i``, ``W1 h_i``, or, for the dot product, the sum of both reading directions.

Sources: M.-T. Luong et al. (2015), equation 8, https://arxiv.org/abs/1508.04025; D. Bahdanau et
al. (2015), appendix A.1.2, https://arxiv.org/abs/1409.0473.

Shapes: `B` batch, `S` source words, `H` hidden width.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

AttentionName: TypeAlias = Literal["multiplicative", "dot", "additive"]
ATTENTIONS: tuple[AttentionName, ...] = ("multiplicative", "dot", "additive")


class SumOfDirections(nn.Module):
    """The keys of the dot product: annotations are 2H wide and the state that they meet H.

    Cutting half of an annotation off would forget one reading direction; a matrix would make the
    attention multiplicative. The sum keeps both and has nothing to learn.
    """

    def forward(self, annotations: Tensor) -> Tensor:
        """Add the left-to-right and the right-to-left half.

        Args:
            annotations: ``(B, S, 2H) float32``.

        Returns:
            ``(B, S, H) float32``.
        """
        forward, backward = annotations.chunk(2, dim=-1)  # (B, S, 2H) -> twice (B, S, H)
        return forward + backward


class AdditiveScore(nn.Module):
    """The part of the additive attention that sees the decoder's state.

    Args:
        hidden_size: the width H of keys and states.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.state_projection = nn.Linear(hidden_size, hidden_size, bias=False)  # W2
        self.weights = nn.Linear(hidden_size, 1, bias=False)  # v

    def forward(self, keys: Tensor, state: Tensor) -> Tensor:
        """Score every source word.

        Args:
            keys: W1 h_i of every word, ``(B, S, H) float32``.
            state: the decoder's, ``(B, H) float32``.

        Returns:
            ``(B, S) float32``.
        """
        met = torch.tanh(keys + self.state_projection(state)[:, None])  # (B, S, H)
        return self.weights(met).squeeze(-1)  # (B, S, 1) -> (B, S)
