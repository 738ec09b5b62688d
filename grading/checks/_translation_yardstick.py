"""The translator in float64, equation by equation and sentence by sentence, with its rounding.

The equations are the homework's; see D. Bahdanau et al. (2015), https://arxiv.org/abs/1409.0473,
and M.-T. Luong et al. (2015), https://arxiv.org/abs/1508.04025. No sentence is ever padded here.

Shapes: `B` sentences, `S` source words, `T` target words with `<s>` and `</s>`, `E` embedding
width, `H` hidden width.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from grading.checks._running_error import Rounded, exact, joined, stacked
from grading.compare import answer_named, expect, expect_shape, shape_answered
from grading.draw import Draw
from grading.frames import Tensors

FIRST_WORD = 4  # before it: <pad>, <s>, </s>, <unk>
START, END = 1, 2
EMBEDDINGS = ("model_embeddings.source", "model_embeddings.target")
PROJECTIONS = (
    "h_projection",
    "c_projection",
    "att_projection",
    "combined_output_projection",
    "target_vocab_projection",
)

State = tuple[Rounded, Rounded]
Shapes = dict[str, tuple[int, ...]]


def recurrent_shapes(embed: int, hidden: int, source: int, target: int) -> Shapes:
    """The parameters of the embeddings, the encoder and the decoder, by their names."""
    shapes: Shapes = {
        "model_embeddings.source.weight": (source, embed),
        "model_embeddings.target.weight": (target, embed),
    }
    for end in ("l0", "l0_reverse"):
        shapes |= _lstm_shapes("encoder.", f"_{end}", embed, hidden)
    return shapes | _lstm_shapes("decoder.", "", embed + hidden, hidden)


def projection_shapes(hidden: int, target: int) -> Shapes:
    """The weights of the projections, by their names."""
    widths = (2 * hidden, 2 * hidden, 2 * hidden, 3 * hidden, hidden)
    return {
        f"{name}.weight": (target if name == PROJECTIONS[-1] else hidden, width)
        for name, width in zip(PROJECTIONS, widths, strict=True)
    }


def _lstm_shapes(head: str, end: str, into: int, hidden: int) -> Shapes:
    return {
        f"{head}weight_ih{end}": (4 * hidden, into),
        f"{head}weight_hh{end}": (4 * hidden, hidden),
        f"{head}bias_ih{end}": (4 * hidden,),
        f"{head}bias_hh{end}": (4 * hidden,),
    }


def drawn_translator(draw: Draw, embed: int, hidden: int) -> Tensors:
    """Random weights for a whole translator, by their names, with `sizes`: E, H, and both words'.

    The sizes of a row that weighs a state sum to about 1, so that rounding hardly grows on the way
    through many steps.
    """
    source, target = draw.sizes(Vs=FIRST_WORD + 1, Vt=FIRST_WORD + 1, low=17)
    shapes = recurrent_shapes(embed, hidden, source, target) | projection_shapes(hidden, target)
    weights = {
        name: draw.normal(*shape, scale=1.25 * shape[-1] ** -0.5 if shape[1:] else 0.5)
        for name, shape in shapes.items()
    }
    for name in EMBEDDINGS:
        weights[f"{name}.weight"] = draw.normal(*shapes[f"{name}.weight"])
    for name in weights:
        if "weight_hh" in name:
            weights[name] *= hidden**-0.5
    weights["decoder.weight_ih"][:, embed:] *= hidden**-0.5
    return {"sizes": torch.tensor([embed, hidden, source, target]), **weights}


def for_many_steps(draw: Draw, weights: Tensors) -> Tensors:
    """The same weights with those of the attention smaller, so that rounding hardly grows.

    Under their W_u, which is one square three times, u = [a; h] and [h; a] come to the same.
    """
    hidden = int(weights["sizes"][1])
    block = draw.normal(hidden, hidden, scale=1.25 / (3 * hidden))
    return {
        **weights,
        "att_projection.weight": weights["att_projection.weight"] * (2 * hidden) ** -0.5,
        "combined_output_projection.weight": block.repeat(1, 3),
    }


def drawn_lengths(draw: Draw, count: int, longest: int) -> list[int]:
    """Lengths of sentences, the longest first, the last one much shorter."""
    between = draw.integers(max(count - 2, 0), low=1, high=longest + 1).tolist()
    return sorted([longest, *between, *([max(1, longest // 3)] if count > 1 else [])], reverse=True)


def drawn_source(draw: Draw, lengths: Sequence[int], words: int) -> Tensor:
    """Random sentences of these lengths, (S, B) int64, padded at the bottom."""
    tokens = draw.integers(max(lengths), len(lengths), low=FIRST_WORD, high=words)
    for column, length in enumerate(lengths):
        tokens[length:, column] = 0
    return tokens


class TranslationYardstick:
    """The translator's parts in float64.

    Args:
        weights: of a whole translator, by their names.
    """

    def __init__(self, weights: Tensors) -> None:
        self.weights = {name: exact(value) for name, value in weights.items() if "." in name}
        self.hidden = int(weights["sizes"][1])

    def linear(self, name: str, x: Rounded) -> Rounded:
        """What a projection makes of `x`."""
        return x @ self.weights[f"{name}.weight"].mT

    def words(self, side: str, tokens: Tensor) -> Rounded:
        """The vectors of source or target words."""
        return self.weights[f"model_embeddings.{side}.weight"][tokens]

    def cell(self, x: Rounded, state: State, head: str = "decoder.", end: str = "") -> State:
        """One step of an LSTM (Hochreiter and Schmidhuber, 1997), with PyTorch's order of gates."""
        part = {name: self.weights[f"{head}{name}{end}"] for name in _PARTS}
        gates = (
            (x @ part["weight_ih"].mT)
            + part["bias_ih"]
            + ((state[0] @ part["weight_hh"].mT) + part["bias_hh"])
        )
        size = self.hidden
        put, keep, new, out = (gates[..., k * size : (k + 1) * size] for k in range(4))
        cell = keep.sigmoid() * state[1] + put.sigmoid() * new.tanh()
        return out.sigmoid() * cell.tanh(), cell

    def nothing(self, batch: int) -> State:
        """The state before the first word."""
        zero = exact(torch.zeros(batch, self.hidden))
        return zero, zero

    def read(self, tokens: Tensor, end: str) -> list[State]:
        """The encoder's states after each word, in one direction; the words all count.

        Args:
            tokens: (S, B).
            end: ``_l0`` from left to right, ``_l0_reverse`` from right to left.
        """
        state, found = self.nothing(tokens.shape[1]), []
        steps = list(self.words("source", tokens).value.unbind(0))
        for x in reversed(steps) if end.endswith("reverse") else steps:
            state = self.cell(exact(x), state, "encoder.", end)
            found.append(state)
        return found[::-1] if end.endswith("reverse") else found

    def encode(self, tokens: Tensor) -> tuple[Rounded, Rounded, Rounded]:
        """Read sentences of one length.

        Returns:
            Annotations (B, S, 2H), and what h_projection and c_projection get, each (B, 2H).
        """
        right, left = self.read(tokens, "_l0"), self.read(tokens, "_l0_reverse")
        both = [joined([a[0], b[0]]) for a, b in zip(right, left, strict=True)]
        hidden, cell = (joined([right[-1][part], left[0][part]]) for part in (0, 1))
        return stacked(both, axis=1), hidden, cell

    def encode_each(
        self, tokens: Tensor, lengths: Iterable[int]
    ) -> tuple[Rounded, Rounded, Rounded]:
        """Read sentences one by one, as if there were no other; zeros where padding is."""
        alone = [
            self.encode(tokens[:length, column : column + 1])
            for column, length in enumerate(lengths)
        ]
        filled = []
        for notes, _, _ in alone:
            rest = torch.zeros(1, len(tokens) - notes.value.shape[1], 2 * self.hidden)
            filled.append(joined([notes, exact(rest)], axis=1))
        hidden, cell = (joined([each[part] for each in alone], axis=0) for part in (1, 2))
        return joined(filled, axis=0), hidden, cell

    def scores(self, hidden: Rounded, keys: Rounded) -> Rounded:
        """Equation 7 for (B, H) states and (B, S, H) keys, without a mask: (B, S)."""
        return (keys @ hidden[:, :, None])[:, :, 0]

    def attend(self, shares: Rounded, notes: Rounded) -> Rounded:
        """Equation 9: (B, S) shares of (B, S, 2H) annotations."""
        return (shares[:, None] @ notes)[:, 0]

    def combine(self, attended: Rounded, hidden: Rounded, swapped: bool = False) -> Rounded:
        """Equations 10 to 12 without dropout, with u = [a; h], or [h; a] where it is `swapped`."""
        parts = [hidden, attended] if swapped else [attended, hidden]
        return self.linear("combined_output_projection", joined(parts)).tanh()

    def step(self, x: Rounded, state: State, notes: Rounded) -> tuple[State, Rounded]:
        """One step of the decoder, none of whose annotations is padding."""
        state = self.cell(x, state)
        scores = self.scores(state[0], self.linear("att_projection", notes))
        return state, self.combine(self.attend(scores.softmax(), notes), state[0])

    def chances(self, output: Rounded) -> Rounded:
        """The log-probabilities of the next word, (B, V)."""
        return self.linear("target_vocab_projection", output).log_softmax()

    def likelihood(self, source: Tensor, target: Sequence[int]) -> Rounded:
        """The log-probability of one translation, ().

        Args:
            source: (S,) word ids.
            target: ids from `<s>` on; each but the first is asked for.
        """
        notes, hidden, cell = self.encode(source[:, None])
        state = self.linear("h_projection", hidden), self.linear("c_projection", cell)
        output = exact(torch.zeros(1, self.hidden))
        total = exact(torch.zeros(1))
        for word, following in pairwise(target):
            x = joined([self.words("target", torch.tensor([word])), output])
            state, output = self.step(x, state, notes)
            total = total + self.chances(output)[:, following]
        return total[0]


_PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def expect_parameters(
    answered: Tensors, shapes: Mapping[str, tuple[int, ...]], *, tried: str, hint: str
) -> None:
    """Require that a student's model has these parameters; their shapes came as numbers.

    Raises:
        Wrong: naming the first one that is missing or has another shape.
    """
    for name, shape in shapes.items():
        got = tuple(shape_answered(answered, name).shape) if name in answered else None
        expect(
            got == shape,
            tried=tried,
            expected=f"{name} of shape {shape}",
            got="no such parameter" if got is None else f"shape {got}",
            hint=hint,
        )


def whole(
    answered: Tensors, name: str, shape: tuple[int, ...], what: str, tried: str, hint: str
) -> Tensor:
    """An answer of that name, float64.

    Raises:
        Wrong: if it has another shape.
    """
    got = answer_named(answered, name).double()
    expect_shape(got, shape, what=what, tried=tried, hint=hint)
    return got
