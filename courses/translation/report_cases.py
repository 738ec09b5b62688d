"""What a report says about translated sentences: how good each is, and what they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from courses.translation.bleu import Bleu, corpus_bleu, sentence_bleu

UNKNOWN = "<unk>"
LENGTHS = (0, 5, 10, 15, 20, 30, 50)
"""Groups of sentences end with so many source words; one more takes what is longer."""


@dataclass(frozen=True)
class Case:
    """A sentence, what a human made of it and what the model did.

    Attributes:
        line: its number in the file, from 1 on.
        source: its words.
        reference: the human translation's words.
        output: the model's; may be none.
        score: BLEU of this sentence alone, smoothed, in 0..1.
    """

    line: int
    source: list[str]
    reference: list[str]
    output: list[str]
    score: float

    @property
    def exact(self) -> bool:
        """Whether the model wrote the reference."""
        return self.output == self.reference

    @property
    def wrote_unknown(self) -> bool:
        """Whether the model wrote `<unk>`."""
        return UNKNOWN in self.output

    def known(self, vocab: Collection[str]) -> list[tuple[str, bool]]:
        """Say of every source word whether a vocabulary has it."""
        return [(word, word in vocab) for word in self.source]

    def marked(self) -> list[tuple[str, bool]]:
        """Say of every word of the output whether the reference has it (as often) as well."""
        left = Counter(self.reference)
        found = []
        for word in self.output:
            found.append((word, left[word] > 0))
            left[word] -= 1
        return found


@dataclass(frozen=True)
class LengthGroup:
    """Sentences of like lengths.

    Attributes:
        shortest: how many source words the shortest may have.
        longest: the same of the longest; None if there is no end.
        sentences: how many there are.
        bleu: of them together.
    """

    shortest: int
    longest: int | None
    sentences: int
    bleu: Bleu

    @property
    def name(self) -> str:
        """The lengths in words."""
        if self.longest is None:
            return f"{self.shortest} and more"
        return "0" if self.longest == 0 else f"{self.shortest} to {self.longest}"


@dataclass(frozen=True)
class UnknownWords:
    """Words that a vocabulary does not have.

    Attributes:
        words: how many there are in the text, each as often as it occurs.
        text: how many words the text has.
        frequent: the most frequent ones, with their counts.
    """

    words: int
    text: int
    frequent: list[tuple[str, int]]

    @property
    def share(self) -> float:
        """How much of the text they are, 0..1."""
        return self.words / self.text if self.text else 0.0


def read_outputs(path: Path, count: int) -> list[list[str]]:
    """Read translations; unlike other files, this one may be all blank.

    Raises:
        ValueError: if it cannot be read, or does not have one line for each sentence.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as UTF-8 text: {error}") from error
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != count:
        raise ValueError(
            f"{path} has {len(lines):,} lines, but there are {count:,} sentences; expected one "
            "translation for each"
        )
    return [line.split() for line in lines]


def make_cases(
    sources: Sequence[list[str]], references: Sequence[list[str]], outputs: Sequence[list[str]]
) -> list[Case]:
    """Put together what belongs together and measure it."""
    return [
        Case(line, source, reference, output, sentence_bleu(output, [reference]).smoothed().score)
        for line, (source, reference, output) in enumerate(
            zip(sources, references, outputs, strict=True), 1
        )
    ]


def together(cases: Sequence[Case]) -> Bleu:
    """BLEU of all sentences."""
    return corpus_bleu([case.output for case in cases], [[case.reference] for case in cases])


def worst(cases: Iterable[Case], count: int) -> list[Case]:
    """The sentences of the lowest scores; of equal ones the longest first."""
    return sorted(cases, key=lambda case: (case.score, -len(case.source), case.line))[:count]


def best(cases: Iterable[Case], count: int) -> list[Case]:
    """The sentences of the highest scores; of equal ones the longest first."""
    return sorted(cases, key=lambda case: (-case.score, -len(case.source), case.line))[:count]


def by_length(cases: Sequence[Case]) -> list[LengthGroup]:
    """Measure sentences of like lengths together; groups without sentences are left out."""
    groups = []
    shortest = 0
    for longest in (*LENGTHS, None):
        its = [
            case
            for case in cases
            if shortest <= len(case.source) and (longest is None or len(case.source) <= longest)
        ]
        if its:
            groups.append(LengthGroup(shortest, longest, len(its), together(its)))
        shortest = (longest or 0) + 1
    return groups


def unknown_words(
    sents: Sequence[Sequence[str]], known: Collection[str], count: int
) -> UnknownWords:
    """Find the words of a text that a vocabulary does not have."""
    words = Counter(word for sent in sents for word in sent if word not in known)
    return UnknownWords(words.total(), sum(map(len, sents)), words.most_common(count))


def with_unknown_words(cases: Iterable[Case], known: Collection[str], count: int) -> list[Case]:
    """Sentences with unknown words: those in which the model wrote one come first."""
    found = [
        case
        for case in cases
        if case.wrote_unknown or not all(there for _, there in case.known(known))
    ]
    return sorted(found, key=lambda case: not case.wrote_unknown)[:count]


def spread(cases: Sequence[Case], count: int) -> list[Case]:
    """A few sentences from bad ones to good ones, such as fit a picture if there are any."""
    drawn = [case for case in cases if case.source and case.output]
    fits = [case for case in drawn if 8 <= len(case.source) <= 16 and len(case.output) <= 20]
    ranked = worst(fits if len(fits) >= count else drawn, len(cases))
    if len(ranked) <= count:
        return ranked
    return [ranked[at * (len(ranked) - 1) // max(1, count - 1)] for at in range(count)]
