"""The recurrent language model in float64, and how it writes on.

Shapes: `B` sequences, `T` tokens, `V` vocabulary, `E` embedding, `H` hidden width, `dk` and `dv`
width of keys and values.
"""

from __future__ import annotations

import torch
from torch import Tensor

from grading.checks._recurrent_yardstick import (
    RecurrentYardstick,
    drawn_cell,
    drawn_linear,
    linear,
    linear_size,
    part_of,
    put_below,
)
from grading.checks._self_attention_yardstick import SelfAttentionYardstick, drawn_attention
from grading.compare import rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.stepwise import Step


def drawn_model(
    draw: Draw,
    embed: int,
    hidden: int,
    vocabulary: int,
    keys: int,
    values: int,
    *,
    scale: float | None = None,
) -> Tensors:
    """Random weights of a whole model; `scale` is that of `drawn_cell`."""
    return {
        "embeddings.weight": draw.normal(vocabulary, embed),
        **put_below("rnn.cell", drawn_cell(draw, embed, hidden, scale)),
        # Smaller, so that no attention score is near what the exponential of a float32 can be.
        **put_below("rnn", drawn_linear(draw, "out", hidden, hidden, 0.5)),
        **put_below("attention", drawn_attention(draw, hidden, keys, values)),
        **drawn_linear(draw, "lm_head", hidden, vocabulary),
    }


class LanguageYardstick:
    """The model.

    Args:
        asked: its weights by the homework's names, perhaps among other tensors.
        kind: the activation, ``relu`` or ``tanh``.
    """

    def __init__(self, asked: Tensors, kind: str) -> None:
        self.weights = {name: value.double() for name, value in asked.items() if "." in name}
        self.network = RecurrentYardstick(part_of(asked, "rnn"), kind)
        self.attention = part_of(asked, "attention")

    def embed(self, tokens: Tensor) -> Tensor:
        """The embeddings of tokens."""
        return self.weights["embeddings.weight"][tokens]

    def attend(self, outputs: Tensor) -> Tensor:
        """What every position finds in (B, T, H) outputs."""
        return SelfAttentionYardstick(self.attention, outputs).forward()

    def head(self, found: Tensor) -> Tensor:
        """The logits."""
        return linear(self.weights, "lm_head", found)

    def score(self, outputs: Tensor) -> Tensor:
        """The logits of what the attention finds."""
        return self.head(self.attend(outputs))

    def read(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, states and outputs of (B, T) tokens."""
        hidden, outputs = self.network.read(self.embed(tokens))
        return self.score(outputs), hidden, outputs

    def before_activation(self, tokens: Tensor) -> Tensor:
        """What the cell's activation gets at the first of (B,) tokens."""
        read = linear(self.network.weights, "cell.i2h", self.embed(tokens))
        return read + self.network.weights["cell.h2h.bias"]

    def tolerances(self, tokens: Tensor) -> Tensors:
        """What rounding may do to the three results."""
        hidden, outputs = self.network.tolerances(self.embed(tokens))
        _, _, exact = self.read(tokens)
        attention = SelfAttentionYardstick(self.attention, exact)
        # What the attention reads is off already, by as many roundings as the steps before it.
        depth = self.network.terms * tokens.shape[1]
        found = attention.tolerance() + rounding(
            depth, (1 + attention.scores().abs().max()) * attention.forward().abs().max()
        )
        head = self.weights["lm_head.weight"]
        logits = found.max() * head.abs().sum(1).max() + rounding(
            head.shape[1] + 1, linear_size(self.weights, "lm_head", attention.forward())
        )
        return {"logits": logits, "hidden": hidden, "outputs": outputs}

    def seen(self, answered: Tensors, tokens: Tensor) -> list[Step]:
        """What can be seen between the parts, in its order."""
        _, _, outputs = self.read(tokens)
        allowed = self.tolerances(tokens)
        found = self.attend(outputs)
        exact = torch.zeros(())
        return [
            Step("the embeddings", answered.get("embeddings.out"), self.embed(tokens), exact),
            Step(
                "the input of attention", answered.get("attention.in"), outputs, allowed["outputs"]
            ),
            Step(
                "what the attention finds",
                answered.get("attention.out"),
                found,
                allowed["logits"].max(),
            ),
            Step(
                "the input of lm_head", answered.get("lm_head.in"), found, allowed["logits"].max()
            ),
        ]
