"""A transformer block in float64, from its own attention's output, and the usual slips of it.

Shapes: `B` sequences, `T` positions, `C` channels.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from grading.compare import Mistake, rounding
from grading.frames import Tensors
from grading.stepwise import Step


class BlockYardstick:
    """The six steps of the homework's block.

    Args:
        asked: ``inputs`` (B, T, C), ``weight`` and ``bias`` of the linear layer, ``gain_1``,
            ``shift_1``, ``gain_2`` and ``shift_2`` of the norms.
        answered: ``attended``, the attention of the inputs, and ``attended_normed``, of the
            inputs after the first norm; both (B, T, C).
    """

    def __init__(self, asked: Tensors, answered: Tensors) -> None:
        self.drawn = {name: tensor.double() for name, tensor in asked.items()}
        self.x = self.drawn["inputs"]
        self.answered = answered
        self.attended = answered["attended"].double()
        self.attended_normed = answered["attended_normed"].double()

    def norm(self, number: int, x: Tensor) -> Tensor:
        """Layer normalisation with the drawn gain and shift."""
        gain, shift = self.drawn[f"gain_{number}"], self.drawn[f"shift_{number}"]
        return functional.layer_norm(x, gain.shape, gain, shift)

    def linear(self, x: Tensor) -> Tensor:
        """The linear layer, without its ReLU."""
        return x @ self.drawn["weight"].T + self.drawn["bias"]

    def block(self) -> Tensor:
        """What the block should give, (B, T, C)."""
        h = self.norm(1, self.x + self.attended)
        return self.norm(2, h + self.linear(h).relu())

    def tolerance(self) -> Tensor:
        """Rounding of two sums over C, magnified where a norm divides by a small spread."""
        total = self.x + self.attended
        h = self.norm(1, total)
        out = h + self.linear(h).relu()
        first, second = (
            sums.abs().amax() / sums.std(-1, correction=0).amin() * self.drawn[f"gain_{n}"].amax()
            for n, sums in ((1, total), (2, out))
        )
        through = 1 + self.drawn["weight"].abs().sum(1).amax() / out.abs().amax()
        return rounding(self.x.shape[-1] + 10, first * second * through)

    def steps(self) -> list[Step]:
        """What goes into the three layers, in the order of the homework."""
        total = self.x + self.attended
        h = self.norm(1, total)
        return [
            Step(f"the input of the {name}", self.answered.get(part), want, self.tolerance())
            for name, part, want in (
                ("first norm", "norm_1.in", total),
                ("linear layer", "linear.in", h),
                ("second norm", "norm_2.in", h + self.linear(h).relu()),
            )
        ]

    def slips(self) -> list[Mistake]:
        """What the usual slips give."""
        x, attended = self.x, self.attended
        h = self.norm(1, x + attended)
        part = self.linear(h).relu()
        alone, bare = self.norm(1, attended), x + attended
        before = x + self.attended_normed
        second = self.norm(2, x + attended)
        added = "Two of the six steps are sums. Which two numbers does each of them add?"
        where = "Is a sum normalised after it was made, or are its parts before?"
        relu = "To what is the ReLU applied: to the linear layer's output, or to something else?"
        each = "How many times does a block normalise, and which norm comes first?"
        return [
            Mistake("the second residual is missing", self.norm(2, part), added),
            Mistake("the first residual is missing", self._second_half(alone), added),
            Mistake(
                "the second residual starts from the block's input", self.norm(2, x + part), added
            ),
            Mistake(
                "normalised before instead of after",
                before + self.linear(self.norm(2, before)).relu(),
                where,
            ),
            Mistake("the ReLU is missing", self.norm(2, h + self.linear(h)), relu),
            Mistake(
                "the ReLU comes after the sum", self.norm(2, (h + self.linear(h)).relu()), relu
            ),
            Mistake("the first norm is missing", self._second_half(bare), each),
            Mistake("the second norm is missing", h + part, each),
            Mistake(
                "the two norms are swapped",
                self.norm(1, second + self.linear(second).relu()),
                each,
            ),
        ]

    def _second_half(self, h: Tensor) -> Tensor:
        """The block from its fourth step on."""
        return self.norm(2, h + self.linear(h).relu())
