"""Checks of q11, fifth part: one step of the decoder, with given weights.

The homework writes u = [a; h], a skeleton that is widespread [h; a]. Both are right: the weights
that follow are learned.

Shapes: `B` sentences, `S` source words, `E` embedding width, `H` hidden width; sizes are pairwise
different primes.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from grading.checks._running_error import exact
from grading.checks._step_yardstick import PADDED, StepYardstick
from grading.checks._translation_yardstick import drawn_lengths, drawn_translator, whole
from grading.checks.q11_building import LAYERS
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect, expect_close, expect_shape
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import OlderTorch, pair_of, results_of, returned, translator

STEP = ("q11.combined",)
TRIED = "random weights, states and annotations, with some padding"
RATE = 0.4
NOTHING = 104.0  # a score lower by so much has a share that float32 rounds to 0
NEXT = "Which layer makes the next state, and of what?"
DROPPED = "On what does dropout act last, so that some entries of o_t are exactly zero?"


class _OneStep(Check):
    """Takes one step in evaluation mode.

    Attributes:
        low: the smallest size.
    """

    low: ClassVar[int] = 2

    def ask(self, draw: Draw) -> Tensors:
        """Inputs and weights."""
        sizes = draw.sizes(E=2, H=2, B=2, S=2, low=self.low, high=max(13, 2 * self.low))
        embed, hidden, batch, steps = sizes
        lengths = torch.tensor(drawn_lengths(draw, batch, steps))
        weights = drawn_translator(draw, embed, hidden)
        notes = draw.normal(batch, steps, 2 * hidden)
        return {
            "Ybar_t": draw.normal(batch, embed + hidden),
            "hidden": draw.normal(batch, hidden, scale=0.7),
            "cell": draw.normal(batch, hidden, scale=0.7),
            "notes": notes,
            "keys": notes @ weights["att_projection.weight"].T,
            "masks": (torch.arange(steps) >= lengths[:, None]).float(),
            **weights,
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The next state, the combined output and the scores."""
        model = translator(student.nmt_model.NMT, asked, 0.4)
        before = asked["hidden"], asked["cell"]
        with OlderTorch():
            result = model.step(
                asked["Ybar_t"], before, asked["notes"], asked["keys"], asked["masks"]
            )
        state, output, scores = results_of(result, 3, "step")
        hidden, cell = pair_of(state, "the state that step returns")
        output, scores = returned(output, "step, second,"), returned(scores, "step, third,")
        return {"next_hidden": hidden, "next_cell": cell, "output": output, "scores": scores}


@check("q11.step_shape", points=0, after=LAYERS)
class StepKeepsShape(_OneStep):
    """step returns the state, two (B, H), the combined output (B, H) and the scores (B, S)."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """All four are as the homework says."""
        batch, steps, width = asked["notes"].shape
        hidden = width // 2
        squeeze = "Which axis of size 1 does a product of batches of matrices leave behind?"
        joined = "Which layer leads from what is joined to the width H?"
        for name, what, size, hint in (
            ("next_hidden", "h_t", hidden, NEXT),
            ("next_cell", "c_t", hidden, NEXT),
            ("output", "the combined output", hidden, joined),
            ("scores", "the scores", steps, squeeze),
        ):
            expect_shape(
                answer_named(answered, name),
                (batch, size),
                what=what,
                tried=f"{batch} sentences of {steps} words, hidden_size {hidden}",
                hint=hint,
                mistakes=[
                    ((batch, size, 1), "an axis of size 1 is left", squeeze),
                    ((batch, 1, size), "an axis of size 1 is left", squeeze),
                    ((batch, 3 * hidden), "what is joined is not projected", joined),
                ],
            )


@check("q11.even", points=0, after="q11.step_shape")
class EvenAttention(_OneStep):
    """A case by hand, H = 1: where h_t is 0, all words get equal shares, and o_t = tanh(mean)."""

    def ask(self, draw: Draw) -> Tensors:
        """Weights of 0 and 1, and two words with a third that is padding."""
        tenths = draw.integers(1, 3, 2, low=0, high=5).float() / 10
        tenths[0, 0, 0] += 0.9
        tenths[0, 2] = 9.0
        weights = drawn_translator(draw, 1, 1)
        weights = {name: it * 0 if "." in name else it for name, it in weights.items()}
        weights["combined_output_projection.weight"] += 1
        return {
            "Ybar_t": torch.zeros(1, 2),
            "hidden": torch.zeros(1, 1),
            "cell": torch.zeros(1, 1),
            "notes": tenths,
            "keys": torch.zeros(1, 3, 1),
            "masks": torch.tensor([[0.0, 0.0, 1.0]]),
            **weights,
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """It is the tanh of the sum of the mean annotation's entries."""
        notes = asked["notes"][0].double()
        first, second = ([round(it, 1) for it in row] for row in notes[:2].tolist())
        tried = (
            f"annotations {first} and {second}, a padding of [9, 9], the decoder's weights 0, W_u 1"
        )
        mean, with_padding = notes[:2].mean(0).sum(), notes.mean(0).sum()
        expect_close(
            got=whole(answered, "output", (1, 1), "o_t", tried, "Is it one number a sentence?"),
            want=mean.tanh().reshape(1, 1),
            tolerance=1e-5,
            what="o_t",
            tried=tried,
            hint="If two words get the same share, what is their mean? And what follows it?",
            mistakes=[
                Mistake("padding is not masked", with_padding.tanh().reshape(1, 1), PADDED),
                Mistake("only padding is left", notes[2].sum().tanh().reshape(1, 1), PADDED),
                Mistake("the tanh is missing", mean.reshape(1, 1), "What keeps o_t below 1?"),
            ],
        )


