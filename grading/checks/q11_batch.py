"""Checks of q11, first part: sentences of one length.

Sentences go to the student as lists of numbers, or of words; what comes back travels as all
numbers in a row, and the length of each list.

Shapes: `B` sentences, `L` words of the longest.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.claims import Check, Wrong, check
from grading.compare import Mistake, answer_named, expect, expect_close
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import numbers_of_lists

HINT = "Which sentence decides how long all of them become, and where do the pads go?"
SORTED = "Which translation belongs to the first sentence after your function, and which before?"
MOST = 1 << 16


@check("q11.pad", points=1)
class AsLongAsTheLongest(Check):
    """pad_sents fills every sentence on its right up to the longest one and keeps their order."""

    def ask(self, draw: Draw) -> Tensors:
        """Sentences of many lengths, in no order; a token that is no word of theirs."""
        batch, longest = draw.sizes(B=3, L=4, low=5)
        lengths = draw.integers(batch, low=1, high=longest)
        lengths[1:3] = torch.tensor([longest, longest - 2])
        words = draw.integers(batch, longest, low=1, high=100)
        pad = draw.integer(100, 200) * (1 - 2 * draw.integer(0, 2))
        return {"words": words, "lengths": lengths, "pad": torch.tensor(pad)}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The padded sentences."""
        lengths = asked["lengths"].tolist()
        sents = [row[:n] for row, n in zip(asked["words"].tolist(), lengths, strict=True)]
        return numbers_of_lists(student.utils.pad_sents(sents, int(asked["pad"])), "pad_sents")

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every row agrees."""
        lengths, words = asked["lengths"], asked["words"]
        pad, longest = int(asked["pad"]), int(lengths.max())
        tried = f"sentences of {', '.join(map(str, lengths.tolist()))} words and the token {pad}"
        rows = _rows(answered, "", tried)
        right = _padded(words, lengths, pad)
        expect(
            rows.shape[1] <= longest or not bool((rows[:, :longest] == right).all()),
            tried=tried,
            expected=f"{longest} words in every sentence, as many as in the longest",
            got=f"{rows.shape[1]} words",
            hint="What decides how long the sentences of a batch have to be?",
            name="padded beyond the longest sentence",
        )
        left = torch.stack([row.roll(int(n)) for row, n in zip(right, longest - lengths)])  # noqa: B905
        order = lengths.argsort(descending=True, stable=True)
        expect_close(
            got=rows,
            want=right,
            tolerance=0.0,
            what="the padded sentences",
            tried=tried,
            hint=HINT,
            mistakes=[
                Mistake("padded on the left", left, "Does a sentence begin with its first word?"),
                Mistake("the sentences change places", right[order], SORTED),
                Mistake("the sentences change places", right[order.flip(0)], SORTED),
                Mistake(
                    "another token than the given one",
                    _padded(words, lengths, 0),
                    "Where does the word that fills up come from?",
                ),
                Mistake(
                    "cut to the shortest sentence",
                    right[:, : int(lengths.min())],
                    "What becomes of the words that a sentence has beyond the shortest one?",
                ),
            ],
        )


@check("q11.pad_edges", points=1, after="q11.pad")
class EmptyAloneOrWords(Check):
    """It also works for empty sentences, a sentence alone, equal lengths, and words as text."""

    def ask(self, draw: Draw) -> Tensors:
        """Four batches by their lengths; words are numbers, one batch gets them as text."""
        longest = draw.integer(3, 6)
        cases = {
            "empty": [0, longest, 0, 1],
            "alone": [longest],
            "equal": [longest] * 3,
            "words": [1, longest, 2],
        }
        drawn = {name: draw.integers(len(it), longest, low=1, high=9) for name, it in cases.items()}
        lengths = {f"{name}.lengths": torch.tensor(it) for name, it in cases.items()}
        return {**drawn, **lengths}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The padded sentences of each batch."""
        ids = {f"w{number}": number for number in range(1, 9)} | {"<pad>": 0}
        found: Tensors = {}
        for case in ("empty", "alone", "equal", "words"):
            lengths = asked[f"{case}.lengths"].tolist()
            sents = [row[:n] for row, n in zip(asked[case].tolist(), lengths, strict=True)]
            if case == "words":
                text = [[f"w{number}" for number in sent] for sent in sents]
                result = student.utils.pad_sents(text, "<pad>")
            else:
                result = student.utils.pad_sents(sents, 0)
            rows = numbers_of_lists(result, "pad_sents", ids)
            found |= {f"{case}.{name}": value for name, value in rows.items()}
        return found

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Every batch agrees."""
        tried = {
            "empty": "a batch in which some sentences are empty",
            "alone": "a batch of one sentence",
            "equal": "sentences that all have one length",
            "words": "sentences of words as text, and the token '<pad>'",
        }
        for case, told in tried.items():
            expect_close(
                got=_rows(answered, f"{case}.", told),
                want=_padded(asked[case], asked[f"{case}.lengths"], 0),
                tolerance=0.0,
                what="the padded sentences",
                tried=told,
                hint="Does your code assume something about the sentences that need not be so?",
            )


@check("q11.pad_input", points=0, after="q11.pad")
class TheGivenSentencesStay(Check):
    """pad_sents leaves the lists that it was given as they are."""

    def ask(self, draw: Draw) -> Tensors:
        """Sentences of several lengths."""
        batch, longest = draw.sizes(B=2, L=2)
        lengths = draw.integers(batch, low=0, high=longest)
        lengths[0] = longest
        return {"words": draw.integers(batch, longest, low=1, high=100), "lengths": lengths}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The given sentences, after the call."""
        lengths = asked["lengths"].tolist()
        sents = [row[:n] for row, n in zip(asked["words"].tolist(), lengths, strict=True)]
        student.utils.pad_sents(sents, 0)
        return numbers_of_lists(sents, "the given list")

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They are what they were."""
        lengths, words = asked["lengths"], asked["words"]
        same = [row[:n] for row, n in zip(words.tolist(), lengths.tolist(), strict=True)]
        got = _lists(answered, "", "to look at the given sentences after the call")
        expect(
            got == same,
            tried="to look at the given sentences after the call",
            expected="the same words as before",
            got=f"{sum(map(len, got))} words in {len(got)} sentences, where "
            f"{sum(map(len, same))} in {len(same)} were given",
            hint="Does your code append to a list that is somebody else's?",
            name="the given sentences are changed",
        )


def _padded(words: Tensor, lengths: Tensor, pad: int) -> Tensor:
    """Each row's first words, then the token; as wide as the longest, (B, L)."""
    places = torch.arange(int(lengths.max()))
    return words[:, : len(places)].masked_fill(places >= lengths[:, None], pad)


