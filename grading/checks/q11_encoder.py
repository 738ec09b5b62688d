"""Checks of q11, third part: the encoder, with given weights, against one sentence at a time.

Shapes: `B` sentences, `S` source words, `H` hidden width; sizes are pairwise different primes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._running_error import Rounded, exact, joined
from grading.checks._translation_yardstick import (
    TranslationYardstick,
    drawn_lengths,
    drawn_source,
    drawn_translator,
    whole,
)
from grading.checks.q11_building import LAYERS
from grading.claims import Check, check
from grading.compare import Mistake, expect_close, expect_shape, shape_answered
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import pair_of, results_of, returned, shape_of, translator

NAMES = {"notes": "the annotations", "hidden": "h_0", "cell": "c_0"}
ENCODER = ("q11.encode_padding",)
ENDS = "After which word has each direction read the whole sentence?"
ORDER = "In which order does last_hidden hold the two directions, and in which are they joined?"
JOINED = "What do the two directions know about one word, and along which axis are they joined?"


class _Encodes(Check):
    """Reads sentences.

    Attributes:
        padded: whether they differ in length.
    """

    padded = False

    def ask(self, draw: Draw) -> Tensors:
        """Sentences and weights."""
        embed, hidden, batch, steps = draw.sizes(E=2, H=2, B=2, S=2, high=13)
        weights = drawn_translator(draw, embed, hidden)
        lengths = drawn_lengths(draw, batch, steps) if self.padded else [steps] * batch
        source = drawn_source(draw, lengths, int(weights["sizes"][2]))
        return {"source": source, "lengths": torch.tensor(lengths), **weights}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Annotations and first state."""
        model = translator(student.nmt_model.NMT, asked)
        result = model.encode(asked["source"], asked["lengths"].tolist())
        notes, state = results_of(result, 2, "encode")
        hidden, cell = pair_of(state, "the first state that encode returns")
        return {"notes": returned(notes, "encode"), "hidden": hidden, "cell": cell}

    def tried(self, asked: Tensors) -> str:
        """The feedback's first field."""
        lengths = ", ".join(map(str, asked["lengths"].tolist()))
        return f"random weights and sentences of {lengths} words"

    def got(self, asked: Tensors, answered: Tensors, name: str, like: Tensor) -> Tensor:
        """One of the three results.

        Raises:
            Wrong: if it has another shape than it should.
        """
        what, hint = NAMES[name], JOINED if name == "notes" else ORDER
        return whole(answered, name, tuple(like.shape), what, self.tried(asked), hint)


@check("q11.encode_shape", points=0, after=LAYERS)
class EncodeKeepsShape(_Encodes):
    """encode maps sentences (S, B) to annotations (B, S, 2H) and a first state of two (B, H)."""

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes."""
        model = translator(student.nmt_model.NMT, asked)
        result = model.encode(asked["source"], asked["lengths"].tolist())
        notes, state = results_of(result, 2, "encode")
        hidden, cell = pair_of(state, "the first state that encode returns")
        found = {"notes": notes, "hidden": hidden, "cell": cell}
        return {name: shape_of(value, "encode") for name, value in found.items()}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """All three are as the homework says."""
        steps, batch = asked["source"].shape
        hidden = int(asked["sizes"][1])
        tried = f"{batch} sentences of {steps} words, hidden_size {hidden}"
        expect_shape(
            shape_answered(answered, "notes"),
            (batch, steps, 2 * hidden),
            what="the annotations",
            tried=tried,
            hint=JOINED,
            mistakes=[
                (
                    (steps, batch, 2 * hidden),
                    "the words come before the sentences",
                    "Which axis comes first in what the encoder returns, and which is asked for?",
                ),
                ((batch, steps, hidden), "one direction only", JOINED),
            ],
        )
        for name in ("hidden", "cell"):
            expect_shape(
                shape_answered(answered, name),
                (batch, hidden),
                what=NAMES[name],
                tried=tried,
                hint="What makes a state of width H of what both directions know at their ends?",
                mistakes=[
                    (
                        (batch, 2 * hidden),
                        "the state is not projected",
                        "Which layer leads from both directions to the decoder's width?",
                    ),
                    ((2, batch, hidden), "the directions are not joined", ORDER),
                ],
            )


@check("q11.annotations", points=3, after="q11.encode_shape")
class BothDirections(_Encodes):
    """A word's annotation joins the left-to-right and the right-to-left state at that word."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They agree, for sentences of one length."""
        yard = TranslationYardstick(asked)
        notes, *_ = yard.encode(asked["source"])
        right, left = notes.value.chunk(2, -1)
        once = "How often is the encoder called, and does it not read in both directions itself?"
        expect_close(
            got=self.got(asked, answered, "notes", notes.value),
            want=notes.value,
            tolerance=notes.error.max(),
            what="the annotations",
            tried=self.tried(asked),
            hint="Are they the encoder's own output at every word, of the source words' vectors?",
            mistakes=[
                Mistake("the directions are swapped", torch.cat([left, right], -1), JOINED),
                Mistake("one direction twice", torch.cat([right, right], -1), JOINED),
                Mistake(
                    "one direction is turned once more", torch.cat([right, left.flip(1)], -1), once
                ),
                Mistake(
                    "the sentence is read backwards",
                    yard.encode(asked["source"].flip(0))[0].value,
                    once,
                ),
            ],
        )


