"""Checks of q7, second part: a small GPT over characters (Radford et al., 2018); for fun.

Shapes: `B` sequences, `T` positions, `C` channels, `V` characters in the vocabulary.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from grading.claims import Check, check
from grading.compare import (
    Mistake,
    answer_named,
    expect,
    expect_close,
    expect_shape,
    rounding,
    shape_answered,
)
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import device, returned, shape_of, with_attention

LAYERS, WIDTH, VOCABULARY = 2, 31, 29
STEPS, BATCH, PERIOD = 60, 32, 13


@check("q7.shape", points=0)
class ScoresForEveryPosition(Check):
    """CharacterGPT maps (B, T) character ids to (B, T, V) scores, also for T below the block."""

    def ask(self, draw: Draw) -> Tensors:
        """Sequences that fill the block, and shorter ones."""
        batch, steps, channels = draw.sizes(B=1, T=3, C=2, low=5)
        full = draw.integers(batch, steps, low=0, high=VOCABULARY)
        sizes = torch.tensor([steps, channels, LAYERS, VOCABULARY])
        return {"sizes": sizes, "full": full, "short": full[:, 2:]}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The shapes of both scores."""
        model = with_attention(student.models.CharacterGPT(*asked["sizes"].tolist()))
        model.to(device).eval()
        return {name: shape_of(model(asked[name]), "CharacterGPT") for name in ("full", "short")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """A score for every character at every position."""
        for name in ("full", "short"):
            batch, steps = asked[name].shape
            expect_shape(
                shape_answered(answered, name),
                (batch, steps, VOCABULARY),
                what="the scores",
                tried=f"ids of shape ({batch}, {steps}) and a vocabulary of {VOCABULARY}",
                hint="Which layers lead from ids to channels, and from channels to scores?",
                mistakes=[
                    (
                        (batch, VOCABULARY),
                        "scores at one position only",
                        "From how many positions at once can the model learn to predict?",
                    )
                ],
            )


@check("q7.causal", points=0, after="q7.shape")
class WritesFromLeftToRight(Check):
    """The scores at a position depend on the characters up to it, and on no later one."""

    def ask(self, draw: Draw) -> Tensors:
        """The same ids three times: as drawn, with another end, with another beginning."""
        batch, steps = draw.sizes(B=1, T=2, low=5)
        ids = draw.integers(batch, steps, low=0, high=VOCABULARY)
        self.split = draw.integer(1, steps)
        later, earlier = ids.clone(), ids.clone()
        later[:, self.split :] = (later[:, self.split :] + 1) % VOCABULARY
        earlier[:, 0] = (earlier[:, 0] + 1) % VOCABULARY
        sizes = torch.tensor([steps, WIDTH, LAYERS, VOCABULARY])
        return {"sizes": sizes, "ids": ids, "later": later, "earlier": earlier}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The scores of all three."""
        model = with_attention(student.models.CharacterGPT(*asked["sizes"].tolist()))
        model.to(device).eval()
        names = ("ids", "later", "earlier")
        return {name: returned(model(asked[name]), "CharacterGPT.forward") for name in names}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Scores before the split stay as they are; a new beginning changes every one."""
        plain, later, earlier = (
            _scores(answered, name, asked["ids"]) for name in ("ids", "later", "earlier")
        )
        expect_close(
            got=later[:, : self.split],
            want=plain[:, : self.split],
            tolerance=rounding(1000, plain.abs().max()),
            what=f"the scores at positions 0..{self.split - 1}",
            tried=f"the same text with only the characters from position {self.split} on replaced",
            hint="Which part of the model lets a position see others, and what limits it?",
        )
        moved = (earlier - plain).abs().amax(dim=(0, 2))  # (T,)
        stuck = (moved == 0).nonzero().flatten()
        expect(
            len(stuck) == 0,
            tried="the same text with only the character at position 0 replaced",
            expected="other scores at every position, since all of them see position 0",
            got=f"the same scores as before at position {int(stuck[0]) if len(stuck) else 0}",
            hint="Do the blocks with their attention lie between the embedding and the scores?",
        )


@check("q7.loss", points=0, after="q7.shape")
class NextCharacterLoss(Check):
    """get_loss is the mean cross-entropy of the scores at every position with its target."""

    def ask(self, draw: Draw) -> Tensors:
        """Ids, and targets that have nothing to do with them."""
        batch, steps, channels = draw.sizes(B=1, T=3, C=2, low=5)
        return {
            "sizes": torch.tensor([steps, channels, LAYERS, VOCABULARY]),
            "input": draw.integers(batch, steps, low=0, high=VOCABULARY),
            "target": draw.integers(batch, steps, low=0, high=VOCABULARY),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The loss, and the scores that it is to be computed from."""
        model = with_attention(student.models.CharacterGPT(*asked["sizes"].tolist()))
        model.to(device).eval()
        return {
            "scores": returned(model(asked["input"]), "CharacterGPT.forward"),
            "loss": returned(model.get_loss(asked["input"], asked["target"]), "get_loss"),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """It agrees with float64 on the model's own scores."""
        target, loss = asked["target"], answer_named(answered, "loss")
        scores = _scores(answered, "scores", target)
        depth = target.numel() + VOCABULARY + 10
        expect_close(
            got=loss.reshape(()) if loss.numel() == 1 else loss,
            want=_surprise(scores, target),
            tolerance=rounding(depth, scores.abs().max() + math.log(VOCABULARY)),
            what="the loss",
            tried="random ids, and targets that are not the input shifted",
            hint="Each position is one prediction; which character is it to be compared with?",
            mistakes=[
                Mistake(
                    "the input itself is taken as the target",
                    _surprise(scores, asked["input"]),
                    "Which character does the score at position t stand for: that one or the next?",
                ),
                Mistake(
                    "the target is shifted once more",
                    _surprise(scores[:, :-1], target[:, 1:]),
                    "The target comes already one character later; what does a second shift do?",
                ),
                Mistake(
                    "the loss is summed instead of averaged",
                    _surprise(scores, target) * target.numel(),
                    "What happens to the size of this number when the batch is twice as large?",
                ),
                Mistake(
                    "only the last position counts",
                    _surprise(scores[:, -1:], target[:, -1:]),
                    "From how many positions at once can the model learn to predict?",
                ),
                Mistake(
                    "softmax is applied twice",
                    _surprise(scores.softmax(-1), target),
                    "Cross-entropy expects scores; what turns them into probabilities before?",
                ),
            ],
        )


def _scores(answered: Tensors, name: str, ids: Tensor) -> Tensor:
    """The scores of that name, (B, T, V) float64.

    Raises:
        Wrong: if they have another shape.
    """
    expect_shape(
        scores := answer_named(answered, name).double(),
        (*ids.shape, VOCABULARY),
        what="the scores",
        tried=f"ids of shape {tuple(ids.shape)}",
        hint="Is there one row of scores for every position?",
    )
    return scores


def _surprise(scores: Tensor, target: Tensor) -> Tensor:
    """The mean cross-entropy of (B, T, V) scores, ()."""
    return functional.cross_entropy(scores.flatten(0, 1), target.flatten())


@check("q7.generate", points=0, after="q7.shape")
class WritesOn(Check):
    """generate keeps the prompt, however long, and appends characters of the vocabulary to it."""

    def ask(self, draw: Draw) -> Tensors:
        """Prompts that are longer than the block."""
        block, channels = draw.sizes(T=2, C=3, low=5, high=7)
        prompt = draw.integers(2, block + 4, low=0, high=VOCABULARY)
        self.more = block + 9
        sizes = torch.tensor([block, channels, LAYERS, VOCABULARY])
        return {"sizes": sizes, "prompt": prompt, "more": torch.tensor(self.more)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The whole text."""
        model = with_attention(student.models.CharacterGPT(*asked["sizes"].tolist()))
        model.to(device).eval()
        text = model.generate(asked["prompt"].clone(), int(asked["more"]))
        return {"text": returned(text, "generate")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """It begins with the prompt and goes on within the vocabulary."""
        prompt, text = asked["prompt"], answer_named(answered, "text").double()
        batch, length = prompt.shape
        block = int(asked["sizes"][0])
        tried = f"a prompt of {length} characters, a block of {block}, {self.more} new characters"
        cut = "What does the model need of a long text, and what must generate return of it?"
        expect_shape(
            text,
            (batch, length + self.more),
            what="the text",
            tried=tried,
            hint="How many characters does each round append?",
            mistakes=[
                ((batch, self.more), "the prompt is dropped", "What should the text begin with?"),
                ((batch, block + self.more), "the prompt is cut to the block", cut),
                ((batch, block + 1), "the text is cut to the block", cut),
            ],
        )
        expect(
            bool((text[:, :length] == prompt).all()),
            tried=tried,
            expected="a text that begins with the prompt",
            got="other characters where the prompt stood",
            hint="To which end of the text does a new character belong?",
        )
        within = (text >= 0) & (text < VOCABULARY) & (text == text.round())
        expect(
            bool(within.all()),
            tried=tried,
            expected=f"ids in 0..{VOCABULARY - 1}",
            got=f"{text[~within][0].item() if not within.all() else 0}",
            hint="From what are new characters drawn, and which numbers can come out?",
        )


@check("q7.learns", points=0, after="q7.shape", limit=60.0, trains=True)
class LearnsATinyText(Check):
    """A few training steps with get_loss make the model predict a tiny text well."""

    def ask(self, draw: Draw) -> Tensors:
        """A text in which every character has one successor, cut into pieces."""
        alphabet = draw.shuffled(VOCABULARY)[:PERIOD]
        starts = draw.integers(STEPS * BATCH, 1, low=0, high=PERIOD)
        return {"pieces": alphabet[(starts + torch.arange(9)) % PERIOD]}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Train, then score a piece of the text."""
        model = with_attention(student.models.CharacterGPT(8, 32, 2, 29)).to(device).train()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
        for batch in torch.split(asked["pieces"], 32):
            optimizer.zero_grad()
            loss = returned(model.get_loss(batch[:, :-1], batch[:, 1:]), "get_loss")
            torch.autograd.backward(loss)
            optimizer.step()
        with torch.no_grad():
            scores = model.eval()(asked["pieces"][:32, :-1])
        return {"scores": returned(scores, "CharacterGPT.forward")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The loss is far below that of knowing only how often each character occurs."""
        target = asked["pieces"][:BATCH, 1:]
        surprise = _surprise(_scores(answered, "scores", target), target).item()
        guessing = math.log(PERIOD)
        self.note = f"loss {surprise:.2f} after {STEPS} steps; guessing by frequency {guessing:.2f}"
        expect(
            surprise < guessing / 2,
            tried=f"{STEPS} steps on a text of {PERIOD} characters, each with one successor",
            expected=f"a loss below {guessing / 2:.2f}; guessing by frequency gives {guessing:.2f}",
            got=f"{surprise:.2f}",
            hint="Is the target of each position the next character, and does a gradient reach "
            "all of the layers?",
        )
