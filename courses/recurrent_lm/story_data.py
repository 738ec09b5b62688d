"""What a language model learns from: token lists, read or made up.

Shapes: `N` sequences, `T` tokens in a sequence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from courses.recurrent_lm.lm_checkpoint import find_tokenizer, read_tokenizer
from data.token_lists import read_token_lists

STORIES = Path("stories")
FILES = {"--train_data": "train_stories.json", "--val_data": "valid_stories.json"}
LARGEST_VOCABULARY = 1_000_000  # more is no vocabulary, and no model of it would fit the memory
QUICK_TOKENS, QUICK_VALID = 16, 256  # a quick run: at most so many tokens, and lists to measure on
MADE_UP_VOCABULARY, MADE_UP_SEQUENCES = 61, 512


@dataclass(frozen=True)
class Stories:
    """What a model learns from.

    Attributes:
        train: ``(N, T) int64`` sequences to learn from.
        valid: ``(N, T) int64`` sequences to measure on.
        vocab_size: the number of different tokens.
        tokenizer: the folder of the tokenizer that made the tokens; None if that is not known.
    """

    train: Tensor
    valid: Tensor
    vocab_size: int
    tokenizer: Path | None

    def digest(self) -> str:
        """The SHA-256 of all tokens, which tells one edition of the data from another."""
        found = hashlib.sha256()
        for tokens in (self.train, self.valid):
            found.update(f"{tuple(tokens.shape)}".encode())
            found.update(tokens.numpy().data)
        return found.hexdigest()


def read_data(arguments: Mapping[str, Any]) -> Stories:
    """Read the token lists that a command names; a quick run makes some up where it names none.

    Raises:
        ValueError: if there is no data, or it cannot be read.
    """
    if arguments["--quick"] and not any(arguments[option] for option in FILES):
        print("data: made-up sequences that count upwards in ones and twos")
        return make_up_stories()
    paths = {option: Path(arguments[option] or STORIES / name) for option, name in FILES.items()}
    for option, path in paths.items():
        if not path.is_file():
            raise ValueError(
                f"there is no file {path}: name yours with {option}, or make some with `python -m "
                f"data stories --out {STORIES}`"
            )
    named = arguments["--tokenizer"]
    folder = Path(named) if named else find_tokenizer(*paths.values())
    vocab_size = None if folder is None else len(read_tokenizer(folder))
    train, valid = (read_token_lists(path, vocab_size) for path in paths.values())
    if vocab_size is None:
        vocab_size = 1 + max(int(tokens.max()) for tokens in (train, valid))
        if vocab_size > LARGEST_VOCABULARY:
            raise ValueError(
                f"the largest token is {vocab_size - 1}; expected token ids below "
                f"{LARGEST_VOCABULARY:,}"
            )
        print(
            f"no tokenizer is there: the vocabulary is one more than the largest token, "
            f"{vocab_size:,}; to complete texts later, name yours with --tokenizer"
        )
    else:
        print(f"vocabulary: {vocab_size:,} tokens, of the tokenizer in {folder}")
    for what, tokens in (("training", train), ("validation", valid)):
        print(f"{what} data: {len(tokens):,} sequences of {tokens.shape[1]:,} tokens")
    return Stories(train, valid, vocab_size, folder)


def make_up_stories() -> Stories:
    """Sequences that count upwards in ones and twos, round and round: there is a bit to learn."""
    generator = torch.Generator().manual_seed(0)
    size = (MADE_UP_SEQUENCES, QUICK_TOKENS)
    steps = torch.randint(1, 3, size, generator=generator)
    steps[:, 0] = torch.randint(MADE_UP_VOCABULARY, size[:1], generator=generator)
    tokens = steps.cumsum(dim=1) % MADE_UP_VOCABULARY
    return Stories(tokens[:-QUICK_VALID], tokens[-QUICK_VALID:], MADE_UP_VOCABULARY, None)
