"""Checks of q4: the language of a word, read letter by letter (Elman, 1990).

The layers and the hidden state are the student's own affair, with no names to look for, so nothing
can be seen on the way but the gradient: which letters of which word a score depends on.

Shapes: `L` letters, `B` words, 47 characters, 5 languages.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from data import LANGUAGES, LETTERS
from grading.checks._classifier_loss import MeanCrossEntropy
from grading.claims import Check, check
from grading.compare import answer_named, expect, expect_shape, rounding, shape_answered
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import (
    device,
    gradients_of,
    needs_gradient,
    returned,
    shape_of,
)


def _words(draw: Draw, letters: int, words: int) -> Tensor:
    """Random words, (L, B, 47) one-hot float32."""
    places = draw.integers(letters, words, low=0, high=len(LETTERS))
    return functional.one_hot(places, len(LETTERS)).float()


@check("q4.shapes", points=0)
class AnyLengthAnyBatch(Check):
    """The model maps (L, B, 47) letters to (B, 5) scores, for any length and any batch."""

    def ask(self, draw: Draw) -> Tensors:
        """Words of several letters, words of one letter, and a word alone."""
        letters, words = draw.sizes(L=2, B=3, low=7)
        return {
            "several": _words(draw, letters, words),
            "one_letter": _words(draw, 1, words),
            "alone": _words(draw, letters, 1),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of the scores."""
        model = student.models.LanguageIDModel().to(device).eval()
        what = "LanguageIDModel.forward"
        return {name: shape_of(model(words), what) for name, words in asked.items()}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """One row of five scores a word."""
        for name, words in asked.items():
            letters, batch, _ = words.shape
            axes = "The input's axes are letter, word, character; over which one must you loop?"
            expect_shape(
                shape_answered(answered, name),
                (batch, len(LANGUAGES)),
                what="the scores",
                tried=f"{batch} words of {letters} letters, an input of {tuple(words.shape)}",
                hint="Which of the input's axes counts words, and how many languages are there?",
                mistakes=[
                    ((letters, len(LANGUAGES)), "letters and words are confused", axes),
                    (
                        (letters, batch, len(LANGUAGES)),
                        "scores after every letter",
                        "When may the network give its answer: at each letter or once?",
                    ),
                    (
                        (len(LANGUAGES),),
                        "the batch axis is lost",
                        "What is left of the batch if it holds a single word?",
                    ),
                ],
            )


class _OneWordsGradient(Check):
    """What reaches one word's scores; the checks that ask for it say which."""

    padding = 0

    def ask(self, draw: Draw) -> Tensors:
        """Words, and how much each score of one of them counts."""
        self.letters, batch = draw.sizes(L=2, B=1, low=5, high=7)
        self.word = draw.integer(0, batch)
        words = _words(draw, self.letters, batch)
        counts = torch.zeros(batch, len(LANGUAGES))
        counts[self.word] = draw.uniform(len(LANGUAGES), low=0.5) * torch.tensor([1, -1, 1, -1, 1])
        return {"words": functional.pad(words, (0, 0, 0, 0, 0, self.padding)), "counts": counts}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The gradient of that word's scores with respect to all letters of all words."""
        model, words = student.models.LanguageIDModel().to(device).eval(), asked["words"]
        with torch.backends.cudnn.flags(enabled=False), needs_gradient(words):
            scores = returned(model(words.clone()), "LanguageIDModel.forward")
            (gradient,) = gradients_of((scores * asked["counts"]).sum(), words)
        return {"gradient": gradient}

    def reached(self, asked: Tensors, answered: Tensors) -> Tensor:
        """Whether a gradient reaches a letter of a word, (L, B) bool; NaN does not count."""
        gradient = answer_named(answered, "gradient")
        expect_shape(
            gradient,
            tuple(asked["words"].shape),
            what="the gradient",
            tried="the gradient of a word's scores with respect to the letters",
            hint="Are the letters left as they come, before the network reads them?",
        )
        return (torch.nan_to_num(gradient.double()) != 0).any(dim=2)


