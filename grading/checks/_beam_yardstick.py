"""Beam search in float64, over sorted lists; a beam of width 1 is greedy search.

Shapes: `S` source words, `R` beginnings, `H` hidden width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from grading.checks._running_error import Rounded, exact, joined
from grading.checks._translation_yardstick import END, START, TranslationYardstick


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        words: ids from `<s>` on of the best hypothesis, `</s>` included if it was reached.
        score: the sum of its log-probabilities.
        margin: the smallest distance, at any step, between what was taken and what was not.
    """

    words: list[int]
    score: float
    margin: float


@torch.no_grad()
def search(yard: TranslationYardstick, source: Tensor, beam: int, longest: int) -> Found:
    """Search as the homework does: a completed hypothesis leaves the beam one narrower.

    Args:
        yard: the translator.
        source: (S,) word ids.
        beam: how wide.
        longest: how many words to write at most, `</s>` included.
    """
    notes, hidden, cell = yard.encode(source[:, None])
    state = yard.linear("h_projection", hidden), yard.linear("c_projection", cell)
    output = exact(torch.zeros(1, yard.hidden))
    live: list[tuple[float, list[int]]] = [(0.0, [START])]
    complete: list[tuple[float, list[int]]] = []
    margin = float("inf")
    for _ in range(longest):
        last = torch.tensor([words[-1] for _, words in live])
        state, output = yard.step(
            joined([yard.words("target", last), output]), state, _repeated(notes, len(live))
        )
        chances = yard.chances(output).value.tolist()  # (R, V)
        options = [
            (score + chance, [*words, word], row)
            for row, ((score, words), own) in enumerate(zip(live, chances, strict=True))
            for word, chance in enumerate(own)
        ]
        options.sort(key=lambda it: -it[0])
        room = beam - len(complete)
        margin = min(margin, options[room - 1][0] - options[room][0])
        complete += [(score, words) for score, words, _ in options[:room] if words[-1] == END]
        kept = [it for it in options[:room] if it[1][-1] != END]
        if not kept:
            break
        rows = torch.tensor([row for *_, row in kept])
        live, state, output = (
            [it[:2] for it in kept],
            (state[0][rows], state[1][rows]),
            output[rows],
        )
    score, words = max(complete or live)
    return Found(words, score, margin)


def _repeated(notes: Rounded, rows: int) -> Rounded:
    """One sentence's annotations for each beginning, (R, S, 2H)."""
    return notes[torch.zeros(rows, dtype=torch.int64)]