@check("q11.step_state", points=2, after="q11.step_shape")
class TheNextState(_OneStep):
    """The next state is what the decoder's LSTMCell makes of Ybar_t and the state before."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Hidden state and cell agree."""
        yard = StepYardstick(asked)
        for part, name, what in ((0, "next_hidden", "h_t"), (1, "next_cell", "c_t")):
            want, other = yard.state[part], yard.state[1 - part]
            fresh = yard.yard.cell(exact(asked["Ybar_t"]), yard.yard.nothing(len(want.value)))
            expect_close(
                got=whole(answered, name, tuple(want.value.shape), what, TRIED, NEXT),
                want=want.value,
                tolerance=want.error.max(),
                what=what,
                tried=TRIED,
                hint=NEXT,
                mistakes=[
                    Mistake("hidden state and cell are swapped", other.value, "What comes first?"),
                    Mistake("the state stays as it was", yard.before[part].value, NEXT),
                    Mistake("the state before is not used", fresh[part].value, NEXT),
                ],
            )


@check("q11.scores", points=3, after="q11.step_state")
class ScoresOfTheWords(_OneStep):
    """A word's score is h_t · W h_i, and that of padding minus infinity."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Scores of words agree; padding has none."""
        yard = StepYardstick(asked)
        want, padding = yard.scores, yard.padding
        got = whole(answered, "scores", tuple(padding.shape), "the scores", TRIED, "One a word?")
        hidden = got.isneginf() | (got < want.value.min() - NOTHING)
        expect(
            not bool((hidden == ~padding).all()),
            tried=TRIED,
            expected="minus infinity at padding, numbers at words",
            got="minus infinity at words, numbers at padding",
            hint="What does a 1 in enc_masks stand for, and where does masked_fill fill?",
            name="the mask is the wrong way round",
        )
        expect(
            bool(hidden[padding].all()),
            tried=TRIED,
            expected="a score of minus infinity wherever enc_masks is 1",
            got=f"{_first(got[padding & ~hidden])} at padding",
            hint=PADDED,
            name="padding is not masked",
        )
        expect_close(
            got=got[~padding],
            want=want.value[~padding],
            tolerance=want.error.max(),
            what="the scores of real words, in a row",
            tried=TRIED,
            hint="Which product makes one number of a state and a projected annotation?",
            mistakes=[
                Mistake(slip.name, slip.value[~padding], slip.question)
                for slip in yard.score_mistakes()
            ],
        )


@check("q11.combined", points=4, after="q11.scores")
class TheCombinedOutput(_OneStep):
    """o_t is tanh(W_u u) of the annotations' mean and h_t in either order; nothing is dropped."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """It agrees with one of the two orders."""
        yard = StepYardstick(asked)
        right = yard.combined(False)
        got = whole(answered, "output", tuple(right.value.shape), "o_t", TRIED, "How wide is o_t?")
        want = yard.combined(yard.is_swapped(got))
        expect_close(
            got=got,
            want=want.value,
            tolerance=want.error.max(),
            what="the combined output in evaluation mode",
            tried=TRIED,
            hint="Write alpha_t, a_t, u_t and o_t beside the equations: what is different?",
            mistakes=[*yard.output_mistakes(), _dropped_mistake(got, want.value)],
        )


@check("q11.step_dropout", points=1, after=("q11.combined", "q11.dropout"))
class DropoutComesLast(_OneStep):
    """While training, entries of o_t are dropped after the tanh; the others are made larger."""

    low = 11

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The combined output in training, and in evaluation."""
        model = translator(student.nmt_model.NMT, asked, 0.4)
        before = asked["hidden"], asked["cell"]
        found = {}
        for name in ("training", "output"):
            model.train(name == "training")
            with OlderTorch():
                result = model.step(
                    asked["Ybar_t"], before, asked["notes"], asked["keys"], asked["masks"]
                )
            found[name] = returned(results_of(result, 3, "step")[1], "step, second,")
        return found

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every entry is 0, or what it is otherwise divided by what is kept."""
        yard = StepYardstick(asked)
        shape = tuple(yard.state[0].value.shape)
        tried = f"dropout_rate {RATE} and the model in training mode"
        got, otherwise = (
            whole(answered, name, shape, "o_t", tried, "How wide is o_t?")
            for name in ("training", "output")
        )
        right = yard.combined(yard.is_swapped(otherwise))
        kept, larger = got != 0, 1 / (1 - RATE)
        early = torch.tanh(torch.atanh(right.value) * larger)
        expect_close(
            got=got,
            want=kept * right.value * larger,
            tolerance=right.error * larger + 1e-6 * right.value.abs(),
            what="the entries of o_t that stay",
            tried=tried,
            hint=DROPPED,
            mistakes=[
                Mistake("nothing is dropped", right.value, DROPPED),
                Mistake("dropout comes before the tanh", kept * early, DROPPED),
            ],
        )
        zeros = int((~kept).sum())
        expect(
            0 < zeros < kept.numel(),
            tried=tried,
            expected="some entries zero, and some not",
            got=f"{zeros} of {kept.numel()} zero",
            hint=DROPPED,
        )


def _first(values: Tensor) -> str:
    return f"{values.flatten()[0].item():.6g}" if values.numel() else "a number"


def _dropped_mistake(got: Tensor, right: Tensor) -> Mistake:
    """Dropout although the model is not in training."""
    question = "How does dropout learn that the training is over, where it is no layer?"
    return Mistake("dropout also in evaluation", (got != 0) * right / (1 - RATE), question)
