"""Question 11: what a search found for a sentence, and in which order.

Beam search can lose the greedy translation early and end with a worse one. So the greedy one is
remembered on its own, and put first where it scores higher than all that the beam found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Hypothesis(NamedTuple):
    """A translation and how likely the model finds it.

    Attributes:
        value: the words, without `<s>` and `</s>`.
        score: the sum of the words' log-probabilities, that of `</s>` included if it was reached.
    """

    value: list[str]
    score: float


@dataclass
class Found:
    """What the search of one sentence found.

    Attributes:
        complete: the hypotheses that ended in `</s>`.
        unfinished: the likeliest beginning when the time was up, if there was one.
        greedy: the greedy translation, if the beam kept it, and whether it ended in `</s>`.
        greedy_bound: its score at most: what its beginning had when the beam lost it.
    """

    complete: list[Hypothesis]
    unfinished: Hypothesis | None = None
    greedy: tuple[Hypothesis, bool] | None = None
    greedy_bound: float = 0.0

    def lacks_greedy(self) -> bool:
        """Say whether a greedy translation that was not found may be better than all found."""
        returned = self.complete or [one for one in (self.unfinished,) if one is not None]
        return self.greedy is None and self.greedy_bound > max(one.score for one in returned)


def ranked(found: Found, beam_size: int, length_penalty: float | None) -> list[Hypothesis]:
    """Order what was found, the greedy translation first if it is better than all of it."""
    power = 0.0 if length_penalty is None else length_penalty

    def rank(hypothesis: Hypothesis, ended: bool) -> float:
        return hypothesis.score / max(1, len(hypothesis.value) + ended) ** power

    order = [(rank(one, True), one) for one in found.complete]
    if found.unfinished is not None and not order:
        order = [(rank(found.unfinished, False), found.unfinished)]
    order.sort(key=lambda pair: -pair[0])
    if found.greedy is not None:
        greedy, ended = found.greedy
        # A mean over words says nothing about a beginning: one that goes round in circles is very
        # sure of every word.
        fair = ended or length_penalty is None or not found.complete
        if fair and rank(greedy, ended) > order[0][0] and greedy.value != order[0][1].value:
            order = [(rank(greedy, ended), greedy), *order[: beam_size - 1]]
    return [hypothesis for _, hypothesis in order]
