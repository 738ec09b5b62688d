"""Checks of q10, the recurrent network (Elman, 1990): one step, and a whole sequence.

ReLU and tanh are both right; which one it is shows in the cell's values, and all of the network
must use the same.

Shapes: `B` sequences, `T` steps, `I` input width, `H` hidden width; pairwise different primes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._recurrent_yardstick import (
    ACTIVATIONS,
    NAMES,
    RecurrentYardstick,
    activation_of,
    drawn_cell,
    drawn_linear,
    linear,
    put_below,
)
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect_close
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import device, returned, several

CARRY = "What does step t take over from step t - 1, and where does it stand in hidden_prev?"
OUT = "What lies between a hidden state and the output of the network?"
ORDER = "In which order does the homework return the state and the output?"


@check("q10.rnn_step", points=6, after="q10.cell")
class OneStepOfTheNetwork(Check):
    """RNN.step reads on from the newest of the states so far, or from zeros, and projects it."""

    def ask(self, draw: Draw) -> Tensors:
        """An input, and states of the steps before it."""
        batch, steps, inputs, hidden = draw.sizes(B=2, T=2, I=2, H=2, high=13)
        return {
            "input": draw.normal(batch, inputs),
            "before": draw.normal(batch, steps, hidden),
            **put_below("cell", drawn_cell(draw, inputs, hidden, 1.0)),
            **drawn_linear(draw, "out", hidden, hidden),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """State and output of a first step and of a later one; the cell's own state for that."""
        now, before = asked["input"], asked["before"]
        network = student.rnn.RNN(now.shape[1], before.shape[2]).to(device)
        weights = {name: value for name, value in asked.items() if "." in name}
        network.load_state_dict(weights, strict=False)
        first = several(network.step(now, None), 2, "RNN.step")
        later = several(network.step(now, before.clone()), 2, "RNN.step")
        return {
            "cell": returned(network.cell(now, before[:, -1]), "RNNCell.forward"),
            "first_state": returned(first[0], "RNN.step"),
            "first_output": returned(first[1], "RNN.step"),
            "later_state": returned(later[0], "RNN.step"),
            "later_output": returned(later[1], "RNN.step"),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Both steps agree, with the cell's activation."""
        before, now = asked["before"], asked["input"][:, None]
        read = linear(asked, "cell.i2h", asked["input"])
        made = read + linear(asked, "cell.h2h", before[:, -1])
        yard = RecurrentYardstick(asked, activation_of(answer_named(answered, "cell"), made))
        activate = ACTIVATIONS[yard.network.nonlinearity]
        swapped = yard.read(now)[1][:, 0], yard.read(now, before[:, -1])[1][:, 0]
        self._compare(
            answered,
            "first",
            yard,
            (now, None),
            [
                Mistake(
                    "the first step skips the bias of h2h",
                    activate(read),
                    "What does h2h make of a state of zeros?",
                ),
                Mistake("state and output are swapped", swapped[0], ORDER),
            ],
        )
        whole = activate(read[:, None] + linear(asked, "cell.h2h", before))
        self._compare(
            answered,
            "later",
            yard,
            (now, before[:, -1]),
            [
                Mistake(name, yard.read(now, state)[0][:, 0], CARRY)
                for name, state in (
                    ("the oldest state is carried on", before[:, 0]),
                    ("the states so far are left out", None),
                    ("the states so far are averaged", before.double().mean(1)),
                    ("the states so far are added up", before.double().sum(1)),
                )
            ]
            + [
                Mistake("the new state is made of all states so far", whole, CARRY),
                Mistake("state and output are swapped", swapped[1], ORDER),
            ],
        )

    def _compare(
        self,
        answered: Tensors,
        which: str,
        yard: RecurrentYardstick,
        read: tuple[Any, Any],
        mistakes: list[Mistake],
    ) -> None:
        """One of the two steps: the state, then the output."""
        state, output = (each[:, 0] for each in yard.read(*read))
        allowed, allowed_out = (each[:, 0] for each in yard.tolerances(*read))
        tried = (
            "a first step, where hidden_prev is None"
            if which == "first"
            else "a later step, with all states so far in hidden_prev (B, t - 1, H)"
        )
        expect_close(
            got=answer_named(answered, f"{which}_state"),
            want=state,
            tolerance=allowed,
            what="the new state",
            tried=tried,
            hint=CARRY if which == "later" else "What is the state before the first input?",
            mistakes=mistakes,
        )
        expect_close(
            got=answer_named(answered, f"{which}_output"),
            want=output,
            tolerance=allowed_out,
            what="the output",
            tried=tried,
            hint=OUT,
            mistakes=[
                Mistake("the output layer is left out", state, OUT),
                Mistake("the output is put through the activation", torch.relu(output), OUT),
                Mistake("the output is put through the activation", torch.tanh(output), OUT),
            ],
        )


@check("q10.rnn_forward", points=6, after="q10.cell")
class WholeSequence(Check):
    """RNN.forward gives the states and outputs of every step, (B, T, H), as repeated steps do."""

    def ask(self, draw: Draw) -> Tensors:
        """Random sequences and weights."""
        batch, steps, inputs, hidden = draw.sizes(B=2, T=2, I=2, H=2, high=13)
        return {
            "inputs": draw.normal(batch, steps, inputs),
            **put_below("cell", drawn_cell(draw, inputs, hidden)),
            **drawn_linear(draw, "out", hidden, hidden),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """States and outputs of the whole sequence; the cell's own state for its first input."""
        inputs, hidden = asked["inputs"], asked["out.bias"].shape[0]
        network = student.rnn.RNN(inputs.shape[2], hidden).to(device)
        weights = {name: value for name, value in asked.items() if "." in name}
        network.load_state_dict(weights, strict=False)
        states, outputs = several(network(inputs), 2, "RNN.forward")
        zeros = torch.zeros(len(inputs), hidden, device=device)
        return {
            "cell": returned(network.cell(inputs[:, 0], zeros), "RNNCell.forward"),
            "states": returned(states, "RNN.forward"),
            "outputs": returned(outputs, "RNN.forward"),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They agree, with the cell's activation."""
        inputs = asked["inputs"]
        made = linear(asked, "cell.i2h", inputs[:, 0]) + asked["cell.h2h.bias"].double()
        kind = activation_of(answer_named(answered, "cell"), made)
        yard = RecurrentYardstick(asked, kind)
        (other,) = ACTIVATIONS.keys() - {kind}
        states, outputs = yard.read(inputs)
        allowed, allowed_out = yard.tolerances(inputs)
        apart = torch.stack([yard.read(each[:, None])[0][:, 0] for each in inputs.unbind(1)], 1)
        tried = f"{tuple(inputs.shape)} random inputs, random weights and biases"
        axes = "Which axis of the input is time, and along which do you stack the steps?"
        last = "How many steps of the sequence does the homework want to see?"
        expect_close(
            got=answer_named(answered, "states"),
            want=states,
            tolerance=allowed,
            what="the states",
            tried=tried,
            hint="Does each step begin where the last one ended, and the first one at zeros?",
            mistakes=[
                Mistake("every step begins anew", apart, CARRY),
                Mistake("only the last state is returned", states[:, -1], last),
                Mistake("the sequence is read backwards", yard.read(inputs.flip(1))[0], axes),
                Mistake("the states are stacked along the wrong axis", states.movedim(1, 0), axes),
                Mistake("the batch is read as time", _across(yard, inputs), axes),
                Mistake("state and output are swapped", outputs, ORDER),
                Mistake(
                    f"a cell with {NAMES[kind]}, but a sequence with {NAMES[other]}",
                    RecurrentYardstick(asked, other).read(inputs)[0],
                    "Which activation does each part of the network use?",
                ),
            ],
        )
        expect_close(
            got=answer_named(answered, "outputs"),
            want=outputs,
            tolerance=allowed_out,
            what="the outputs",
            tried=tried,
            hint=OUT,
            mistakes=[
                Mistake("the output layer is left out", states, OUT),
                Mistake("only the last output is returned", outputs[:, -1], last),
                Mistake(
                    "the outputs are stacked along the wrong axis", outputs.movedim(1, 0), axes
                ),
            ],
        )


def _across(yard: RecurrentYardstick, inputs: Tensor) -> Tensor:
    """The states if the first axis is taken for time."""
    return yard.read(inputs.movedim(0, 1))[0].movedim(0, 1)
