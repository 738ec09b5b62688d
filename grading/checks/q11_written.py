"""The check of q11 that reads what a trained translator has written.

Training it takes hours, so nothing is trained here. The submission holds the translations of the
test sentences, one a line, which `sh run.sh test` writes; the references stay in the examiner.
"""

from __future__ import annotations

from typing import Any

import torch

import data
from data.sentences import tokenize
from grading.checks._bleu import corpus_bleu
from grading.claims import Check, Wrong, check
from grading.compare import answer_named, expect
from grading.draw import Draw
from grading.frames import Tensors
from grading.pass_marks import pass_mark
from grading.submission import MOST_LINES, MOST_TEXT
from grading.worker.kit import handed_in

# The homework states what is to be reached on its own sentences; other marks are calibrated.
STATED = {"cs224n-a4": 21.0}
FILE = "outputs/test_outputs.txt"
LONG = 6  # words; headings such as "Open" a translator may well give word for word
MARKS = ("<s>", "</s>", "<pad>")
SPECIAL = (*MARKS, "<unk>")


@check("q11.bleu", points=4, limit=60.0, trains=True)
class TranslatesTheTestSentences(Check):
    """The handed-in translations of the test sentences reach the corpus BLEU that is asked for."""

    def ask(self, draw: Draw) -> Tensors:
        """Nothing: the translations are there already."""
        return {"nothing": torch.zeros(1)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The file's bytes; translations without a translator are none."""
        student.nmt_model.NMT  # noqa: B018 - where it is missing, this says so
        how = "train the translator (sh run.sh train), then make it by: sh run.sh test"
        return {"text": handed_in(student, "outputs/test_outputs.txt", how)}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Their corpus BLEU is above the mark of this edition of the sentences."""
        lines = _lines(answered)
        found = [word for line in lines for word in line if word in MARKS]
        expect(
            not found,
            tried=f"to read {FILE}",
            expected="the words of the translations",
            got=f"{found[0] if found else ''} {len(found):,} times",
            hint="Which words that the model writes do not belong to the sentence?",
            name="the marks of a sentence are in the text",
        )
        splits = data.load("es_en")
        assert splits.test is not None  # noqa: S101 - every edition has a test split
        edition, references = splits.edition.name, splits.test.target
        tried = f"to compare {FILE} with the {len(references):,} test sentences of {edition}"
        expect(
            len(lines) == len(references),
            tried=tried,
            expected=f"{len(references):,} lines, a translation in each",
            got=f"{len(lines):,} lines",
            hint="Of which sentences are these translations, and is the file whole?",
            name="translations of other sentences" if lines else "",
        )
        copied = sum(line == source for line, source in zip(lines, splits.test.source, strict=True))
        expect(
            copied <= len(lines) // 2,
            tried=tried,
            expected="English sentences",
            got=f"{copied:,} lines that are the Spanish sentence itself",
            hint="Which of the two files does the command read, and which does it write?",
            name="the source in place of translations",
        )
        long = [place for place, words in enumerate(references) if len(words) >= LONG]
        same = sum(lines[place] == references[place] for place in long)
        expect(
            same <= len(long) // 2,
            tried=tried,
            expected="a translator's own words",
            got=f"{same:,} of {len(long):,} long lines that are the reference, word for word",
            hint="Which of the two files does the command read, and which does it write?",
            name="the references in place of translations",
        )
        self._expect_bleu(lines, references, edition, tried)

    def _expect_bleu(
        self, lines: list[list[str]], references: list[list[str]], edition: str, tried: str
    ) -> None:
        mark = STATED[edition] if edition in STATED else pass_mark("q11.bleu", edition).mark
        bleu = corpus_bleu(lines, references)
        self.note = (
            f"corpus BLEU {bleu:.2f} on {len(lines):,} test sentences "
            f"(above {mark:g} passes, edition {edition})"
        )
        expect(
            bleu > mark,
            tried=tried,
            expected=f"a corpus BLEU above {mark:g}",
            got=f"{bleu:.2f}",
            hint="Did the training end by itself? Read ten translations beside their references: "
            "what goes wrong in most of them?",
        )


def _lines(answered: Tensors) -> list[list[str]]:
    """The translations as lists of words, cut as the references are.

    Raises:
        Wrong: if the file is no UTF-8, or no text came, or more than a submission may hold.
    """
    sent = answer_named(answered, "text")
    fit = sent.dtype == torch.uint8 and sent.ndim == 1 and len(sent) <= MOST_TEXT
    content = sent.numpy().tobytes() if fit else b"\xff"
    content = content if content.count(b"\n") <= MOST_LINES else b"\xff"
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Wrong(
            tried=f"to read {FILE}",
            expected="text in UTF-8, one translation a line",
            got=f"a byte that is none, at place {error.start}",
            think="Which program wrote the file, and in which encoding?",
        ) from None
    return [_words(line) for line in text.removesuffix("\n").split("\n")]


def _words(line: str) -> list[str]:
    """The words between spaces, each cut as the data's are; a special word is one."""
    return [
        part for word in line.split() for part in ([word] if word in SPECIAL else tokenize(word))
    ]
