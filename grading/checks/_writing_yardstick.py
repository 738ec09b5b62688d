"""How the recurrent language model writes on after a prefix, and the usual slips of it, in float64.

Shapes: `P` prefixes, `L` tokens in a prefix, `N` new tokens, `H` hidden width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from grading.checks._language_yardstick import LanguageYardstick, drawn_model
from grading.checks._recurrent_yardstick import ACTIVATIONS
from grading.checks._self_attention_yardstick import SelfAttentionYardstick
from grading.draw import Draw
from grading.frames import Tensors

STATE = "Which state does the step from the second new token to the third begin with?"
HISTORY = "Which outputs of the network may the third new token look back at?"
START = "Which position of the prefix predicts the first new token?"
SHARP = 12.0  # the largest attention score in the prefixes
SLIPS = {  # the hardest to tell comes first
    "no history": ("of the new outputs, the attention gets the newest alone", HISTORY),
    "fresh state": ("every step begins at zeros", STATE),
    "old state": ("every step begins with the prefix's last state", STATE),
    "old outputs": ("the attention never gets a new output", HISTORY),
    "newest output": ("the attention gets the newest output alone", HISTORY),
    "no prefix": ("the attention forgets the prefix", HISTORY),
    "states": (
        "the attention gets states, not outputs",
        "Which of its two results does the network's step hand to the attention?",
    ),
    "first": ("the first position predicts the first new token", START),
    "twice": (
        "the prefix's last token is read twice",
        "Which token does the first step read, and has the network read it before?",
    ),
}


def restless_model(draw: Draw, sizes: tuple[int, ...], prefixes: Tensor) -> Tensors:
    """Weights of a model that seldom writes the same token again and again."""
    weights = drawn_model(draw, *sizes, scale=1.2)
    factors = {"embeddings": 2.0, "rnn.out": 2.0, "lm_head": 2.0}
    for name in weights:
        layer, _, part = name.rpartition(".")
        weights[name] = weights[name] * (0.2 if part == "bias" else factors.get(layer, 1.0))
    # Sharp attention, but with no score near what the exponential of a float32 can be.
    models = [LanguageYardstick(weights, kind) for kind in ACTIVATIONS]
    found = [SelfAttentionYardstick(m.attention, m.read(prefixes)[2]) for m in models]
    factor = SHARP / max(float(each.scores().abs().max()) for each in found)
    for part in ("weight", "bias"):
        weights[f"attention.key_transform.{part}"] *= factor
    return weights


@dataclass(frozen=True)
class Written:
    """Tokens that were written.

    Attributes:
        tokens: (P, N) int64.
        sure: where no rounding can change them, nor any before, (P, N) bool.
    """

    tokens: Tensor
    sure: Tensor

    def differ(self, others: Tensor) -> Tensor:
        """Where other tokens certainly differ, (P, N) bool."""
        return (self.tokens != others) & self.sure


class Writer:
    """Writes with the yardstick.

    Args:
        asked: the model's weights.
        kind: the activation.

    Attributes:
        largest: the largest attention score so far.
    """

    THIN = 0.02  # a lead over the second choice that is far above all rounding

    def __init__(self, asked: Tensors, kind: str) -> None:
        self.model = LanguageYardstick(asked, kind)
        self.largest = 0.0

    def write(self, prefix: Tensor, count: int, slip: str = "") -> Written:
        """Take the likeliest token, so many times.

        Args:
            prefix: (P, L) int64.
            count: N.
            slip: a key of `SLIPS`, or "" for the right way.
        """
        logits, hidden, outputs = self.model.read(prefix)
        known, scores = outputs, logits[:, 0 if slip == "first" else -1]
        state: Tensor | None = hidden[:, -1]
        if slip == "twice":
            read, added = self.model.network.read(self.model.embed(prefix[:, -1:]), state)
            state, known = read[:, 0], torch.cat([known, added], 1)
            scores = self._scores(known)
        tokens: list[Tensor] = []
        leads: list[Tensor] = []
        while len(tokens) < count:
            best, second = scores.topk(2).values.unbind(1)
            tokens.append(scores.argmax(1))
            leads.append(best - second)
            embedded = self.model.embed(tokens[-1][:, None])
            read, added = self.model.network.read(embedded, state)
            state = {"fresh state": None, "old state": hidden[:, -1]}.get(slip, read[:, 0])
            added = read if slip == "states" else added
            known = _known(slip, known, outputs, added)
            scores = self._scores(known)
        sure = torch.stack(leads, 1).cummin(1).values >= self.THIN
        return Written(torch.stack(tokens, 1), sure)

    def _scores(self, known: Tensor) -> Tensor:
        attention = SelfAttentionYardstick(self.model.attention, known)
        self.largest = max(self.largest, attention.scores().abs().max().item())
        return self.model.head(attention.forward())[:, -1]


def _known(slip: str, known: Tensor, outputs: Tensor, added: Tensor) -> Tensor:
    """The outputs that the attention gets after one more was `added`."""
    if slip == "old outputs":
        return outputs
    if slip == "newest output":
        return added
    before = {"no history": outputs}.get(slip, known)
    if slip == "no prefix" and known is outputs:
        return added
    return torch.cat([before, added], 1)
