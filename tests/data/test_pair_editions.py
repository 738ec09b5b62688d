import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from data import fetching, sentence_pairs
from data.pair_editions import HELP, HELP_BEFORE, RECIPES, VERSES
from data.sentence_pairs import SentencePairs
from data.sentences import NAMES, essence
from data.source import Dataset, Recipe


def test_editions_come_best_first_and_keep_six_files_each() -> None:
    assert [recipe.edition.name for recipe in RECIPES] == [
        "cs224n-a4",
        "libreoffice-help-7.4.7",
        "libreoffice-help-7.4.7",
        "verses-1909",
    ]
    for recipe in RECIPES:
        names = [file.path.removesuffix(".gz").rsplit("-", 1)[1] for file in recipe.files]
        assert tuple(names) == NAMES
    assert HELP.files == HELP_BEFORE.files


def sides(part: SentencePairs) -> list[set[str]]:
    """What a part's Spanish and English sentences are at heart."""
    return [{essence(" ".join(words)) for words in side} for side in (part.source, part.target)]


def nothing_stands_in_two_parts(parts: Mapping[str, SentencePairs]) -> bool:
    train, validation, test = map(sides, parts.values())
    return all(
        one.isdisjoint(other)
        for first, second in ((train, validation), (train, test), (validation, test))
        for one, other in zip(first, second, strict=True)
    )


@pytest.mark.network
@pytest.mark.skipif(shutil.which("apt-get") is None, reason="Debian packages need a Debian")
@pytest.mark.parametrize(
    ("recipe", "sizes"),
    [
        pytest.param(HELP, [28_337, 1_613, 1_611], id="help"),
        pytest.param(HELP_BEFORE, [28_337, 1_613, 1_611], id="help-before"),
        pytest.param(VERSES, [25_785, 1_387, 1_471], id="verses"),
    ],
)
def test_an_edition_comes_from_its_packages_as_described(
    recipe: Recipe, sizes: list[int], cache_folder: Path
) -> None:
    dataset = Dataset("es_en", "q11", (recipe,), sentence_pairs.read)
    _, contents = fetching.fetch(dataset)
    parts = dataset.read(recipe.edition, contents).parts()
    assert [len(part) for part in parts.values()] == sizes
    assert nothing_stands_in_two_parts(parts)
    for part in parts.values():
        lengths = [len(side) for pair in part for side in pair]
        assert min(lengths) >= 2
        assert max(lengths) <= 50
