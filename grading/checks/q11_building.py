"""Checks of q11, second part: the vectors of both languages, and the layers of the translator.

Shapes: `E` embedding width, `H` hidden width, `Vs` source words, `Vt` target words; pairwise
different primes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._translation_yardstick import (
    FIRST_WORD,
    PROJECTIONS,
    Shapes,
    expect_parameters,
    projection_shapes,
    recurrent_shapes,
    whole,
)
from grading.claims import Check, check
from grading.compare import Mistake, expect, expect_close, expect_shape, shape_answered
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import TwoVocabularies, device, gradients_of, returned, shape_of

SIDES = ("source", "target")
LAYERS = ("q11.recurrent", "q11.projections")
CHANCE = 6.5  # standard deviations; a right rate is off by more once in 10 billion runs


def _drawn_sizes(draw: Draw) -> list[int]:
    """E, H, Vs and Vt."""
    few = draw.sizes(E=2, H=2, high=13)
    return [*few, *draw.sizes(Vs=FIRST_WORD + 1, Vt=FIRST_WORD + 1, low=17)]


@check("q11.embeddings", points=2)
class OneVectorForEachWord(Check):
    """ModelEmbeddings holds a vector of size E for each source word, and each target word."""

    def ask(self, draw: Draw) -> Tensors:
        """Vocabularies of different sizes."""
        embed, _, *self.words = _drawn_sizes(draw)
        self.embed = embed
        return {"sizes": torch.tensor([embed, *self.words])}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of its parameters."""
        embed, *words = asked["sizes"].tolist()
        made = student.model_embeddings.ModelEmbeddings(embed, TwoVocabularies(*words))
        parameters = dict(made.named_parameters())
        names = ("source.weight", "target.weight")
        return {name: shape_of(parameters[name], name) for name in names if name in parameters}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """As many rows as words, in each language."""
        source, target = self.words
        tried = f"embed_size {self.embed}, {source} source words and {target} target words"
        for side, count, other in (("source", source, target), ("target", target, source)):
            name = f"{side}.weight"
            here = name in answered
            expect(
                here,
                tried=tried,
                expected=f"an embedding called {side}",
                got="none",
                hint="Under which names do the model's other methods look for the two?",
            )
            expect_shape(
                shape_answered(answered, name),
                (count, self.embed),
                what=f"{side}, as a table",
                tried=tried,
                hint="What is a row of the table, and how many entries has it?",
                mistakes=[
                    (
                        (other, self.embed),
                        "source and target are swapped",
                        "Which of the two vocabularies does the encoder's sentence come from?",
                    ),
                    (
                        (self.embed, count),
                        "rows and columns are swapped",
                        "What is a row of the table, and how many entries has it?",
                    ),
                ],
            )


@check("q11.padding_row", points=1, after="q11.embeddings")
class PaddingLearnsNothing(Check):
    """No gradient reaches the vector of the padding word, in either language."""

    def ask(self, draw: Draw) -> Tensors:
        """Words of both languages, padding among them."""
        embed, _, *words = _drawn_sizes(draw)
        asked: Tensors = {"sizes": torch.tensor([embed, *words])}
        for side, count in zip(SIDES, words, strict=True):
            tokens = draw.integers(3, 13, low=1, high=count)
            tokens[:, 7:] = 0
            asked[side] = tokens
        return asked

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradients of the sum of the words' vectors with respect to the tables."""
        embed, *words = asked["sizes"].tolist()
        made = student.model_embeddings.ModelEmbeddings(embed, TwoVocabularies(*words)).to(device)
        found = {}
        for side, table in (("source", made.source), ("target", made.target)):
            vectors = returned(table(asked[side]), f"the embedding {side}")
            (found[side],) = gradients_of(vectors, table.weight)
        return found

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """A word's gradient counts how often it occurs; the padding's is zero."""
        embed, *words = asked["sizes"].tolist()
        for side, count in zip(SIDES, words, strict=True):
            times = torch.bincount(asked[side].flatten(), minlength=count).double()
            counted = times[:, None].expand(count, embed)
            right = counted.clone()
            right[0] = 0
            tried = f"the gradient of the {side} words' vectors, padding (id 0) among them"
            expect_close(
                got=whole(answered, side, (count, embed), "the gradient", tried, "One row a word?"),
                want=right,
                tolerance=0.0,
                what="the gradient of the table",
                tried=tried,
                hint="How often does each word occur here, and is it an embedding's own table?",
                mistakes=[
                    Mistake(
                        "padding is a word like any other",
                        counted,
                        "How does nn.Embedding learn which word is the padding?",
                    )
                ],
            )


