"""Checks of q11, fourth part: decode, with a step of our own in place of the student's.

That step returns drawn numbers, whatever it gets, so that only what decode does is judged. It is
called as the homework's own check calls it.

Shapes: `B` sentences, `S` source words, `T` target words with `<s>` and `</s>`, `E` embedding
width, `H` hidden width; sizes are pairwise different primes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._running_error import exact
from grading.checks._translation_yardstick import (
    END,
    START,
    TranslationYardstick,
    drawn_lengths,
    drawn_source,
    drawn_translator,
    whole,
)
from grading.checks.q11_building import LAYERS
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect, expect_close, expect_shape
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import FakeStep, returned, translator

LOOP = ("q11.decode_inputs", "q11.decode_states")
LAST = "Which word of the translation has no word after it that could be learned?"
OUTPUTS = "What is collected after each step, and along which axis is it put together?"
STATE = "Which state does a step begin with, and where does the next one get it from?"


class _Decodes(Check):
    """Decodes with a step that returns drawn numbers."""

    def ask(self, draw: Draw) -> Tensors:
        """Translations, a source, weights, and what the steps are to return."""
        embed, hidden, batch, steps, self.target = draw.sizes(
            E=2, H=2, B=2, S=2, T=3, low=3, high=13
        )
        weights = drawn_translator(draw, embed, hidden)
        lengths = drawn_lengths(draw, batch, steps)
        target = drawn_source(
            draw, drawn_lengths(draw, batch, self.target), int(weights["sizes"][3])
        )
        target[0] = START
        for column in target.T:
            column[max(1, int((column != 0).sum()) - 1)] = END
        shape = self.target + 1, batch, hidden
        return {
            "notes": draw.normal(batch, steps, 2 * hidden),
            "masks": (torch.arange(steps) >= torch.tensor(lengths)[:, None]).float(),
            "hidden": draw.normal(batch, hidden),
            "cell": draw.normal(batch, hidden),
            "target": target,
            **{name: draw.normal(*shape) for name in ("states", "cells", "outputs")},
            "scores": draw.normal(batch, steps),
            **weights,
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """What decode returns, and what it gave to the steps."""
        model = translator(student.nmt_model.NMT, asked)
        model.step = step = FakeStep(asked)
        state = asked["hidden"], asked["cell"]
        result = model.decode(asked["notes"], asked["masks"], state, asked["target"])
        return {"result": returned(result, "decode"), **step.seen()}

    def tried(self) -> str:
        """The feedback's first field."""
        return f"translations of {self.target} words, and a step of our own that returns numbers"

    def given(self, answered: Tensors, name: str, like: Tensor, hint: str) -> Tensor:
        """One argument of all steps.

        Raises:
            Wrong: if it has another shape than it should.
        """
        what = f"{name} of all steps"
        return whole(answered, name, tuple(like.shape), what, self.tried(), hint)


@check("q11.decode_calls", points=2, after=LAYERS)
class OneStepForEachWordButTheLast(_Decodes):
    """decode calls step once for each target word but the last and stacks what they return."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The count, the shape, and the outputs themselves."""
        steps, outputs = self.target - 1, asked["outputs"][: self.target - 1]
        calls = answer_named(answered, "calls").double()
        count = int(calls.nan_to_num(-1, -1, -1)) if calls.numel() == 1 else -1
        names = {0: "step is never called", self.target: "the last word is read as well"}
        expect(
            count == steps,
            tried=self.tried(),
            expected=f"{steps} calls of self.step",
            got=f"{count}",
            hint="Does decode call self.step, with five arguments?" if count == 0 else LAST,
            name=names.get(count, ""),
        )
        got = answer_named(answered, "result").double()
        shape = tuple(outputs.shape)
        expect_shape(
            got,
            shape,
            what="the combined outputs",
            tried=self.tried(),
            hint=OUTPUTS,
            mistakes=[
                ((shape[1], shape[0], shape[2]), "stacked along the wrong axis", OUTPUTS),
                (shape[1:], "only one output is returned", OUTPUTS),
                ((shape[0] * shape[1], shape[2]), "joined instead of stacked", OUTPUTS),
                ((shape[0] + 1, *shape[1:]), "o_0 is returned as well", OUTPUTS),
            ],
        )
        expect_close(
            got=got,
            want=outputs.double(),
            tolerance=0.0,
            what="the combined outputs",
            tried=self.tried(),
            hint=OUTPUTS,
            mistakes=[
                Mistake("the states instead of the outputs", asked["states"][:steps], OUTPUTS),
                Mistake("the outputs in reverse order", outputs.flip(0), OUTPUTS),
            ],
        )


