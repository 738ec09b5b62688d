"""Checks of q10, the language model: from tokens to scores for the next token.

Shapes: `B` sequences, `T` tokens, `V` vocabulary, `E` embedding, `H` hidden width, `dk` and `dv`
width of keys and values; pairwise different primes.
"""

from __future__ import annotations

from typing import Any

import torch

from grading.checks._language_yardstick import LanguageYardstick, drawn_model
from grading.checks._recurrent_yardstick import (
    activation_of,
    expect_parameters,
    linear_shapes,
)
from grading.checks._self_attention_yardstick import attention_shapes
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
from grading.worker.kit import device, returned, several, shape_of, watching

RESULTS = ("logits", "hidden", "outputs")


@check("q10.model_shape", points=0)
class ScoresEveryPosition(Check):
    """RNNLanguageModel maps tokens (B, T) to logits (B, T, V), states and outputs (B, T, H)."""

    def ask(self, draw: Draw) -> Tensors:
        """Tokens, and the sizes."""
        batch, steps, embed, hidden, vocabulary = draw.sizes(B=2, T=2, E=2, H=2, V=2)
        return {
            "tokens": draw.integers(batch, steps, low=0, high=vocabulary),
            "sizes": torch.tensor([embed, hidden, vocabulary]),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of results and parameters, where no width of keys and values is given."""
        model = student.rnn.RNNLanguageModel(*asked["sizes"].tolist()).to(device)
        what = "RNNLanguageModel.forward"
        results = several(model(asked["tokens"]), 3, what)
        names = ("logits", "hidden", "outputs")
        found = {name: shape_of(each, what) for name, each in zip(names, results, strict=True)}
        return found | {name: shape_of(each, name) for name, each in model.named_parameters()}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As the homework names them; keys and values are as wide as the states by default."""
        embed, hidden, vocabulary = asked["sizes"].tolist()
        batch, steps = asked["tokens"].shape
        tried = f"a model of embed_dim {embed}, hidden_dim {hidden}, vocab_size {vocabulary}"
        expect_parameters(
            answered,
            {
                "embeddings.weight": (vocabulary, embed),
                **linear_shapes("rnn.cell.i2h", embed, hidden),
                **linear_shapes("rnn.cell.h2h", hidden, hidden),
                **linear_shapes("rnn.out", hidden, hidden),
                **{
                    f"attention.{name}": shape
                    for name, shape in attention_shapes(hidden, hidden, hidden).items()
                },
                **linear_shapes("lm_head", hidden, vocabulary),
            },
            tried=tried,
        )
        for name, width in zip(RESULTS, (vocabulary, hidden, hidden), strict=True):
            expect_shape(
                shape_answered(answered, name),
                (batch, steps, width),
                what=f"the {name}",
                tried=f"{tried}, and tokens of shape {(batch, steps)}",
                hint="Which three things does forward return, in which order, for every position?",
                mistakes=[
                    (
                        (batch, width),
                        "one position only",
                        "From how many positions at once can the model learn to predict?",
                    )
                ],
            )


@check(
    "q10.logits",
    points=5,
    after=("q10.model_shape", "q10.rnn_forward", "q10.attention_forward", "q10.causal"),
)
class FromTokensToLogits(Check):
    """forward embeds, reads, attends to the network's outputs and scores; it returns all three."""

    def ask(self, draw: Draw) -> Tensors:
        """Tokens, and weights of a whole model."""
        batch, steps, *sizes = draw.sizes(B=2, T=2, E=2, H=2, V=2, dk=2, dv=2, high=17)
        return {
            "tokens": draw.integers(batch, steps, low=0, high=sizes[2]),
            "sizes": torch.tensor(sizes),
            **drawn_model(draw, *sizes),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """All three results; the cell's own state for the first token."""
        model = student.rnn.RNNLanguageModel(*asked["sizes"].tolist()).to(device).eval()
        weights = {name: value for name, value in asked.items() if "." in name}
        model.load_state_dict(weights, strict=False)
        parts = {"embeddings": model.embeddings, "attention": model.attention}
        with watching({**parts, "lm_head": model.lm_head}) as seen:
            results = several(model(asked["tokens"]), 3, "RNNLanguageModel.forward")
        names = ("logits", "hidden", "outputs")
        what = "RNNLanguageModel.forward"
        found = {name: returned(each, what) for name, each in zip(names, results, strict=True)}
        first = model.embeddings(asked["tokens"][:, 0])
        zeros = torch.zeros(len(first), int(asked["sizes"][1]), device=device)
        return {**found, "cell": returned(model.rnn.cell(first, zeros), "RNNCell.forward"), **seen}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """All three agree, with the cell's activation."""
        made = LanguageYardstick(asked, "relu").before_activation(asked["tokens"][:, 0])
        yard = LanguageYardstick(asked, activation_of(answer_named(answered, "cell"), made))
        tokens = asked["tokens"]
        right = dict(zip(RESULTS, yard.read(tokens), strict=True))
        order = "Which of the three results is the state of the network, and which its output?"
        attended = "Which of its two results does the network hand to the attention?"
        with naming_the_first_step(lambda: yard.seen(answered, tokens)):
            for name, slips in (
                (
                    "logits",
                    [
                        ("the attention reads states, not outputs", yard.score(right["hidden"])),
                        ("the attention is left out", yard.head(right["outputs"])),
                        ("scores of the states", yard.head(right["hidden"])),
                        (
                            "the attention is added to the outputs",
                            yard.head(right["outputs"] + yard.attend(right["outputs"])),
                        ),
                        ("a softmax is applied already", right["logits"].softmax(-1)),
                    ],
                ),
                ("hidden", [("states and outputs are swapped", right["outputs"])]),
                (
                    "outputs",
                    [
                        ("the states are returned twice", right["hidden"]),
                        ("what the attention found is returned", yard.attend(right["outputs"])),
                    ],
                ),
            ):
                expect_close(
                    got=answer_named(answered, name),
                    want=right[name],
                    tolerance=yard.tolerances(tokens)[name],
                    what=f"the {name}",
                    tried=f"tokens of shape {tuple(tokens.shape)}, random weights and biases",
                    hint="In which order does the homework call the four parts?",
                    mistakes=[
                        Mistake(slip, value, attended if name == "logits" else order)
                        for slip, value in slips
                    ],
                )
