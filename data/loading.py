"""`load`: the splits of a dataset by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from data.catalogue import DATASETS
from data.fetching import fetch, present
from data.source import Dataset
from data.splits import Splits

if TYPE_CHECKING:
    from data.examples import Examples
    from data.sentence_pairs import SentencePairs
    from data.stories import Stories
    from data.text import Text
    from data.words import Words


@overload
def load(
    name: Literal["points", "sine", "digits", "small_digits", "fashion"],
) -> Splits[Examples]: ...
@overload
def load(name: Literal["words"]) -> Splits[Words]: ...
@overload
def load(name: Literal["shakespeare"]) -> Splits[Text]: ...
@overload
def load(name: Literal["stories"]) -> Splits[Stories]: ...
@overload
def load(name: Literal["es_en"]) -> Splits[SentencePairs]: ...
@overload
def load(name: str) -> Splits[Any]: ...
def load(name: str) -> Splits[Any]:
    """The best edition of a dataset that the cache holds; it is fetched if there is none.

    Args:
        name: "points", "sine", "digits", "small_digits", "words",
            "shakespeare", "fashion", "stories" or "es_en".

    Returns:
        Its parts and which edition they are.

    Raises:
        ValueError: if there is no dataset of that name.
        FetchError: if the cache lacks it and no source answers.
    """
    dataset = find(name)
    recipe, contents = present(dataset) or fetch(dataset)
    return dataset.read(recipe.edition, contents)


def find(name: str) -> Dataset:
    """The catalogue's entry of this name.

    Raises:
        ValueError: if there is none; the message lists the names.
    """
    for dataset in DATASETS:
        if dataset.name == name:
            return dataset
    known = ", ".join(dataset.name for dataset in DATASETS)
    raise ValueError(f"there is no dataset {name!r}; the datasets are {known}")