class _Built(Check):
    """Builds a translator and looks at its parameters."""

    def ask(self, draw: Draw) -> Tensors:
        """Sizes that are all different."""
        self.sizes = _drawn_sizes(draw)
        return {"sizes": torch.tensor(self.sizes)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of the parameters of all parts that the homework names."""
        embed, hidden, *words = asked["sizes"].tolist()
        vocab = TwoVocabularies(*words)
        model = student.nmt_model.NMT(embed_size=embed, hidden_size=hidden, vocab=vocab)
        parts = ["model_embeddings", "encoder", "decoder", "h_projection", "c_projection"]
        parts += ["att_projection", "combined_output_projection", "target_vocab_projection"]
        return {
            name: shape_of(value, name)
            for name, value in model.named_parameters()
            if name.partition(".")[0] in parts
        }

    def tried(self) -> str:
        """The feedback's first field."""
        embed, hidden, source, target = self.sizes
        return (
            f"to build an NMT of embed_size {embed} and hidden_size {hidden} "
            f"for {source} source and {target} target words"
        )


@check("q11.recurrent", points=1, after="q11.embeddings")
class EncoderAndDecoder(_Built):
    """NMT holds its embeddings, an LSTM that reads E both ways, and an LSTMCell from E + H to H."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Their parameters have the right names and shapes, and there are no others."""
        shapes = recurrent_shapes(*self.sizes)
        hints = {
            "model_embeddings": "Which class of yours makes the embeddings of both languages?",
            "encoder": "Which arguments tell an LSTM its sizes, and that it reads both ways?",
            "decoder": "What does a step of the decoder read besides the word's vector?",
        }
        for part, hint in hints.items():
            own: Shapes = {name: it for name, it in shapes.items() if name.startswith(f"{part}.")}
            expect_parameters(answered, own, tried=self.tried(), hint=hint)
            more = [name for name in answered if name.startswith(f"{part}.") and name not in own]
            expect(
                not more,
                tried=self.tried(),
                expected=f"{len(own)} parameters in {part}",
                got=f"{len(more)} more, {more[0] if more else ''} among them",
                hint="How many layers, one above the other, does the homework's drawing show?",
            )


@check("q11.projections", points=1, after="q11.embeddings")
class FiveProjections(_Built):
    """Five linear layers lead 2H to H (three of them), 3H to H, and H to the target words."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Their weights have the right shapes."""
        hint = "Which vectors are joined before this layer, and how wide is what comes out?"
        shapes = projection_shapes(self.sizes[1], self.sizes[3])
        expect_parameters(answered, shapes, tried=self.tried(), hint=hint)


@check("q11.unbiased", points=1, after="q11.projections")
class NoBiases(_Built):
    """None of the five projections has a bias."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """There are only weights."""
        found = [name for name in PROJECTIONS if f"{name}.bias" in answered]
        expect(
            not found,
            tried=self.tried(),
            expected="projections that are a matrix and nothing else",
            got=f"a bias in {', '.join(found)}",
            hint="What does the homework's equation add to the product, and what does nn.Linear?",
            name="a bias where none belongs",
        )


@check("q11.dropout", points=1, after="q11.embeddings")
class DropsAsMuchAsItIsTold(Check):
    """The layer `dropout` drops the share dropout_rate while training, and nothing otherwise."""

    def ask(self, draw: Draw) -> Tensors:
        """A rate that is nobody's default, and many ones."""
        embed, hidden, *words = _drawn_sizes(draw)
        self.rate = draw.integer(30, 46) / 100
        return {
            "sizes": torch.tensor([embed, hidden, *words]),
            "rate": torch.tensor(self.rate, dtype=torch.float64),
            "shape": torch.tensor([211, 223]),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """What it makes of ones."""
        embed, hidden, *words = asked["sizes"].tolist()
        model = student.nmt_model.NMT(
            embed_size=embed,
            hidden_size=hidden,
            vocab=TwoVocabularies(*words),
            dropout_rate=float(asked["rate"]),
        )
        ones = torch.ones(*asked["shape"].tolist(), device=device)
        training = returned(model.train().dropout(ones.clone()), "dropout")
        return {"training": training, "otherwise": returned(model.eval().dropout(ones), "dropout")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """So many are zero, as chance allows, and the others make up for them."""
        tried = f"dropout_rate {self.rate} and a large tensor of ones"
        shape = tuple(asked["shape"].tolist())
        training, otherwise = (
            whole(answered, name, shape, "what comes out", tried, "Is the shape kept?")
            for name in ("training", "otherwise")
        )
        expect_close(
            got=otherwise,
            want=torch.ones_like(otherwise),
            tolerance=0.0,
            what="the ones",
            tried=f"{tried}, with the model in evaluation mode",
            hint="What does dropout do once the training is over?",
        )
        kept = training != 0
        dropped = 1 - float(kept.double().mean())
        allowed = CHANCE * (self.rate * (1 - self.rate) / training.numel()) ** 0.5
        expect(
            abs(dropped - self.rate) <= allowed,
            tried=tried,
            expected=f"about {self.rate:.0%} of them zero",
            got=f"{dropped:.1%} zero",
            hint="Which number does nn.Dropout get, and is it the share that stays or that goes?",
            name=_rate_slip(dropped, self.rate, allowed),
        )
        _expect_made_up(training, kept, 1 / (1 - self.rate), tried)


def _rate_slip(dropped: float, rate: float, allowed: float) -> str:
    if dropped == 0:
        return "nothing is dropped"
    if abs(dropped - (1 - rate)) <= allowed:
        return "the share that stays instead of the one that goes"
    return "a rate of its own"


def _expect_made_up(training: Tensor, kept: Tensor, factor: float, tried: str) -> None:
    expect_close(
        got=training,
        want=kept * factor,
        tolerance=1e-5,
        what="the ones that stay",
        tried=tried,
        hint="By what does nn.Dropout multiply what stays, so that the sum is about the same?",
    )
