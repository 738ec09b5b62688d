import json
import os
import re
from pathlib import Path

import pytest

from data import loading
from data.pair_folder import ABOUT, TINY, TINY_LONGEST, build, read_folder, summary
from data.sentence_pairs import SentencePairs
from data.sentences import NAMES
from data.splits import Edition, Splits

EDITION = Edition("toy-pairs", "pairs for a test", "nowhere", "none")
EVERYTHING = {*NAMES, ABOUT}


def drawn(many: int, start: int = 0) -> SentencePairs:
    """Pairs of growing length, up to twice what a short one may have."""
    lengths = [1 + number % (2 * TINY_LONGEST) for number in range(start, start + many)]
    return SentencePairs(
        [["frase", *["ñ"] * (length - 1)] for length in lengths],
        [["sentence"] * length for length in lengths],
    )


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> Splits[SentencePairs]:
    """What the cache holds in these tests."""
    splits = Splits(drawn(1000), drawn(200, 1), drawn(100, 2), EDITION)
    monkeypatch.setattr(loading, "load", lambda name: splits)
    return splits


def test_what_is_written_is_read_again(tmp_path: Path, toy: Splits[SentencePairs]) -> None:
    written = build(tmp_path / "a" / "pairs")
    assert {path.name for path in written.folder.iterdir()} == EVERYTHING
    assert (written.folder / "dev.es").read_text(encoding="utf-8").startswith("frase ñ\nfrase ñ ñ")
    assert read_folder(str(written.folder)) == toy
    about = json.loads((written.folder / ABOUT).read_text(encoding="utf-8"))
    assert about == written.about
    assert about["pairs"] == {"train": 1000, "dev": 200, "test": 100}
    assert about["edition"]["licence"] == "none"
    assert set(about["sha256"]) == set(NAMES)


def test_writing_twice_gives_the_same_bytes_and_leaves_other_files(tmp_path: Path) -> None:
    build(tmp_path)
    first = {name: (tmp_path / name).read_bytes() for name in EVERYTHING}
    (tmp_path / "vocab.json").write_text("{}")
    (tmp_path / "dev.es").write_text("of an earlier build\n")
    build(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in EVERYTHING} == first
    assert {path.name for path in tmp_path.iterdir()} == EVERYTHING | {"vocab.json"}


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_bytes = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "test.en":
            raise OSError(28, "No space left on device")
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match=r"cannot be written \(No space left on device\); make room"):
        build(tmp_path, tiny=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in ("file", "file/below"):
        with pytest.raises(OSError, match=r"cannot be written \(it is not a folder\)"):
            build(tmp_path / place)


def test_the_tiny_folder_has_a_few_short_pairs_and_says_so(tmp_path: Path) -> None:
    splits = read_folder(build(tmp_path, tiny=True).folder)
    assert splits.validation is not None
    assert len(splits.train) == TINY["train"]
    assert len(splits.validation) == TINY["dev"]
    assert max(len(side) for pair in splits.train for side in pair) == TINY_LONGEST
    assert splits.edition.name == "toy-pairs-tiny"


def test_a_folder_of_one_s_own_needs_the_six_files_only(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / ABOUT).unlink()
    splits = read_folder(tmp_path)
    assert (len(splits.train), splits.edition.name) == (1000, "own-pairs")
    assert splits.edition.source == str(tmp_path)


@pytest.mark.parametrize(
    "about",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"sha256": {}}', id="no edition"),
        pytest.param(b"\xff", id="no text"),
    ],
)
def test_an_about_file_that_says_nothing_is_passed_over(about: bytes, tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / ABOUT).write_bytes(about)
    assert read_folder(tmp_path).edition.name == "own-pairs"


def test_a_folder_that_was_changed_is_no_edition_any_more(tmp_path: Path) -> None:
    build(tmp_path)
    with (tmp_path / "train.es").open("a") as stream:
        stream.write("frase\n")
    with (tmp_path / "train.en").open("a") as stream:
        stream.write("sentence\n")
    splits = read_folder(tmp_path)
    assert (len(splits.train), splits.edition.name) == (1001, "own-pairs")


def test_missing_files_are_named(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "dev.en").unlink()
    (tmp_path / "test.es").unlink()
    wanted = f"{tmp_path} lacks dev.en, test.es; expected the six files train.es,"
    with pytest.raises(FileNotFoundError, match=re.escape(wanted)):
        read_folder(tmp_path)
    with pytest.raises(FileNotFoundError, match="python -m data pairs"):
        read_folder(tmp_path / "nowhere")


def test_a_wrong_file_is_named_with_its_folder(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "train.es").write_bytes(b"uno\n" * 999 + b"a\xf1o\n")
    with pytest.raises(
        ValueError, match=re.escape(f"{tmp_path}: train.es is no UTF-8 in line 1,0")
    ):
        read_folder(tmp_path)


def test_the_summary_shows_pairs_and_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = summary(build(tmp_path / "my pairs")).splitlines()
    assert "toy-pairs, pairs for a test" in lines[0]
    assert "train.es and train.en  1,000 pairs of 12.4 and 12.4 words" in lines[2]
    assert sum(line.startswith("    sentence") for line in lines) == 3
    assert lines[-1].count("my pairs'/train.e") == 2
    monkeypatch.chdir(tmp_path)
    assert summary(build(Path("en_es_data"))).endswith("sh run.sh vocab, then sh run.sh train")
    assert sorted(os.listdir("en_es_data")) == sorted(EVERYTHING)
