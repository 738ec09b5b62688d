"""Editions that are made from several packages, or from members of a zip file."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from data.fetching import FetchError, fetch, present
from data.source import Contents, DebianPackage, File, Packages, Recipe, ZipDownload
from tests.data.test_fetching import dataset, edition, sum_of


def test_members_of_several_packages_are_converted_together(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [
        DebianPackage(name, "1.0", f"{name}_1.0_all.deb", 1, "", (name,)) for name in ("one", "two")
    ]
    source = Packages(tuple(parts))
    assert str(source) == "Debian packages one 1.0 and two 1.0"
    recipe = Recipe(
        edition("both", source),
        (File("toy/both", sum_of(b"onetwo")),),
        source,
        lambda members: (members["one"] + members["two"],),
    )
    monkeypatch.setattr(
        "data.fetching.members_of", lambda part: {part.package: part.package.encode()}
    )
    assert fetch(dataset(recipe))[1] == {"toy/both": b"onetwo"}


def out_of_a_zip(convert: Callable[[Contents], Sequence[bytes]]) -> Recipe:
    source = ZipDownload("https://127.0.0.1/toy.zip", 10, 10, ("member",))
    return Recipe(edition("zip", source), (File("toy/zipped.gz", None),), source, convert)


def test_files_out_of_a_zip_file_hold_to_the_sum_written_down_when_they_came(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = dataset(out_of_a_zip(lambda members: (members["member"].upper(),)))
    monkeypatch.setattr("data.fetching.members_of_zip", lambda _: {"member": b"zipped"})
    assert fetch(toy)[1] == {"toy/zipped.gz": b"ZIPPED"}
    beside = cache_folder / "toy/zipped.gz.sha256"
    assert beside.read_text() == sum_of(b"ZIPPED") + "\n"
    assert present(toy) is not None
    beside.write_text(sum_of(b"something else"))
    assert present(toy) is None
    assert "its content is not what was fetched" in capsys.readouterr().err


def test_what_cannot_be_converted_is_told_with_how_to_place_the_files_by_hand(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(members: Contents) -> Sequence[bytes]:
        raise ValueError("dev.es is empty")

    monkeypatch.setattr("data.fetching.members_of_zip", lambda _: {})
    with pytest.raises(FetchError) as caught:
        fetch(dataset(out_of_a_zip(wrong)))
    message = str(caught.value)
    assert "what came is not what was expected (dev.es is empty)" in message
    assert (
        f"  {cache_folder / 'toy/zipped.gz'}\n  {cache_folder / 'toy/zipped.gz.sha256'}" in message
    )
