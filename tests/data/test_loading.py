import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import data
from data import catalogue
from data.catalogue import DATASETS
from data.source import Downloads, Packages, Streamed, ZipDownload


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'digit'; the datasets are points, sine, digits, words"):
        data.load("digit")


def test_words_are_derived_once_and_then_read_from_the_cache(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = data.load("words")
    assert (cache_folder / "words/words.json").is_file()
    monkeypatch.setitem(sys.modules, "wordfreq", None)  # importing it would fail now
    again = data.load("words")
    np.testing.assert_array_equal(first.train.x, again.train.x)
    assert again.edition == catalogue.WORDFREQ.edition


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'torch', 'numpy', 'wordfreq', 'tokenizers', 'transformers'}"
    code = f"import sys, data; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_names_and_editions_are_told_apart() -> None:
    assert [dataset.name for dataset in DATASETS] == [
        "points",
        "sine",
        "digits",
        "words",
        "small_digits",
        "shakespeare",
        "fashion",
        "stories",
        "es_en",
    ]
    recipes = {recipe.edition.name: recipe for dataset in DATASETS for recipe in dataset.recipes}
    paths = [file.path for recipe in recipes.values() for file in recipe.files]
    assert len(paths) == len(set(paths))


def test_every_source_is_pinned() -> None:
    sum_ = re.compile("[0-9a-f]{64}")
    for recipe in (recipe for dataset in DATASETS for recipe in dataset.recipes):
        if isinstance(recipe.source, Streamed):  # nobody published the sum of a file's beginning
            assert [part.path for part in recipe.source.parts] == [f.path for f in recipe.files]
            revision = re.compile("https://.*/[0-9a-f]{40}/.*")
            assert all(revision.fullmatch(part.url) for part in recipe.source.parts)
            continue
        if isinstance(recipe.source, ZipDownload):  # nor that of the homework's zip file
            assert recipe.source.url.startswith("https://")
            continue
        assert all(sum_.fullmatch(file.sha256 or "") for file in recipe.files)
        if isinstance(recipe.source, Downloads):
            assert [part.path for part in recipe.source.parts] == [f.path for f in recipe.files]
            assert all(part.url.startswith("https://") for part in recipe.source.parts)
            assert all(sum_.fullmatch(part.sha256) for part in recipe.source.parts)
        elif isinstance(recipe.source, Packages):
            assert all(sum_.fullmatch(part.sha256) for part in recipe.source.parts)
        elif hasattr(recipe.source, "sha256"):
            assert sum_.fullmatch(recipe.source.sha256)


@pytest.mark.slow
def test_real_digits_are_balanced_between_disjoint_splits() -> None:
    for name in ("digits", "small_digits"):
        splits = data.load(name)
        rows = {part: {row.tobytes() for row in kept.x} for part, kept in splits.parts().items()}
        assert not rows["train"] & (rows["validation"] | rows["test"])
        assert not rows["validation"] & rows["test"]
        assert all(kept.y.sum(axis=1).min() == 1 for kept in splits.parts().values())
    assert splits.train.y.sum(axis=0).tolist() == [50] * 10
