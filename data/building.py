"""Build the data files of q10: a tokenizer and stories as token lists, ready for `rnn`.

The tokenizer learns from the stories to train on and never sees the others. Every story ends with
`</s>`; the stories of a part are joined in their order and cut into lists of one length. The same
stories and the same sizes give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import tokenizer as tokenizing
from data.files import write_whole, writing_into
from data.progress import Progress
from data.stories import Stories

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

ABOUT = "about.json"
TOKENIZER = "tokenizer"
TINY = {"train": 128, "valid": 32}  # lists in the files that are for a quick try


@dataclass(frozen=True)
class Sizes:
    """How large the files are to be.

    Attributes:
        length: T, tokens in a list.
        train: lists to train on, at most.
        valid: lists to validate on, at most.
    """

    length: int = 128
    train: int = 100_000
    valid: int = 2_000

    def __post_init__(self) -> None:
        for option, value, least in (
            ("--length", self.length, 2),
            ("--sequences", self.train, 1),
            ("--valid", self.valid, 1),
        ):
            if value < least:
                raise ValueError(f"{option} is {value}; expected at least {least}")


def build(folder: Path, sizes: Sizes) -> dict[str, Any]:
    """Fetch the stories if need be, and fill a folder with the files made from them.

    Args:
        folder: made if need be; files of an earlier build in it are replaced.
        sizes: how much to make.

    Returns:
        What is written down in the folder's ``about.json``.

    Raises:
        FetchError: if no source of the stories answers.
        ImportError: if the package tokenizers is missing.
        OSError: if a file cannot be written.
        ValueError: if the stories are too few for one list of that length.
    """
    from data.loading import load

    with writing_into(folder):  # better told now than after a minute of work
        write_whole(folder / ".writable", b"")
        (folder / ".writable").unlink()
    stories = load("stories")
    if stories.validation is None:
        raise ValueError(f"{stories.edition.name} has no stories to validate on")
    tokenizer = _train(stories.train)
    parts = {
        "train": _encode(tokenizer, stories.train, "train", sizes.length, sizes.train),
        "valid": _encode(tokenizer, stories.validation, "valid", sizes.length, sizes.valid),
    }
    about = {
        "edition": asdict(stories.edition),
        "vocabulary": tokenizer.get_vocab_size(),
        "length": sizes.length,
        **{name: part.counts for name, part in parts.items()},
    }
    with writing_into(folder):
        (folder / ABOUT).unlink(missing_ok=True)  # it is there if all the rest is
        tokenizing.save_tokenizer(tokenizer, folder / TOKENIZER)
        _write_lists(folder, parts)
        about["sha256"] = dict(_sums(folder))
        write_whole(folder / ABOUT, (json.dumps(about, indent=2) + "\n").encode())
    return about


@dataclass(frozen=True)
class Encoded:
    """One part of the stories as token lists.

    Attributes:
        lists: (N, T) int64.
        counts: how many stories, lists and tokens it has, and characters a token.
    """

    lists: torch.Tensor
    counts: dict[str, int | float]


def _train(stories: Stories) -> Tokenizer:
    def watched() -> Iterator[str]:
        for number, text in enumerate(stories, 1):
            progress.at(number)
            yield text

    with Progress("training the tokenizer", len(stories), "stories") as progress:
        return tokenizing.train_tokenizer(watched())


def _encode(tokenizer: Tokenizer, stories: Stories, name: str, length: int, most: int) -> Encoded:
    """The lists of one part, until there are enough of them or no more stories."""
    import numpy as np
    import torch

    tokens = array("q")  # int64, of a size that nobody knows beforehand
    used = characters = read = 0
    with Progress(f"encoding {name}", len(stories), "stories") as progress:
        for numbers in tokenizing.encode(tokenizer, stories):
            tokens.extend(numbers[: most * length - len(tokens)])
            characters += len(stories[used])
            read += len(numbers)
            used += 1
            progress.at(used)
            if len(tokens) == most * length:
                break
    if len(tokens) < length:
        raise ValueError(
            f"the {used:,} stories to {name} have {len(tokens):,} tokens; expected at least "
            f"{length:,} for one list: take a smaller --length"
        )
    whole = len(tokens) // length * length
    lists = torch.from_numpy(np.array(tokens[:whole])).reshape(-1, length)
    counts = {"stories": used, "lists": len(lists), "tokens": lists.numel()}
    return Encoded(lists, {**counts, "characters_a_token": round(characters / read, 3)})


def _write_lists(folder: Path, parts: dict[str, Encoded]) -> None:
    from data.token_lists import write_token_lists

    for name, part in parts.items():
        write_token_lists(folder / f"{name}_stories.json", part.lists)
        write_token_lists(folder / f"tiny_{name}_stories.json", part.lists[: TINY[name]])


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    names = [f"{TOKENIZER}/{name}" for name in tokenizing.FILES]
    names += [f"{tiny}{part}_stories.json" for part in TINY for tiny in ("", "tiny_")]
    for name in names:
        yield name, hashlib.sha256((folder / name).read_bytes()).hexdigest()


def summary(folder: Path, about: dict[str, Any]) -> str:
    """What was built, and what to do with it."""
    edition = about["edition"]
    lines = [
        f"{folder}: {edition['name']}, {edition['description']} ({edition['licence']})",
        f"  {TOKENIZER}/  {about['vocabulary']:,} pieces, learnt from the stories to train on",
    ]
    for name in TINY:
        part = about[name]
        lines.append(
            f"  {name}_stories.json  {part['lists']:,} lists of {about['length']} tokens from "
            f"{part['stories']:,} stories, {part['characters_a_token']:.2f} characters a token"
        )
        tiny = min(TINY[name], part["lists"])
        lines.append(f"  tiny_{name}_stories.json  the first {tiny} of them")
    train, valid = (shlex.quote(f"{folder / name}_stories.json") for name in TINY)
    return "\n".join(
        [
            *lines,
            "Train on them:",
            f"  sh run.sh rnn --train_data {train} --val_data {valid} \\",
            "    --train_losses_out train_losses.txt --val_losses_out val_losses.txt \\",
            "    --metrics_out metrics.txt --embed_dim 64 --hidden_dim 128 --dk 32 --dv 32 \\",
            f"    --num_sequences {min(10_000, about['train']['lists'])} --batch_size 1",
        ]
    )
