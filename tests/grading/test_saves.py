"""Notices of saved files, from the real file system."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grading.saves import FileSaves, watched_folders

PATIENCE = 20.0  # seconds; a notice takes about a tenth of one
NOTHING = 0.3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "losses.py").touch()
    return tmp_path


@pytest.fixture
def saves(folder: Path) -> Iterator[FileSaves]:
    """A watch that is known to have begun."""
    found = FileSaves(folder)
    (folder / "first.py").touch()
    while not found.wait(0.2):
        (folder / "first.py").write_text("x = 1\n")
    while found.wait(NOTHING):
        pass
    yield found
    found.close()


def test_a_plain_write_is_noticed(folder: Path, saves: FileSaves) -> None:
    (folder / "models" / "attention.py").write_text("x = 1\n")
    assert saves.wait(PATIENCE)


def test_two_writes_in_a_row_are_one_notice(folder: Path, saves: FileSaves) -> None:
    for text in ("", "x = 1\n"):
        (folder / "losses.py").write_text(text)
    assert saves.wait(PATIENCE)
    assert not saves.wait(NOTHING)


def test_a_file_that_is_renamed_into_place_is_noticed(folder: Path, saves: FileSaves) -> None:
    (folder / "losses.py~").write_text("x = 1\n")
    saves.wait(NOTHING)
    os.replace(folder / "losses.py~", folder / "losses.py")
    assert saves.wait(PATIENCE)


def test_a_folder_that_is_replaced_is_watched_on(folder: Path, saves: FileSaves) -> None:
    shutil.rmtree(folder / "models")
    (folder / "models").mkdir()
    (folder / "models" / "attention.py").touch()
    assert saves.wait(PATIENCE)
    while saves.wait(2 * NOTHING):
        pass
    (folder / "models" / "attention.py").write_text("x = 1\n")
    assert saves.wait(PATIENCE)


def test_what_is_no_python_file_is_not_noticed(folder: Path, saves: FileSaves) -> None:
    (folder / "notes.txt").write_text("x")
    (folder / "losses.pyc").write_text("x")
    assert not saves.wait(NOTHING)


def test_only_folders_that_may_hold_homework_are_watched(tmp_path: Path) -> None:
    for name in (
        "models/blocks",
        "data/cache",
        ".git",
        "__pycache__",
        "runs",
        "models/runs",
        "own",
    ):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "own" / "pyvenv.cfg").touch()
    watched = [folder.relative_to(tmp_path).as_posix() for folder in watched_folders(tmp_path)]
    assert watched == [".", "models", "models/blocks", "models/runs"]


def test_a_folder_that_is_gone_has_nothing_to_watch(tmp_path: Path) -> None:
    assert watched_folders(tmp_path / "gone") == []


def test_watchfiles_is_missed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(ModuleNotFoundError, match="watchfiles"):
        FileSaves(tmp_path)