@check("q11.first_state", points=3, after="q11.encode_shape")
class WhatEachDirectionKnewAtItsEnd(_Encodes):
    """h_0 and c_0 are projections of [last forward; last backward] hidden state and cell."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They agree, for sentences of one length."""
        yard = TranslationYardstick(asked)
        right, left = (yard.read(asked["source"], end) for end in ("_l0", "_l0_reverse"))
        for part, name in enumerate(("hidden", "cell")):
            layer = f"{name[0]}_projection"
            ends = right[-1][part], left[0][part]
            want = yard.linear(layer, joined(ends))
            mixed = torch.stack([end.value for end in ends]).reshape(len(ends[0].value), -1)
            other = joined([right[-1][1 - part], left[0][1 - part]])
            slips = [
                ("the directions are swapped", joined(ends[::-1]), ORDER),
                ("the backward state of the last word", joined([ends[0], left[-1][part]]), ENDS),
                ("the forward state of the first word", joined([right[0][part], ends[1]]), ENDS),
                ("the first word's forward, the last one's backward state",
                 joined([right[0][part], left[-1][part]]), ENDS),
                ("sentences are mixed up", exact(mixed),
                 "What does a reshape do to the entries that belong to one sentence?"),
                ("hidden state and cell are swapped", other, "What does an LSTM return, in order?"),
            ]  # fmt: skip
            mistakes = [Mistake(n, yard.linear(layer, value).value, q) for n, value, q in slips]
            crossed = yard.linear("c_projection" if part == 0 else "h_projection", joined(ends))
            question = "Which of the projections is there for hidden states, and which for cells?"
            mistakes.append(Mistake("the projections are swapped", crossed.value, question))
            expect_close(
                got=self.got(asked, answered, name, want.value),
                want=want.value,
                tolerance=want.error.max(),
                what=NAMES[name],
                tried=self.tried(asked),
                hint=ENDS,
                mistakes=mistakes,
            )


@check("q11.encode_padding", points=2, after=("q11.annotations", "q11.first_state"))
class NeitherPaddingNorNeighbours(_Encodes):
    """Sentences of different lengths are read as if each were alone: no direction reads padding."""

    padded = True

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Annotations of words, and first states, agree with those of each sentence alone."""
        yard = TranslationYardstick(asked)
        source, lengths = asked["source"], asked["lengths"]
        alone, unpacked = yard.encode_each(source, lengths.tolist()), yard.encode(source)
        real = torch.arange(len(source)) < lengths[:, None]
        question = "What does the right-to-left reading begin with, where a sentence is shorter?"
        slip = "the padding is read as well"
        notes = alone[0]
        expect_close(
            got=self.got(asked, answered, "notes", notes.value)[real],
            want=notes.value[real],
            tolerance=notes.error.max(),
            what="the annotations of real words, in a row",
            tried=self.tried(asked),
            hint=question,
            mistakes=[Mistake(slip, unpacked[0].value[real], question)],
        )
        for place, name in ((1, "hidden"), (2, "cell")):
            layer = f"{name[0]}_projection"
            want, wrong = (yard.linear(layer, each[place]) for each in (alone, unpacked))
            mistakes = [Mistake(slip, wrong.value, question)]
            if name == "hidden":
                edge = "the state at the end of the padding"
                mistakes.append(Mistake(edge, _ends_of_annotations(yard, notes), ENDS))
            expect_close(
                got=self.got(asked, answered, name, want.value),
                want=want.value,
                tolerance=want.error.max(),
                what=NAMES[name],
                tried=self.tried(asked),
                hint=question,
                mistakes=mistakes,
            )


@check("q11.masks", points=0, after=LAYERS)
class MasksMarkPadding(Check):
    """generate_sent_masks is (B, S), with 1 at padding and 0 at words."""

    def ask(self, draw: Draw) -> Tensors:
        """Sentences of several lengths."""
        embed, hidden, batch, steps = draw.sizes(E=2, H=2, B=2, S=2, high=13)
        return {
            "notes": draw.normal(batch, steps, 2 * hidden),
            "lengths": torch.tensor(drawn_lengths(draw, batch, steps)),
            **drawn_translator(draw, embed, hidden),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The masks."""
        model = translator(student.nmt_model.NMT, asked)
        masks = model.generate_sent_masks(asked["notes"], asked["lengths"].tolist())
        return {"masks": returned(masks, "generate_sent_masks")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They agree."""
        batch, steps, _ = asked["notes"].shape
        want = (torch.arange(steps) >= asked["lengths"][:, None]).double()
        lengths = ", ".join(map(str, asked["lengths"].tolist()))
        tried = f"sentences of {lengths} words"
        hint = "For which words is the attention to be kept away?"
        expect_close(
            got=whole(answered, "masks", (batch, steps), "the masks", tried, hint),
            want=want,
            tolerance=0.0,
            what="the masks",
            tried=tried,
            hint=hint,
            mistakes=[Mistake("words and padding are swapped", 1 - want, hint)],
        )


def _ends_of_annotations(yard: TranslationYardstick, notes: Rounded) -> Tensor:
    """h_0 where the forward state is looked for in the last row, padding or not."""
    forward, backward = notes.value.chunk(2, -1)
    ends = torch.cat([forward[:, -1], backward[:, 0]], -1)
    return yard.linear("h_projection", exact(ends)).value
