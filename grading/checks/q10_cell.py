"""Checks of q10, the cell of the recurrent network (Elman, 1990).

ReLU and tanh are both right.

Shapes: `B` sequences, `I` input width, `H` hidden width; pairwise different primes.
"""

from __future__ import annotations

from typing import Any

from grading.checks._recurrent_yardstick import (
    ACTIVATIONS,
    activation_of,
    drawn_cell,
    expect_parameters,
    linear,
    linear_shapes,
    linear_size,
)
from grading.claims import Check, check
from grading.compare import (
    Mistake,
    answer_named,
    expect_close,
    expect_shape,
    rounding,
    shape_answered,
)
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import device, returned, shape_of


@check("q10.cell_shape", points=0)
class CellKeepsShape(Check):
    """RNNCell maps an input (B, I) and a state (B, H) to a state (B, H) by two linear layers."""

    def ask(self, draw: Draw) -> Tensors:
        """Inputs of different sizes."""
        self.batch, self.inputs, self.hidden = draw.sizes(B=2, I=2, H=2)
        return {
            "input": draw.normal(self.batch, self.inputs),
            "state": draw.normal(self.batch, self.hidden),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of the new state and of the parameters."""
        cell = student.rnn.RNNCell(asked["input"].shape[1], asked["state"].shape[1]).to(device)
        state = shape_of(cell(asked["input"], asked["state"]), "RNNCell.forward")
        shapes = {name: shape_of(value, name) for name, value in cell.named_parameters()}
        return {"new": state, **shapes}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As the homework names them."""
        sizes = f"an input width of {self.inputs} and a hidden width of {self.hidden}"
        expect_parameters(
            answered,
            linear_shapes("i2h", self.inputs, self.hidden)
            | linear_shapes("h2h", self.hidden, self.hidden),
            tried=f"to build a cell with {sizes}",
        )
        expect_shape(
            shape_answered(answered, "new"),
            (self.batch, self.hidden),
            what="the new state",
            tried=f"a batch of {self.batch} with {sizes}",
            hint="Which of the two layers maps an input to the hidden width?",
        )


@check("q10.cell", points=4, after="q10.cell_shape")
class OneStepOfTheCell(Check):
    """The new state is the activation of W_i2h·i + W_h2h·h with both biases; ReLU or tanh."""

    def ask(self, draw: Draw) -> Tensors:
        """Random inputs and weights."""
        batch, inputs, hidden = draw.sizes(B=2, I=2, H=2)
        return {
            "input": draw.normal(batch, inputs),
            "state": draw.normal(batch, hidden),
            **drawn_cell(draw, inputs, hidden, 1.0),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The new state of a cell with the given weights."""
        cell = student.rnn.RNNCell(asked["input"].shape[1], asked["state"].shape[1]).to(device)
        weights = {name: value for name, value in asked.items() if "." in name}
        cell.load_state_dict(weights, strict=False)
        return {"new": returned(cell(asked["input"], asked["state"]), "RNNCell.forward")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """It agrees with one of the two activations."""
        read, kept = linear(asked, "i2h", asked["input"]), linear(asked, "h2h", asked["state"])
        got = answer_named(answered, "new").double()
        activate = ACTIVATIONS[activation_of(got, read + kept)]
        both = "What enters the activation, and how often is it applied?"
        slips = [
            ("the activation is missing", read + kept, "What makes the step more than linear?"),
            ("the sum is squashed by a logistic function", (read + kept).sigmoid(), both),
        ]
        for f in ACTIVATIONS.values():
            slips += [
                ("the activation comes before the sum", f(read) + f(kept), both),
                ("the last state is left out", f(read), "Where does the last state enter?"),
                ("the input is left out", f(kept), "Where does the input enter?"),
            ]
        size = linear_size(asked, "i2h", asked["input"]) + linear_size(asked, "h2h", asked["state"])
        expect_close(
            got=got,
            want=activate(read + kept),
            tolerance=rounding(sum(asked["i2h.weight"].shape) + 4, size),
            what="the new state",
            tried="random inputs, states, weights and biases",
            hint="Write the formula of the cell beside your line: what is different?",
            mistakes=[Mistake(*slip) for slip in slips],
        )
