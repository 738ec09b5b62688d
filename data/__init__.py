"""Where every example comes from: sources, datasets, batching.

`load("digits")` returns the train, validation and test split of one dataset, fetching it first
if need be. Importing this package is light: torch and the rest load with the first name used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.examples import Examples, TrainingExamples, accuracy
    from data.loading import load
    from data.sentence_pairs import SentencePairs
    from data.splits import Edition, Splits
    from data.stories import Stories
    from data.token_lists import read_token_lists, token_batches, write_token_lists
    from data.tokenizer import load_tokenizer
    from data.words import LANGUAGES, LETTERS, TrainingWords, Words

__all__ = [
    "LANGUAGES",
    "LETTERS",
    "Edition",
    "Examples",
    "SentencePairs",
    "Splits",
    "Stories",
    "TrainingExamples",
    "TrainingWords",
    "Words",
    "accuracy",
    "load",
    "load_tokenizer",
    "read_token_lists",
    "token_batches",
    "write_token_lists",
]

_HOME = {
    "LANGUAGES": "data.words",
    "LETTERS": "data.words",
    "Edition": "data.splits",
    "Examples": "data.examples",
    "SentencePairs": "data.sentence_pairs",
    "Splits": "data.splits",
    "Stories": "data.stories",
    "TrainingExamples": "data.examples",
    "TrainingWords": "data.words",
    "Words": "data.words",
    "accuracy": "data.examples",
    "load": "data.loading",
    "load_tokenizer": "data.tokenizer",
    "read_token_lists": "data.token_lists",
    "token_batches": "data.token_lists",
    "write_token_lists": "data.token_lists",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