@check("q11.decode_inputs", points=3, after="q11.decode_calls")
class EachWordWithTheLastOutput(_Decodes):
    """A step gets [the word's vector; the last combined output]; at first, zeros for the latter."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They agree, exactly: nothing is computed."""
        steps = self.target - 1
        yard = TranslationYardstick(asked)
        words = yard.words("target", asked["target"]).value
        outputs, states = (asked[name][: steps - 1].double() for name in ("outputs", "states"))
        none = torch.zeros_like(asked["outputs"][:1]).double()
        first = asked["hidden"][None].double()
        fed = torch.cat([none, outputs])
        right = torch.cat([words[:-1], fed], -1)
        feed = "What does a step read besides the word, and where does the step before put it?"
        known = "What is known of an output before the first step?"
        other = yard.weights["model_embeddings.source.weight"].value
        wrong_words = other[asked["target"].clamp(max=len(other) - 1)]
        slips = [
            ("the last output is not fed", _joined(words[:-1], torch.zeros_like(fed)), feed),
            ("the state is fed, not the output", _joined(words[:-1], none, states), feed),
            ("the state is fed, not the output", _joined(words[:-1], first, states), feed),
            ("the first state serves as o_0", _joined(words[:-1], first, outputs), known),
            ("the output comes before the word", torch.cat([fed, words[:-1]], -1),
             "In which order does the equation of the decoder's input join the two?"),
            ("the first word is dropped, not the last", _joined(words[1:], fed), LAST),
            ("the source's vectors for target words", _joined(wrong_words[:-1], fed),
             "Which of the two tables holds the vectors of the words that are written?"),
        ]  # fmt: skip
        expect_close(
            got=self.given(answered, "Ybar_t", right, feed),
            want=right,
            tolerance=0.0,
            what="Ybar_t of all steps",
            tried=self.tried(),
            hint=feed,
            mistakes=[Mistake(*slip) for slip in slips],
        )


@check("q11.decode_states", points=3, after="q11.decode_calls")
class TheStateIsHandedOn(_Decodes):
    """The first step gets dec_init_state, each later one its predecessor's; all get the source."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """States, annotations, their projections and the masks agree."""
        steps = self.target - 1
        for name, later in (("hidden", "states"), ("cell", "cells")):
            first = asked[name][None].double()
            right = torch.cat([first, asked[later][: steps - 1].double()])
            expect_close(
                got=self.given(answered, name, right, STATE),
                want=right,
                tolerance=0.0,
                what=f"the {name} that each step gets",
                tried=self.tried(),
                hint=STATE,
                mistakes=[Mistake("every step begins anew", first.expand_as(right), STATE)],
            )
        self._expect_the_source(asked, answered)

    def _expect_the_source(self, asked: Tensors, answered: Tensors) -> None:
        keys = TranslationYardstick(asked).linear("att_projection", exact(asked["notes"]))
        question = "Which layer makes of annotations what is multiplied with the decoder's state?"
        passed = "Which of decode's own arguments does a step need as they are?"
        notes, masks = asked["notes"].double(), asked["masks"].double()
        for name, value, error, hint in (
            ("enc_hiddens", notes, torch.zeros_like(notes), passed),
            ("enc_hiddens_proj", keys.value, keys.error, question),
            ("enc_masks", masks, torch.zeros_like(masks), passed),
        ):
            right = value.expand(self.target - 1, *value.shape)
            slip = [Mistake("the mask is turned round", 1 - right, passed)]
            expect_close(
                got=self.given(answered, name, right, hint),
                want=right,
                tolerance=error.expand_as(right),
                what=f"{name} of all steps",
                tried=self.tried(),
                hint=hint,
                mistakes=slip if name == "enc_masks" else [],
            )


def _joined(words: Tensor, *fed: Tensor) -> Tensor:
    return torch.cat([words, torch.cat(fed)], -1)
