"""Checks of q10, choosing the next token: the likeliest one, or one drawn at a temperature.

Shapes: `N` choices, `V` vocabulary.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from grading.claims import Check, Wrong, check
from grading.compare import Mistake, answer_named, expect, expect_close, expect_shape
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import device, number_of

ROWS, VOCABULARY = 5, 7
DRAWS, TEMPERATURES = 4000, (0.5, 2.0)
FALSE_FAIL = 1e-9
# Hoeffding (1963), theorem 1: a frequency is off by this much once in a billion runs, whichever
# of the tokens and temperatures it belongs to.
ALLOWED = math.sqrt(math.log(2 * VOCABULARY * len(TEMPERATURES) / FALSE_FAIL) / (2 * DRAWS))


@check("q10.select_token", points=2)
class LikeliestToken(Check):
    """At temperature 0, select_token takes the token with the highest logit."""

    def ask(self, draw: Draw) -> Tensors:
        """Logits of all signs, all below zero and all above; the highest never first or last."""
        logits = draw.normal(ROWS, VOCABULARY, scale=3.0)
        logits[1] = -logits[1].abs() - 0.5
        logits[2] = logits[2].abs() + 0.5
        for row in logits:
            top, place = int(row.argmax()), draw.integer(1, VOCABULARY - 1)
            row[[top, place]] = row[[place, top]]
        return {"logits": logits}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The choice for each row."""
        model = student.rnn.RNNLanguageModel(3, 5, asked["logits"].shape[1]).to(device).eval()
        chosen = [model.select_token(row.clone(), 0.0) for row in asked["logits"]]
        return {"chosen": torch.stack([number_of(each, "select_token") for each in chosen])}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The places of the highest."""
        logits = asked["logits"].double()
        kind = "Does select_token return a token, or something about it?"
        divided = (logits / 0.0).argmax(1)
        expect_close(
            got=answer_named(answered, "chosen"),
            want=logits.argmax(1),
            tolerance=0.0,
            what="the tokens",
            tried=f"{ROWS} times random logits, temperature 0",
            hint="Does chance play a part at temperature 0, and which logit wins?",
            mistakes=[
                Mistake(
                    "the lowest logit wins", logits.argmin(1), "Which logit belongs to the best?"
                ),
                Mistake(
                    "the logits are divided by a temperature of 0",
                    divided,
                    "What is left of the logits after that division?",
                ),
                Mistake("the logit is returned", logits.amax(1).float(), kind),
            ],
        )


@check("q10.sampling", points=2)
class DrawnAtATemperature(Check):
    """Above 0, select_token draws from softmax(logits / temperature)."""

    def ask(self, draw: Draw) -> Tensors:
        """Logits whose distributions at different temperatures are far apart."""
        steps = 0.6 * draw.shuffled(VOCABULARY) + draw.uniform(VOCABULARY, low=-0.05, high=0.05)
        return {
            "logits": steps + draw.uniform(1, low=-2.0, high=2.0),
            "temperatures": torch.tensor(TEMPERATURES),
            "draws": torch.tensor(DRAWS),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Many choices at each temperature, (2, N)."""
        model = student.rnn.RNNLanguageModel(3, 5, asked["logits"].shape[0]).to(device).eval()
        chosen = [
            number_of(model.select_token(asked["logits"].clone(), temperature), "select_token")
            for temperature in asked["temperatures"].tolist()
            for _ in range(int(asked["draws"]))
        ]
        return {"chosen": torch.stack(chosen).reshape(len(asked["temperatures"]), -1)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every token comes up as often as it should, up to chance."""
        logits, temperatures = (
            asked["logits"].double(),
            torch.tensor(TEMPERATURES).double()[:, None],
        )
        chosen = answer_named(answered, "chosen").double()
        tried = f"{DRAWS} choices each at the temperatures {TEMPERATURES[0]} and {TEMPERATURES[1]}"
        hint = "Which numbers become probabilities, and what is done with them?"
        expect_shape(chosen, (len(TEMPERATURES), DRAWS), what="the choices", tried=tried, hint=hint)
        counts = (chosen[:, :, None] == torch.arange(VOCABULARY)).double().mean(1)  # (2, V)
        strange = chosen[~torch.isin(chosen, torch.arange(VOCABULARY).double())]
        expect(
            len(strange) == 0,
            tried=tried,
            expected=f"tokens in 0..{VOCABULARY - 1}",
            got=f"{strange[0].item() if len(strange) else 0}",
            hint="Does select_token return a token, or something about it?",
        )
        wanted = (logits / temperatures).softmax(1)
        if _within(counts, wanted):
            return
        heat = "What should a high temperature do to the differences between the logits?"
        for name, slip, think in (
            ("the temperature multiplies the logits", (logits * temperatures).softmax(1), heat),
            ("the temperature changes nothing", logits.softmax(0).expand_as(wanted), heat),
            (
                "the likeliest token is taken at every temperature",
                torch.eye(VOCABULARY).double()[logits.argmax()].expand_as(wanted),
                "What does the homework do with the probabilities?",
            ),
            (
                "softmax is applied twice",
                (logits.softmax(0) / temperatures).softmax(1),
                "What is divided by the temperature: logits or probabilities?",
            ),
            (
                "every token is as likely as any other",
                torch.full_like(wanted, 1 / VOCABULARY),
                "Where do the logits enter?",
            ),
        ):
            if _within(counts, slip):
                raise _told(counts, wanted, tried, think, name)
        raise _told(counts, wanted, tried, hint)


def _within(counts: Tensor, wanted: Tensor) -> bool:
    return bool(((counts - wanted).abs() <= ALLOWED).all())


def _told(counts: Tensor, wanted: Tensor, tried: str, think: str, mistake: str = "") -> Wrong:
    """Feedback that shows the token whose frequency is furthest off."""
    row, token = divmod(int((counts - wanted).abs().argmax()), VOCABULARY)
    what = f"token {token} at temperature {TEMPERATURES[row]} in"
    return Wrong(
        tried=tried,
        expected=f"{what} {wanted[row, token]:.1%} of the choices, give or take {ALLOWED:.1%}",
        got=f"{what} {counts[row, token]:.1%} of them",
        think=think,
        mistake=mistake,
    )
