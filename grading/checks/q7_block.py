"""Checks of q7, first part: the transformer block (Radford et al., 2018); for fun.

What can be seen of a block on the way: what goes into its two norms and its linear layer, by
forward hooks; the norms count in the order in which the constructor made them.

Shapes: `B` sequences, `T` positions, `C` channels.
"""

from __future__ import annotations

from typing import Any

from grading.checks._transformer_yardstick import BlockYardstick
from grading.claims import Check, check
from grading.compare import expect_close, expect_shape
from grading.draw import Draw
from grading.frames import Tensors
from grading.stepwise import naming_the_first_step
from grading.worker.kit import WrongType, device, nn, returned, watching, with_attention


@check("q7.block", points=0)
class AddedAndNormalisedTwice(Check):
    """A block is h = norm_1(x + attention(x)), then norm_2(h + relu(linear(h)))."""

    def ask(self, draw: Draw) -> Tensors:
        """Inputs, and weights for everything but the attention."""
        batch, steps, channels = draw.sizes(B=1, T=2, C=3, low=5)
        drawn = {
            "inputs": draw.normal(batch, steps, channels),
            "weight": draw.normal(channels, channels, scale=channels**-0.5),
            "bias": draw.normal(channels),
        }
        for norm in ("1", "2"):
            drawn[f"gain_{norm}"] = draw.uniform(channels, low=0.5, high=2.0)
            drawn[f"shift_{norm}"] = draw.normal(channels)
        return drawn

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The block's output, and what its own attention gives."""
        inputs = asked["inputs"]
        block = with_attention(student.models.TransformerBlock(inputs.shape[2], inputs.shape[1]))
        parts = list(block.to(device).eval().children())
        norms = [part for part in parts if isinstance(part, nn.LayerNorm)]
        linears = [part for part in parts if isinstance(part, nn.Linear)]
        others = [
            part for part in parts if part not in norms + linears and len([*part.parameters()])
        ]
        if (len(norms), len(linears), len(others)) != (2, 1, 1):
            raise WrongType(
                f"TransformerBlock has {len(norms)} LayerNorm, {len(linears)} Linear and "
                f"{len(others)} other layers; it should have two, one, and an attention block"
            )
        linears[0].load_state_dict({"weight": asked["weight"], "bias": asked["bias"]})
        for norm, number in zip(norms, ("1", "2"), strict=True):
            norm.load_state_dict(
                {"weight": asked[f"gain_{number}"], "bias": asked[f"shift_{number}"]}
            )
        with watching({"norm_1": norms[0], "linear": linears[0], "norm_2": norms[1]}) as seen:
            output = returned(block(inputs), "TransformerBlock.forward")
        return {
            **seen,
            "output": output,
            "attended": returned(others[0](inputs), "the attention block"),
            "attended_normed": returned(others[0](norms[0](inputs)), "the attention block"),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The block agrees with its own parts put together in float64."""
        for name in ("attended", "attended_normed"):
            expect_shape(
                answered[name],
                tuple(asked["inputs"].shape),
                what="the attention's output",
                tried=f"inputs of shape {tuple(asked['inputs'].shape)}",
                hint="Does q6 keep the shape (B, T, C)?",
            )
        yard = BlockYardstick(asked, answered)
        with naming_the_first_step(yard.steps):
            expect_close(
                got=answered["output"],
                want=yard.block(),
                tolerance=yard.tolerance(),
                what="the block's output",
                tried="random inputs and weights; your own attention is taken as it is",
                hint="Follow the homework's six steps one by one: what goes into each?",
                mistakes=yard.slips(),
            )
