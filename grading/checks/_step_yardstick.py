"""One step of the decoder in float64, with the usual slips of it.

Shapes: `B` sentences, `S` source words, `H` hidden width.
"""

from __future__ import annotations

import torch
from torch import Tensor

from grading.checks._running_error import Rounded, exact
from grading.checks._translation_yardstick import TranslationYardstick
from grading.compare import Mistake
from grading.frames import Tensors

SHARES = "For one word that is written, over what do the attention's shares sum to 1?"
PADDED = "Which shares does padding get, and what must its scores be before the softmax?"
QUERY = "Is it the state before this step or after it that looks for the words that matter now?"
SQUASHED = "What keeps the entries of o_t between -1 and 1?"


class StepYardstick:
    """The step that a check asks for.

    Args:
        asked: ``Ybar_t``, ``hidden``, ``cell``, ``notes`` and ``masks``, and the weights.
    """

    def __init__(self, asked: Tensors) -> None:
        self.yard = TranslationYardstick(asked)
        self.before = exact(asked["hidden"]), exact(asked["cell"])
        self.notes, self.padding = exact(asked["notes"]), asked["masks"].bool()
        self.state = self.yard.cell(exact(asked["Ybar_t"]), self.before)
        self.keys = self.yard.linear("att_projection", self.notes)
        self.scores = self.yard.scores(self.state[0], self.keys)

    def combined(self, swapped: bool) -> Rounded:
        """The combined output without dropout, for u = [a; h], or [h; a] where it is `swapped`."""
        attended = self.yard.attend(self.scores.softmax(self.padding), self.notes)
        return self.yard.combine(attended, self.state[0], swapped)

    def is_swapped(self, output: Tensor) -> bool:
        """Which of the two orders of u, both right, an output is closer to."""
        off = [(output.double() - self.combined(each).value).abs().sum() for each in (False, True)]
        return bool(off[1] < off[0])

    def score_mistakes(self) -> list[Mistake]:
        """The usual slips in the scores; where there is padding, they do not count."""
        scores, (hidden, cell) = self.yard.scores, self.before
        return [
            Mistake("the state before the step asks", scores(hidden, self.keys).value, QUERY),
            Mistake(
                "the cell asks, not the hidden state",
                scores(self.state[1], self.keys).value,
                "Which part of the decoder's state does the equation of the scores name?",
            ),
            Mistake("the cell of before asks", scores(cell, self.keys).value, QUERY),
            Mistake(
                "shares instead of scores",
                self.scores.softmax(self.padding).value,
                "What is returned third: numbers before the softmax, or after it?",
            ),
            Mistake(
                "the scores are scaled",
                self.scores.value / self.keys.value.shape[-1] ** 0.5,
                "What does the homework's equation of the scores divide by?",
            ),
        ]

    def output_mistakes(self) -> list[Mistake]:
        """The usual slips in the combined output, for both orders of u."""
        return [slip for swapped in (False, True) for slip in self._output_mistakes(swapped)]

    def _output_mistakes(self, swapped: bool) -> list[Mistake]:
        scores, padding, hidden = self.scores.value, self.padding, self.state[0]
        old = self.yard.scores(self.before[0], self.keys).value
        words = (~padding).double()

        def output(shares: Tensor, state: Rounded = hidden) -> Tensor:
            attended = self.yard.attend(exact(shares), self.notes)
            return self.yard.combine(attended, state, swapped).value

        def masked(values: Tensor) -> Tensor:
            return values.masked_fill(padding, -torch.inf)

        right = masked(scores).softmax(1)
        slips = [
            ("padding is not masked", output(scores.softmax(1)), PADDED),
            ("padding counts as a score of 0", output((scores * words).softmax(1)), PADDED),
            ("the mask comes after the softmax", output(scores.softmax(1) * words), PADDED),
            ("softmax over the batch", output(masked(scores).softmax(0)), SHARES),
            ("the scores themselves are the shares", output(scores * words), SHARES),
            ("the words share equally", output(words / words.sum(1, keepdim=True)), SHARES),
            ("the state before the step asks", output(masked(old).softmax(1)), QUERY),
            ("the state before the step is combined", output(right, self.before[0]), QUERY),
            ("the cell is combined", output(right, self.state[1]), QUERY),
            ("the tanh is missing", torch.atanh(output(right)), SQUASHED),
        ]
        return [Mistake(*slip) for slip in slips]
