"""Question 11: the likeliest words, out of a large vocabulary.

A search step needs the few largest of V scores a row, and the sum over all of them that makes
log-probabilities of scores. Sorting the whole row for the first, and keeping V log-probabilities
for the second, takes longer than the scores themselves.

Shapes: `R` rows, `H` hidden width, `V` vocabulary, `k` candidates a row.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

ENTRIES_AT_ONCE = 2_000_000
"""How many scores are there at once: 8 MB in float32, which a cache holds."""
BLOCK = 64
"""How many scores `largest` looks at together."""


def likeliest_words(outputs: Tensor, projection: nn.Module, count: int) -> tuple[Tensor, Tensor]:
    """Find the likeliest next words.

    Args:
        outputs: combined outputs, ``(R, H) float32``.
        projection: makes V scores of each, and the largest ones chances by a softmax.
        count: how many words k a row; all V if there are fewer.

    Returns:
        log_chances: ``(R, k) float32``, the largest first.
        words: their ids, ``(R, k) int64``.
    """
    found: list[tuple[Tensor, Tensor]] = []
    rows = max(1, ENTRIES_AT_ONCE // max(1, projection.weight.shape[0]))
    for some in outputs.split(rows):
        scores = projection(some).to(projection.weight.dtype)  # (n, H) -> (n, V)
        best, words = largest(scores, min(count, scores.shape[1]))
        # The sum over V words, from the likeliest one: its chance is 1 / V or more.
        top = torch.softmax(scores, dim=1).gather(1, words[:, :1])  # (n, 1)
        found.append((best - best[:, :1] + top.log(), words))
    log_chances, words = (torch.cat(column) for column in zip(*found, strict=True))
    return log_chances, words


def largest(scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Find the largest scores of every row, like `torch.topk` and several times as fast.

    The largest `count` scores stand in the `count` blocks whose maxima are largest: a score outside
    of them has a larger one in each. So the few blocks are searched and not the row.

    Args:
        scores: ``(R, V) float32``.
        count: how many, 1 to V.

    Returns:
        The scores, the largest first, and their places, each ``(R, count)``.
    """
    rows, width = scores.shape
    blocks = width // BLOCK
    if blocks <= count:
        best = scores.topk(count, dim=1)
        return best.values, best.indices
    cut = scores[:, : blocks * BLOCK].unflatten(1, (blocks, BLOCK))
    chosen = cut.amax(dim=2).topk(count, dim=1).indices  # (R, count)
    places = chosen[:, :, None] * BLOCK + torch.arange(BLOCK, device=scores.device)
    rest = torch.arange(blocks * BLOCK, width, device=scores.device).expand(rows, -1)
    places = torch.cat([places.flatten(1), rest], dim=1)  # (R, count * BLOCK and what is left over)
    best = scores.gather(1, places).topk(count, dim=1)
    return best.values, places.gather(1, best.indices)
