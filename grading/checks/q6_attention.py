"""Checks of q6, scaled dot-product attention with a causal mask (Vaswani et al., 2017, 3.2.1).

What can be seen of a block on the way: the outputs of its three layers, by forward hooks, and its
attention weights, by putting known values in place of v_layer's output. A block that computes with
the layers' weights but does not call the layers shows neither, and the feedback does without.

Shapes: `B` sequences, `T` positions, `C` features; sizes are pairwise different primes.
"""

from __future__ import annotations

from typing import Any

import torch

from grading.checks._attention_yardstick import (
    LAYERS,
    AttentionYardstick,
    drawn_weights,
    expect_numbers,
    output_of,
)
from grading.claims import Check, check
from grading.compare import (
    Mistake,
    expect,
    expect_close,
    expect_shape,
    rounding,
    shape_answered,
)
from grading.draw import Draw
from grading.frames import Tensors
from grading.stepwise import naming_the_first_step
from grading.worker.kit import device, mixing_weights, returned, shape_of, watching


@check("q6.layers", points=0)
class ThreeProjections(Check):
    """The block runs, and projects queries, keys and values with three linear layers, C to C."""

    def ask(self, draw: Draw) -> Tensors:
        """Two different sizes."""
        self.features, self.block = draw.sizes(C=2, T=3)
        return {"sizes": torch.tensor([self.features, self.block])}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of the layers' parameters."""
        features, block = asked["sizes"].tolist()
        attention = student.models.AttentionBlock(features, block).to(device)
        returned(
            attention(torch.zeros(1, block, features, device=device)), "AttentionBlock.forward"
        )
        parameters = dict(attention.named_parameters())
        return {
            name: shape_of(parameters[name], name)
            for layer in ("q_layer", "k_layer", "v_layer")
            for name in (f"{layer}.weight", f"{layer}.bias")
            if name in parameters
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every layer is there with its size."""
        for layer in LAYERS:
            for part, shape in (("weight", [self.features] * 2), ("bias", [self.features])):
                name = f"{layer}.{part}"
                got = [*shape_answered(answered, name).shape] if name in answered else []
                expect(
                    got == shape,
                    tried=f"to build a block of layer_size {self.features}",
                    expected=f"{layer}.{part} of shape {tuple(shape)}",
                    got=f"shape {tuple(got)}" if got else "no such parameter",
                    hint="Are the three layers made in the constructor, each from layer_size to "
                    "layer_size with a bias?",
                )


@check("q6.shapes", points=0, after="q6.layers")
class ShapeIsKept(Check):
    """The block maps (B, T, C) to (B, T, C), also for sequences shorter than the block size."""

    def ask(self, draw: Draw) -> Tensors:
        """A batch that fills the block, and a shorter one."""
        batch, steps, features = draw.sizes(B=1, T=2, C=3)
        self.full = (batch, steps, features)
        self.short = (batch, steps - 1, features)
        return {"full": draw.normal(*self.full), "short": draw.normal(*self.short)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of both outputs."""
        _, steps, features = asked["full"].shape
        attention = student.models.AttentionBlock(features, steps).to(device).eval()
        what = "AttentionBlock.forward"
        return {name: shape_of(attention(asked[name]), what) for name in ("full", "short")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Both shapes are those of the inputs."""
        for name, shape in (("full", self.full), ("short", self.short)):
            batch, steps, features = shape
            expect_shape(
                shape_answered(answered, name),
                shape,
                what="the output",
                tried=f"an input of shape {shape} through a block of size {self.full[1]}",
                hint="Which axis is features, and does the mask fit the sequence's own length?",
                mistakes=[
                    (
                        (1, batch, steps, features),
                        "a leading axis is kept from the mask",
                        "The mask has shape (1, 1, T, T); what does broadcasting it against "
                        "(B, T, T) do to the number of axes?",
                    )
                ],
            )


@check("q6.values", points=1, after="q6.shapes")
class LastPositionSeesAll(Check):
    """The last position's output is softmax(q kᵀ / √C) V over the whole sequence."""

    def ask(self, draw: Draw) -> Tensors:
        """Random inputs and weights."""
        batch, steps, features = draw.sizes(B=1, T=2, C=3, low=3)
        return {"inputs": draw.normal(batch, steps, features), **drawn_weights(draw, features)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The whole output of a block with the given weights."""
        inputs = asked["inputs"]
        attention = student.models.AttentionBlock(inputs.shape[2], inputs.shape[1]).to(device)
        weights = {name: value for name, value in asked.items() if name != "inputs"}
        attention.load_state_dict(weights, strict=False)
        layers = {name: getattr(attention, name) for name in ("q_layer", "k_layer", "v_layer")}
        with watching(layers) as seen:
            output = returned(attention.eval()(inputs), "AttentionBlock.forward")
        seen |= mixing_weights(attention, attention.v_layer, inputs)
        return {"output": output, **seen}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The last row agrees; it is the one that no mask changes."""
        yard = AttentionYardstick(asked)
        scores, root = yard.scores(), yard.features**0.5
        crossed = yard.keys @ yard.queries.mT / root
        slips = [
            (
                "scaled by C instead of √C",
                yard.attend(scores / root, None),
                "By how much does the spread of a sum of C products grow with C?",
            ),
            (
                "not scaled",
                yard.attend(scores * root, None),
                "What does the formula divide the scores by, before the softmax?",
            ),
            (
                "softmax over the wrong axis",
                yard.attend(scores, yard.lower, axis=-2),
                "For one query, over what do the weights sum to 1?",
            ),
            (
                "softmax over the wrong axis",
                yard.attend(scores, None, axis=-2),
                "For one query, over what do the weights sum to 1?",
            ),
            (
                "softmax over the batch",
                yard.attend(scores, None, axis=0),
                "For one query, over what do the weights sum to 1?",
            ),
            (
                "K Qᵀ instead of Q Kᵀ",
                yard.attend(crossed, None),
                "Which of the two belongs to the position that asks?",
            ),
            (
                "the mask is on the wrong triangle",
                yard.attend(scores, yard.lower.T),
                "The last position comes after all others; which of them may it see?",
            ),
        ]
        with naming_the_first_step(lambda: yard.steps(answered, slice(-1, None))):
            output = output_of(asked, answered, "output")[:, -1]
            expect_numbers(output)
            expect_close(
                got=output,
                want=yard.attend(scores, None)[:, -1],
                tolerance=yard.tolerance(),
                what="the output at the last position",
                tried="random inputs, weights and biases, looking at the last position only",
                hint="Compare softmax, scale, queries, keys and values with the formula one by "
                "one.",
                mistakes=[Mistake(name, value[:, -1], think) for name, value, think in slips],
            )


@check("q6.causal", points=1, after="q6.shapes")
class NoLookingAhead(Check):
    """A position mixes the values up to its own, in shares that sum to 1, and no later one."""

    def ask(self, draw: Draw) -> Tensors:
        """The same sequences three times: as drawn, with another end, with another beginning."""
        batch, steps, features = draw.sizes(B=1, T=2, C=3, low=5)
        # Position 0 alone cannot tell a missing mask from one on the wrong triangle.
        self.split = draw.integer(min(2, steps - 1), steps)
        inputs = draw.normal(batch, steps, features)
        later, earlier = inputs.clone(), inputs.clone()
        later[:, self.split :] = draw.normal(batch, steps - self.split, features)
        earlier[:, 0] = draw.normal(batch, features)
        return {
            "inputs": inputs,
            "later": later,
            "earlier": earlier,
            **drawn_weights(draw, features),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The outputs for all three, and for values that are all alike."""
        inputs = asked["inputs"]
        attention = student.models.AttentionBlock(inputs.shape[2], inputs.shape[1]).to(device)
        weights = {name: value for name, value in asked.items() if "layer" in name}
        attention.load_state_dict(weights, strict=False)
        attention.eval()
        what = "AttentionBlock.forward"
        layers = {name: getattr(attention, name) for name in ("q_layer", "k_layer", "v_layer")}
        with watching(layers) as seen:
            names = ("inputs", "later", "earlier")
            outputs = {name: returned(attention(asked[name]), what) for name in names}
        seen |= mixing_weights(attention, attention.v_layer, inputs)
        with torch.no_grad():
            attention.v_layer.weight.zero_()  # every value is the bias now
        return {**outputs, **seen, "alike": returned(attention(inputs), what)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Nothing later is seen, everything earlier is, and the shares sum to 1."""
        with naming_the_first_step(lambda: AttentionYardstick(asked).steps(answered, slice(None))):
            self._compare(asked, answered)

    def _compare(self, asked: Tensors, answered: Tensors) -> None:
        names = ("inputs", "later", "earlier", "alike")
        outputs = {name: output_of(asked, answered, name) for name in names}
        plain, changed = (
            AttentionYardstick(asked),
            AttentionYardstick({**asked, "inputs": asked["later"]}),
        )
        expect_numbers(outputs["inputs"])
        seen, question = slice(None, self.split), "Which scores let position 0 see position 1?"
        axis_question = "For one query, over what do the weights sum to 1?"
        by_query = [changed.attend(changed.scores(), m, axis=-2) for m in (changed.lower, None)]
        late = (changed.scores().softmax(-1) * changed.lower) @ changed.values
        late_question = "What do a position's weights sum to once the later ones are set to zero?"
        expect_close(
            got=outputs["later"][:, seen],
            want=outputs["inputs"][:, seen],
            tolerance=plain.tolerance() + changed.tolerance(),
            what=f"the output at positions 0..{self.split - 1}",
            tried=f"the same sequence with only the inputs from position {self.split} on replaced",
            hint=question,
            mistakes=[
                Mistake(name, changed.attend(changed.scores(), mask)[:, seen], question)
                for name, mask in (
                    ("the mask is missing", None),
                    ("the mask is on the wrong triangle", changed.lower.T),
                )
            ]
            + [Mistake("the mask comes after the softmax", late[:, seen], late_question)]
            + [
                Mistake("softmax over the wrong axis", mixed[:, seen], axis_question)
                for mixed in by_query
            ],
        )
        # One sequence may give position 0 a weight that float32 rounds away; all of them cannot.
        moved = (outputs["earlier"] - outputs["inputs"]).abs().amax(dim=(0, 2))  # (T,)
        stuck = (moved == 0).nonzero().flatten()
        expect(
            len(stuck) == 0,
            tried="the same sequence with only the input at position 0 replaced",
            expected="another output at every position, since all of them see position 0",
            got=f"the same output as before at position {int(stuck[0]) if len(stuck) else 0}",
            hint="Does each position mix the values of all positions up to its own?",
        )
        bias = asked["v_layer.bias"].double()
        expect_close(
            got=outputs["alike"],
            want=bias.expand_as(outputs["alike"]),
            tolerance=rounding(2 * asked["inputs"].shape[1] + 2, bias.abs().max()),
            what="the output",
            tried="the same block with values that are alike at every position",
            hint="What comes out if equal values are mixed in shares that sum to 1?",
        )
