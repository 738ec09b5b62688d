"""The check of q4 that trains: words of known and unknown languages, without and with padding.

Whether zero rows after a word change the answer is measured here, on the trained model: a plain
recurrent network that was trained on padded words loses some accuracy without the padding (about
five points in a hundred) and may pass all the same. An untrained one always answers differently,
so a check of that would refuse networks that the homework accepts.
"""

from __future__ import annotations

from typing import Any

from grading.checks._accuracy import accuracy, expect_accuracy, expect_scores, percent
from grading.checks._held_out import LearnsFromExamples
from grading.claims import check
from grading.frames import Tensors
from grading.pass_marks import pass_mark
from grading.worker.kit import device, score_words, training_set

MUCH = 0.03  # a difference in accuracy that no longer is luck


@check("q4.learns", points=3, after="q4.shapes", limit=600.0, trains=True)
class KnowsTheLanguage(LearnsFromExamples):
    """After training, the model tells the language of words that it has never seen."""

    dataset = "words"
    shown = 12

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Train, then score the held-out words without padding, and once more with it."""
        model = student.models.LanguageIDModel().to(device)
        student.train.train_languageid(model, training_set(asked, model))
        held = yield {}
        return {
            "scores": score_words(model, held["x"]),
            "padded": score_words(model, held["x"], padded=True),
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """The accuracy without padding reaches the mark; with padding it is told beside it."""
        edition = self.splits.edition.name
        mark, what = pass_mark("q4.learns", edition).mark, "held-out words"
        for name in ("scores", "padded"):
            expect_scores(answered[name], self.labels, what)
        plain = accuracy(answered["scores"], self.labels)
        padded = accuracy(answered["padded"], self.labels)
        self.note = (
            f"{percent(plain)} of {len(self.labels):,} {what}, {percent(padded)} with "
            f"zero rows after them (pass mark {percent(mark)}, edition {edition})"
        )
        slip = (
            "padding changes the answer",
            f"With zero rows after the words it is {percent(padded)}, but here there are none: "
            "what does the network do at such a row?",
        )
        expect_accuracy(
            answered["scores"],
            self.labels,
            mark=mark,
            what=what,
            mistake=slip if padded - plain > MUCH else ("", ""),
        )
