"""Measure how close translations come to references: BLEU by hand, with its working.

Examples:
  python -m courses.translation.bleu
  python -m courses.translation.bleu --reference="it is small" --candidate="it is a small one"
  python -m courses.translation.bleu --weights=0.25,0.25,0.25,0.25 \
--reference="the cat sat on the mat" --reference="a cat was there" --candidate="the cat sat there"

Without sentences it works out the example of the homework's Part 2.

Usage:
  bleu.py [--candidate=<sentence>]... [--reference=<sentence>]... [--weights=<numbers>]
  bleu.py (-h | --help)

Options:
  -h --help               Show this.
  --candidate=<sentence>  A translation to measure; a space between two words. May be repeated.
  --reference=<sentence>  What a human wrote. May be repeated.
  --weights=<numbers>     Of 1-grams, 2-grams and so on; they sum to 1 [default: 0.5,0.5].

Exit code: 0 done, 2 the command line is wrong, 130 stopped by Ctrl-C.

The modified precision p_n counts an n-gram of the candidate at most as often as the one reference
in which it is most frequent; a candidate that is shorter than its reference is multiplied with a
brevity penalty (K. Papineni et al., 2002, section 2, https://aclanthology.org/P02-1040).

Where others decide otherwise: a precision of 0 makes BLEU 0 here, unless its weight is 0. NLTK puts
the smallest positive float in its place, so it gives some tiny number and a warning. NLTK also
counts one n-gram, a missed one, for a candidate that is too short to have any, which makes a corpus
with short sentences a little worse; here, and in sacrebleu, such a sentence has none.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from courses.commands import run_command

Words: TypeAlias = Sequence[str]
UNIFORM = (0.25, 0.25, 0.25, 0.25)
SOURCE = "el amor todo lo puede"
REFERENCES = ("love can always find a way", "love makes anything possible")
CANDIDATES = ("the love can always do", "love can make anything possible")


class Precision(NamedTuple):
    """How many of a candidate's n-grams are in a reference.

    Attributes:
        matches: those that are, each counted at most as often as in one reference.
        total: all of them.
    """

    matches: int
    total: int

    @property
    def fraction(self) -> Fraction:
        """The share; 0 if there is no n-gram at all."""
        return Fraction(self.matches, self.total or 1)


@dataclass(frozen=True)
class Bleu:
    """A BLEU score and all that it is made of.

    Attributes:
        precisions: p_1, p_2, …; as many as there are weights.
        candidate_length: len(c) in words; of a corpus, of all candidates together.
        reference_length: len(r), of the reference whose length is closest; of a corpus, the sum.
        weights: what the precisions' logarithms are multiplied with.
    """

    precisions: tuple[Precision, ...]
    candidate_length: int
    reference_length: int
    weights: tuple[float, ...]

    @property
    def brevity_penalty(self) -> float:
        """BP of equation 15, in 0..1."""
        if self.candidate_length >= self.reference_length:
            return 1.0
        if not self.candidate_length:
            return 0.0
        return math.exp(1 - self.reference_length / self.candidate_length)

    @property
    def score(self) -> float:
        """BLEU of equation 16, in 0..1."""
        used = [pair for pair in zip(self.weights, self.precisions, strict=True) if pair[0]]
        if not all(precision.matches for _, precision in used):
            return 0.0
        logs = (weight * math.log(precision.fraction) for weight, precision in used)
        return self.brevity_penalty * math.exp(math.fsum(logs))

    def smoothed(self) -> Bleu:
        """Count one n-gram more, a match, for n above 1: a sentence without 4-grams is not yet 0.

        C.-Y. Lin and F. J. Och (2004), section 4, https://aclanthology.org/C04-1072.
        """
        first, *longer = self.precisions
        added = (Precision(matches + 1, total + 1) for matches, total in longer)
        return replace(self, precisions=(first, *added))

    def __str__(self) -> str:
        """The working, a line for each of its parts."""
        return "\n".join(self._working())

    def _working(self) -> Iterator[str]:
        logs = []
        for n, (weight, found) in enumerate(zip(self.weights, self.precisions, strict=True), 1):
            if weight:
                yield f"p{n} = {found.matches}/{found.total} = {float(found.fraction):.4f}"
                logs.append(f"{weight:g} ln p{n}")
        c, r, penalty = self.candidate_length, self.reference_length, self.brevity_penalty
        yield f"len(c) = {c}"
        yield f"len(r) = {r}"
        exponent = f"exp(1 - {r}/{c}) = " if 0 < c < r else ""
        yield f"BP = {exponent}{penalty:.4f}"
        yield f"BLEU = BP exp({' + '.join(logs)}) = {self.score:.4f}"


def sentence_bleu(
    candidate: Words, references: Sequence[Words], weights: Sequence[float] = UNIFORM
) -> Bleu:
    """Measure one translation.

    Args:
        candidate: its words.
        references: translations to compare it with, at least one, as lists of words.
        weights: of 1-grams, 2-grams and so on.

    Raises:
        ValueError: as `corpus_bleu` does.
    """
    return corpus_bleu([candidate], [references], weights)


def corpus_bleu(
    candidates: Sequence[Words],
    references: Sequence[Sequence[Words]],
    weights: Sequence[float] = UNIFORM,
) -> Bleu:
    """Measure the translations of a corpus: n-grams and lengths are added up before dividing.

    Args:
        candidates: N translations as lists of words.
        references: for each one its references, at least one.
        weights: of 1-grams, 2-grams and so on.

    Raises:
        ValueError: if there are no weights, or they are negative or do not sum to 1; if the
            references are more or fewer than the candidates; if a candidate has none; if a
            sentence is a string and no list of words.
    """
    _require_weights(weights)
    if len(candidates) != len(references):
        raise ValueError(
            f"there are {len(candidates)} candidates but references for {len(references)}; give "
            "one list of references for each candidate"
        )
    counts = [Precision(0, 0)] * len(weights)
    for candidate, its_references in zip(candidates, references, strict=True):
        _require_sentences(candidate, its_references)
        for at, (matches, total) in enumerate(counts):
            more = modified_precision(candidate, its_references, at + 1)
            counts[at] = Precision(matches + more.matches, total + more.total)
    reference_length = sum(map(closest_length, candidates, references))
    return Bleu(tuple(counts), sum(map(len, candidates)), reference_length, tuple(weights))


def modified_precision(candidate: Words, references: Sequence[Words], n: int) -> Precision:
    """Count the n-grams of a candidate, and those of them that a reference has, too."""
    found = Counter(_ngrams(candidate, n))
    allowed: Counter[tuple[str, ...]] = Counter()
    for reference in references:
        allowed |= Counter(_ngrams(reference, n))  # of each n-gram the larger count
    return Precision((found & allowed).total(), found.total())


def closest_length(candidate: Words, references: Sequence[Words]) -> int:
    """Find the reference length that is closest to the candidate's, at a tie the shorter one."""
    return min(map(len, references), key=lambda length: (abs(length - len(candidate)), length))