def _lists(answered: Tensors, case: str, tried: str) -> list[list[float]]:
    """The lists that came back.

    Raises:
        Wrong: if the worker sent something that is no such lists.
    """
    flat, lengths = (answer_named(answered, f"{case}{name}") for name in ("flat", "lengths"))
    fit = lengths.ndim == flat.ndim == 1 and max(len(lengths), len(flat)) <= MOST
    sizes = lengths.tolist() if fit and lengths.dtype == torch.int64 else []
    if not fit or sum(sizes) != len(flat) or any(size < 0 for size in sizes):
        raise Wrong(
            tried=tried,
            expected="lists of words",
            got=f"{lengths.dtype} lengths of shape {tuple(lengths.shape)}",
            think="Did the submission take over the worker's pipe? Answers come from the check.",
        )
    return [part.tolist() for part in torch.split(flat, sizes)]


def _rows(answered: Tensors, case: str, tried: str) -> Tensor:
    """The lists that came back as one tensor, (B, L).

    Raises:
        Wrong: if they have different lengths.
    """
    lists = _lists(answered, case, tried)
    sizes = sorted({len(each) for each in lists})
    expect(
        len(sizes) <= 1,
        tried=tried,
        expected="one length for all sentences",
        got=f"lengths from {sizes[0] if sizes else 0} to {sizes[-1] if sizes else 0}",
        hint=HINT,
    )
    return torch.tensor(lists, dtype=torch.float64).reshape(len(lists), -1 if lists else 0)
