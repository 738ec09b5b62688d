r"""Make the vocabulary of the translator of q11: the words of both languages that it will know.

Examples:
  python -m courses.translation.vocab
  python -m courses.translation.vocab --freq-cutoff=1 small.json
  python -m courses.translation.vocab --train-src=en_es_data/train.es --train-tgt=\
en_es_data/train.en --size=50000 --freq-cutoff=2 vocab.json

Usage:
  vocab.py [options] [VOCAB_FILE]
  vocab.py (-h | --help)

Options:
  -h --help            Show this.
  --train-src=<file>   Sentences to learn from [default: en_es_data/train.es].
  --train-tgt=<file>   Their translations [default: en_es_data/train.en].
  --size=<int>         The most words of a language [default: 50000].
  --freq-cutoff=<int>  How often a word has to occur [default: 2].

Without VOCAB_FILE it is written to vocab.json. Where the folder en_es_data is asked for and not
there, it is made first, as `python -m data pairs` does.

Exit code: 0 done, 2 the command line or the data is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from courses.commands import number, run_command

DEFAULT = "vocab.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Make the file that the command line names; returns the exit code."""
    return run_command("vocab", __doc__, argv, _work, "nothing is written")


def _work(arguments: Mapping[str, Any]) -> None:
    from courses.translation.corpus import find_pairs
    from models.nmt.vocabulary import SPECIAL, Vocab

    size, cutoff = number(arguments, "--size"), number(arguments, "--freq-cutoff")
    for option, value in (("--size", size), ("--freq-cutoff", cutoff)):
        if value < 1:
            raise ValueError(f"{option} is {value}; give a whole number from 1 up")
    pairs = find_pairs(arguments["--train-src"], arguments["--train-tgt"])
    vocab = Vocab.build(pairs.source, pairs.target, size, cutoff)
    print(f"{len(pairs):,} sentence pairs")
    for side, entry, sents in (
        ("source", vocab.src, pairs.source),
        ("target", vocab.tgt, pairs.target),
    ):
        if len(entry) == len(SPECIAL):
            raise ValueError(
                f"no {side} word occurs {cutoff:,} times; give a smaller --freq-cutoff or more "
                "sentences"
            )
        words = [word for sent in sents for word in sent]
        known = sum(word in entry for word in words)
        print(
            f"{side}: {len(entry) - len(SPECIAL):,} of {len(set(words)):,} different words, and "
            f"{len(SPECIAL)} special ones; they are {known / len(words):.1%} of the text"
        )
    path = arguments["VOCAB_FILE"] or DEFAULT
    vocab.save(path)
    print(f"written: {path}")


if __name__ == "__main__":
    sys.exit(main())
