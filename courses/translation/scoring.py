"""BLEU of a whole file of translations, by the two programs that published scores come from.

The homework's number is NLTK's. sacrebleu's comes with a signature that says exactly what was
counted; words are left as they are (``tok:none``), since the files are cut into words already.
`courses.translation.bleu` shows the working behind such a number.

Source: M. Post, "A Call for Clarity in Reporting BLEU Scores" (2018),
https://aclanthology.org/W18-6319.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scores:
    """What a file of translations is worth, each from 0 to 100.

    Attributes:
        nltk: the homework's corpus BLEU.
        sacrebleu: the other program's.
        signature: what sacrebleu counted.
    """

    nltk: float
    sacrebleu: float
    signature: str

    def __str__(self) -> str:
        return f"sacrebleu: {self.sacrebleu:.2f} ({self.signature})\nCorpus BLEU: {self.nltk:.4f}"


def score(translations: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> Scores:
    """Measure translations, with one reference each.

    Args:
        translations: as lists of words.
        references: as many, in the same order.

    Raises:
        ValueError: if the programs are not installed, or there are not equally many of both.
    """
    if len(translations) != len(references):
        raise ValueError(
            f"there are {len(translations):,} translations but {len(references):,} references; "
            "give one reference for each"
        )
    try:
        from nltk.translate.bleu_score import corpus_bleu
        from sacrebleu.metrics import BLEU
    except ImportError as error:
        raise ValueError(
            f"{error.name} is missing: install it with `python -m pip install nltk sacrebleu`"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of n-grams that no translation has, and gives 0
        nltk = corpus_bleu([[list(words)] for words in references], list(map(list, translations)))
    metric = BLEU(tokenize="none", force=True)  # or it warns that words are cut already
    lines = [[" ".join(words) for words in side] for side in (translations, references)]
    found = metric.corpus_score(lines[0], [lines[1]])
    return Scores(100 * float(nltk), found.score, str(metric.get_signature()))