@check("q4.batch", points=0, after="q4.shapes")
class EachWordForItself(_OneWordsGradient):
    """A word's scores depend on that word alone, and not on its neighbours in the batch."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """No gradient reaches another word."""
        others = self.reached(asked, answered).any(dim=0)  # (B,)
        others[self.word] = False
        other = int(others.int().argmax())
        expect(
            not others.any(),
            tried=f"which letters change the scores of word {self.word} of a batch",
            expected=f"letters of word {self.word} only",
            got=f"letters of word {other} as well",
            hint="The input's axes are letter, word, character; over which one does the hidden "
            "state travel?",
            name="letters and words are confused",
        )


@check("q4.positions", points=1, after="q4.shapes")
class EveryLetterCounts(_OneWordsGradient):
    """A gradient reaches every letter of a word, from the first to the last."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """None is left out."""
        reached = self.reached(asked, answered)[: self.letters, self.word].tolist()
        name, think = "", "At each letter, what does the new hidden state depend on?"
        if not any(reached):
            name = "no gradient reaches the letters"
            think = "Is there an argmax, a .detach() or a .data between the letters and the scores?"
        elif not any(reached[:-1]):
            name = "the hidden state is not carried on, so only the last letter counts"
            think = "When the loop reads a letter, what does it still know of the ones before?"
        elif not any(reached[1:]):
            name = "only the first letter is read"
            think = "Does the loop go over all of the letters, and is its result used?"
        expect(
            all(reached),
            tried=f"the gradient of a word's scores with respect to its {self.letters} letters",
            expected="one that is not zero at every letter",
            got=f"none at letter {next((n for n, r in enumerate(reached) if not r), 0)}, counted "
            "from 0",
            hint=think,
            name=name,
        )


@check("q4.padding", points=0, after="q4.positions")
class PaddingWipesNothingOut(_OneWordsGradient):
    """A word is still read whole when rows of zeros follow it, as they do while training."""

    padding = 4

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The word's own letters are still reached."""
        reached = self.reached(asked, answered)[: self.letters, self.word].tolist()
        expect(
            all(reached),
            tried=f"a word of {self.letters} letters with {self.padding} rows of zeros after it",
            expected="scores that depend on every letter of the word",
            got=f"no gradient at letter {next((n for n, r in enumerate(reached) if not r), 0)}",
            hint="What becomes of the hidden state at a row of zeros?",
            name="padded rows overwrite the state",
        )


@check("q4.order", points=0, after="q4.positions")
class OrderMatters(Check):
    """The same letters in another order get other scores."""

    def ask(self, draw: Draw) -> Tensors:
        """Words without a repeated letter, and the same backwards."""
        letters, batch = draw.sizes(L=2, B=1, low=5, high=7)
        places = torch.stack([draw.shuffled(len(LETTERS))[:letters] for _ in range(batch)], dim=1)
        words = functional.one_hot(places, len(LETTERS)).float()
        return {"words": words, "backwards": words.flip(0)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The scores of both."""
        model = student.models.LanguageIDModel().to(device).eval()
        what = "LanguageIDModel.forward"
        return {name: returned(model(words), what) for name, words in asked.items()}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They differ by more than rounding."""
        for name, words in asked.items():
            expect_shape(
                answered[name],
                (words.shape[1], len(LANGUAGES)),
                what="the scores",
                tried=f"an input of shape {tuple(words.shape)}",
                hint="Which of the input's axes counts words?",
            )
        words, backwards = answered["words"].double(), answered["backwards"].double()
        moved = (words - backwards).abs().max()
        expect(
            bool(moved > rounding(10 * len(asked["words"]), words.abs().max())),
            tried="words, and the same words read backwards",
            expected="other scores",
            got="the same scores",
            hint="Does the network add its letters up, or does it read one after the other?",
            name="a bag of letters: their order is lost",
        )


@check("q4.loss", points=1)
class LanguageLoss(MeanCrossEntropy):
    """languageid_loss is the mean cross-entropy of the scores."""

    classes = len(LANGUAGES)

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The loss and its gradient."""
        scores = asked["scores"]
        with needs_gradient(scores):
            loss = student.losses.languageid_loss(scores, asked["one_hot"])
            loss = returned(loss, "languageid_loss")
            (gradient,) = gradients_of(loss, scores)
        return {"loss": loss, "gradient": gradient}
