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
    from data.splits import Edition, Splits
    from data.words import LANGUAGES, LETTERS, TrainingWords, Words

__all__ = [
    "LANGUAGES",
    "LETTERS",
    "Edition",
    "Examples",
    "Splits",
    "TrainingExamples",
    "TrainingWords",
    "Words",
    "accuracy",
    "load",
]

_HOME = {
    "LANGUAGES": "data.words",
    "LETTERS": "data.words",
    "Edition": "data.splits",
    "Examples": "data.examples",
    "Splits": "data.splits",
    "TrainingExamples": "data.examples",
    "TrainingWords": "data.words",
    "Words": "data.words",
    "accuracy": "data.examples",
    "load": "data.loading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
