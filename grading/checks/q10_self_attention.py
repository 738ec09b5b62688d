"""Checks of q10, self-attention (Vaswani et al., 2017, section 3.2.1).

Shapes: `B` sequences, `T` or `t` positions, `H` hidden width, `dk` and `dv` width of keys and
values; pairwise different primes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._recurrent_yardstick import expect_parameters
from grading.checks._self_attention_yardstick import (
    OUT,
    SelfAttentionYardstick,
    attention_shapes,
    drawn_attention,
)
from grading.claims import Check, check
from grading.compare import (
    Mistake,
    answer_named,
    expect_close,
    expect_shape,
    shape_answered,
)
from grading.draw import Draw
from grading.frames import Tensors
from grading.stepwise import naming_the_first_step
from grading.worker.kit import device, returned, shape_of, watching

FORMULA = "Compare scores, scale, softmax, mixture and last layer with the formula one by one."


def _asked(draw: Draw) -> Tensors:
    """Random sequences and weights, with their sizes."""
    batch, steps, hidden, keys, values = draw.sizes(B=2, T=2, H=2, dk=2, dv=2, high=11)
    return {
        "y_all": draw.normal(batch, steps, hidden),
        "sizes": torch.tensor([hidden, keys, values]),
        **drawn_attention(draw, hidden, keys, values),
    }


@check("q10.attention_shape", points=0)
class FourLayers(Check):
    """SelfAttention runs, from (B, T, H) to width H, with four linear layers of the right sizes."""

    def ask(self, draw: Draw) -> Tensors:
        """A sequence, and the sizes."""
        return _asked(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of the parameters and of what one of the two methods returns."""
        attention = student.rnn.SelfAttention(*asked["sizes"].tolist()).to(device)
        try:
            found = shape_of(attention.step(asked["y_all"]), "SelfAttention.step")
        except NotImplementedError:  # whoever has written forward first is judged by that
            found = shape_of(attention(asked["y_all"])[:, -1], "SelfAttention.forward")
        shapes = {name: shape_of(value, name) for name, value in attention.named_parameters()}
        return {"found": found, **shapes}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As the homework names them."""
        hidden, keys, values = asked["sizes"].tolist()
        batch, steps, _ = asked["y_all"].shape
        tried = f"to build an attention of hidden_dim {hidden}, key_dim {keys}, value_dim {values}"
        expect_parameters(answered, attention_shapes(hidden, keys, values), tried=tried)
        expect_shape(
            shape_answered(answered, "found"),
            (batch, hidden),
            what="what the newest position finds",
            tried=f"{tried}, and outputs of shape {(batch, steps, hidden)}",
            hint="For how many positions does step compute the attention?",
            mistakes=[
                (
                    (batch, steps, hidden),
                    "step returns every position",
                    "For how many positions does step compute the attention?",
                ),
                ((batch, values), "the last layer is left out", OUT),
            ],
        )


@check("q10.attention_step", points=8, after="q10.attention_shape")
class NewestPositionAsks(Check):
    """SelfAttention.step: the newest position's query, all keys and values, scaled by √dk."""

    def ask(self, draw: Draw) -> Tensors:
        """Random sequences and weights."""
        return _asked(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """What the newest position finds, with the given weights; among many, and alone."""
        attention = student.rnn.SelfAttention(*asked["sizes"].tolist()).to(device).eval()
        weights = {name: value for name, value in asked.items() if "." in name}
        attention.load_state_dict(weights, strict=False)
        names = ("query_transform", "key_transform", "value_transform", "output_transform")
        with watching({name: getattr(attention, name) for name in names}) as seen:
            found = returned(attention.step(asked["y_all"]), "SelfAttention.step")
        alone = returned(attention.step(asked["y_all"][:, :1]), "SelfAttention.step")
        return {"found": found, "alone": alone, **seen}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Both agree."""
        yard = SelfAttentionYardstick(asked, asked["y_all"])
        with naming_the_first_step(lambda: yard.seen(answered, newest=True)):
            expect_close(
                got=answer_named(answered, "found"),
                want=yard.forward()[:, -1],
                tolerance=yard.tolerance(),
                what="what the newest position finds",
                tried="random outputs of the network, random weights and biases",
                hint=FORMULA,
                mistakes=yard.mistakes(),
            )
        first = SelfAttentionYardstick(asked, asked["y_all"][:, :1])
        expect_close(
            got=answer_named(answered, "alone"),
            want=first.forward()[:, -1],
            tolerance=first.tolerance(),
            what="what the first position finds",
            tried="the first output of the network alone, with the same weights",
            hint="What are the weights where there is one position only?",
        )


@check("q10.attention_forward", points=5, after="q10.attention_shape")
class AttentionOfASequence(Check):
    """SelfAttention.forward gives (B, T, H), and at the last position what the formula says."""

    def ask(self, draw: Draw) -> Tensors:
        """Random sequences and weights."""
        return _asked(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The output at every position, with the given weights."""
        attention = student.rnn.SelfAttention(*asked["sizes"].tolist()).to(device).eval()
        weights = {name: value for name, value in asked.items() if "." in name}
        attention.load_state_dict(weights, strict=False)
        names = ("query_transform", "key_transform", "value_transform", "output_transform")
        with watching({name: getattr(attention, name) for name in names}) as seen:
            output = returned(attention(asked["y_all"]), "SelfAttention.forward")
        return {"output": output, **seen}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The last position agrees; it is the one that no mask changes."""
        yard = SelfAttentionYardstick(asked, asked["y_all"])
        output = _whole(asked, answered, "output")
        with naming_the_first_step(lambda: yard.seen(answered, newest=False)[:3]):
            expect_close(
                got=output[:, -1],
                want=yard.forward()[:, -1],
                tolerance=yard.tolerance(),
                what="the output at the last position",
                tried="random outputs of the network, looking at the last position only",
                hint=FORMULA,
                mistakes=yard.mistakes(),
            )


@check("q10.causal", points=3, after="q10.attention_shape")
class NoPositionLooksAhead(Check):
    """At every position, forward gives what it gives if the sequence ends there."""

    def ask(self, draw: Draw) -> Tensors:
        """Random sequences and weights."""
        return _asked(draw)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The output for the whole sequence, and the last one for each beginning of it."""
        y_all = asked["y_all"]
        attention = student.rnn.SelfAttention(*asked["sizes"].tolist()).to(device).eval()
        weights = {name: value for name, value in asked.items() if "." in name}
        attention.load_state_dict(weights, strict=False)
        what = "SelfAttention.forward"
        ends = range(1, y_all.shape[1] + 1)
        cut = [returned(attention(y_all[:, :end]), what)[:, -1] for end in ends]
        return {"output": returned(attention(y_all), what), "cut": torch.stack(cut, 1)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They are the same."""
        yard = SelfAttentionYardstick(asked, asked["y_all"])
        scores, lower = yard.scores(), yard.lower
        late = yard.out((scores.softmax(-1) * lower) @ yard.values)
        question = "Which scores let position 0 see position 1?"
        axis = "For one query, over what do the weights sum to 1?"
        expect_close(
            got=_whole(asked, answered, "output"),
            want=_whole(asked, answered, "cut"),
            tolerance=2 * yard.tolerance(),
            what="the output",
            tried="each sequence as a whole, and once more cut off behind each position",
            hint=question,
            mistakes=[
                Mistake("the mask is missing", yard.attend(scores), question),
                Mistake(
                    "the mask is on the wrong triangle", yard.attend(scores, lower.T), question
                ),
                Mistake(
                    "the mask comes after the softmax",
                    late,
                    "What do a position's weights sum to once the later ones are set to zero?",
                ),
                Mistake("softmax over the wrong axis", yard.attend(scores, lower, axis=-2), axis),
                Mistake("softmax over the wrong axis", yard.attend(scores, axis=-2), axis),
            ],
        )


def _whole(asked: Tensors, answered: Tensors, name: str) -> Tensor:
    """An output of that name, (B, T, H).

    Raises:
        Wrong: if it has another shape.
    """
    batch, steps, hidden = asked["y_all"].shape
    values = int(asked["sizes"][2])
    output = answer_named(answered, name).double()
    last = "For how many positions does forward compute the attention?"
    expect_shape(
        output,
        (batch, steps, hidden),
        what="the output",
        tried=f"outputs of the network of shape {(batch, steps, hidden)}",
        hint="Along which axis do you put the positions together?",
        mistakes=[
            ((batch, steps, values), "the last layer is left out", OUT),
            ((batch, hidden), "the last position only", last),
            (
                (steps, batch, hidden),
                "the positions are stacked along the wrong axis",
                "Along which axis do you put the positions together?",
            ),
        ],
    )
    return output
