"""Files are there whole or not at all, also after a kill."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from data import files
from models.nmt import files as files_of_models

WAYS = [
    pytest.param(files.write_atomically, id="data"),
    pytest.param(files_of_models.write_atomically, id="models"),
]


def whole(partial: Path) -> None:
    partial.write_text("whole", encoding="utf-8")


@pytest.mark.parametrize("write_atomically", WAYS)
@pytest.mark.parametrize(
    "interruption",
    [pytest.param(KeyboardInterrupt, id="ctrl-c"), pytest.param(OSError, id="full-disk")],
)
def test_an_interrupted_write_leaves_the_old_file(
    write_atomically: Callable[..., None], interruption: type[BaseException], tmp_path: Path
) -> None:
    def half(partial: Path) -> None:
        partial.write_text("ha", encoding="utf-8")
        raise interruption

    path = tmp_path / "file.txt"
    write_atomically(path, whole)
    with pytest.raises(interruption):
        write_atomically(path, half)
    assert path.read_text(encoding="utf-8") == "whole"
    assert [found.name for found in tmp_path.iterdir()] == ["file.txt"]


@pytest.mark.parametrize("write_atomically", WAYS)
def test_what_a_kill_leaves_is_gone_after_the_next_write(
    write_atomically: Callable[..., None], tmp_path: Path
) -> None:
    path, partials = tmp_path / "file.txt", []

    def noted(partial: Path) -> None:
        partials.append(partial)
        whole(partial)

    write_atomically(path, noted)
    partials[0].write_text("ha", encoding="utf-8")
    write_atomically(path, noted)
    assert [found.name for found in tmp_path.iterdir()] == ["file.txt"]


@pytest.mark.parametrize("write_atomically", WAYS)
def test_the_content_reaches_the_disk_before_the_name(
    write_atomically: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "file.txt", []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append(path.exists()))
    write_atomically(path, whole)
    assert seen == [False]


def test_the_folder_is_made(tmp_path: Path) -> None:
    files.write_whole(tmp_path / "there" / "file", b"content")
    assert (tmp_path / "there" / "file").read_bytes() == b"content"
