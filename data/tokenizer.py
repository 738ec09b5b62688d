"""The tokenizer of q10: byte-level byte-pair encoding, trained by us, with `</s>` after each text.

Pieces are learnt by joining the most frequent neighbours again and again, from single bytes up
(Sennrich et al., 2016, https://arxiv.org/abs/1508.07909), so every text can be encoded and comes
back unchanged. The saved folder is one that ``transformers.AutoTokenizer.from_pretrained`` loads,
offline; `tokenizers` trains, and `transformers` serves for nothing but loading.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.files import write_whole

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SIZE = 1024
PADDING = "<pad>"
END = "</s>"
SPECIAL = (PADDING, END)  # numbered in this order: the homework's own examples end with 1
FILES = ("tokenizer.json", "tokenizer_config.json")


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Learn `SIZE` pieces from texts; the same texts give the same pieces.

    Raises:
        ImportError: if the package tokenizers is missing; the message is what to do.
        ValueError: if the texts are too few for that many pieces.
    """
    _needed("tokenizers")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    if tokenizer.get_vocab_size() != SIZE:
        raise ValueError(
            f"the texts give {tokenizer.get_vocab_size():,} pieces, expected {SIZE:,}; train on "
            "more text"
        )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}",
        pair=f"$A {END} $B:1 {END}:1",
        special_tokens=[(END, SPECIAL.index(END))],
    )
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write the two files that `load_tokenizer` and transformers read.

    Raises:
        OSError: if the folder cannot be written.
    """
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "pad_token": PADDING,
        "clean_up_tokenization_spaces": False,  # decoding gives the text back, spaces and all
    }
    contents = (tokenizer.to_str(pretty=True), json.dumps(config, indent=2) + "\n")
    for name, content in zip(FILES, contents, strict=True):
        write_whole(folder / name, content.encode())


def load_tokenizer(folder: Path | str) -> Any:
    """The tokenizer that a folder holds, as transformers knows it.

    ``encode(text)`` appends `</s>`, ``encode(text, add_special_tokens=False)`` does not.

    Raises:
        FileNotFoundError: if the folder or one of its files is missing.
        ImportError: if the package transformers is missing; the message is what to do.
        ValueError: if the files are there but hold no tokenizer.
    """
    folder = Path(folder)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{folder} is no tokenizer: it lacks {' and '.join(missing)}; expected a folder such "
            "as python -m data stories makes, stories/tokenizer"
        )
    transformers = _needed("transformers")
    try:
        return transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # what it raises for a damaged file is not documented
        raise ValueError(
            f"{folder} holds no tokenizer that can be loaded ({error}); make it again with "
            "python -m data stories"
        ) from error


def encode(tokenizer: Tokenizer, texts: Sequence[str], together: int = 1000) -> Iterator[list[int]]:
    """Each text's numbers, with that of `</s>` at their end.

    Args:
        tokenizer: as `train_tokenizer` makes it.
        texts: N texts.
        together: how many are encoded at a time.
    """
    for start in range(0, len(texts), together):
        for encoding in tokenizer.encode_batch(list(texts[start : start + together])):
            yield encoding.ids


def _needed(package: str) -> Any:
    """A package that nothing else needs."""
    from importlib import import_module

    try:
        return import_module(package)
    except ImportError as error:
        raise ImportError(
            f"q10's tokenizer needs the package {package} ({error}); run: "
            "pip install -r requirements.txt"
        ) from error