def _ngrams(words: Words, n: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(n)))  # noqa: B905 - ends with the shortest


def _require_weights(weights: Sequence[float]) -> None:
    if not weights or min(weights) < 0 or not math.isclose(sum(weights), 1, abs_tol=1e-6):
        raise ValueError(f"the weights are {list(weights)}; give numbers from 0 on that sum to 1")


def _require_sentences(candidate: Words, references: Sequence[Words]) -> None:
    if not references:
        raise ValueError(f"{' '.join(candidate)!r} has no reference; give at least one")
    for sentence in (candidate, references, *references):
        if isinstance(sentence, str):
            raise ValueError(f"a sentence is a list of words; split {sentence[:40]!r} first")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the working of every candidate; returns the exit code."""
    return run_command("bleu", __doc__, argv, _work)


def _work(arguments: Mapping[str, Any]) -> None:
    candidates, references = arguments["--candidate"], arguments["--reference"]
    weights = _numbers(arguments["--weights"])
    _require_weights(weights)
    if bool(candidates) != bool(references):
        missing = "--reference" if candidates else "--candidate"
        raise ValueError(f"give at least one {missing} as well, or neither for the example")
    if candidates:
        _print_all(candidates, references, weights)
        return
    print(f"s: {SOURCE}\n")
    _print_all(CANDIDATES, REFERENCES, weights)
    print("\nWith the first reference alone:\n")
    _print_all(CANDIDATES, REFERENCES[:1], weights)


def _print_all(
    candidates: Sequence[str], references: Sequence[str], weights: Sequence[float]
) -> None:
    split = [reference.split() for reference in references]
    for number, reference in enumerate(references, 1):
        print(f"r{number}: {reference}")
    for number, candidate in enumerate(candidates, 1):
        bleu = sentence_bleu(candidate.split(), split, weights)
        print(f"\nc{number}: {candidate}")
        print("\n".join(f"    {line}" for line in str(bleu).splitlines()))


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"--weights is {text!r}; give numbers such as 0.5,0.5") from None


if __name__ == "__main__":
    sys.exit(main())
