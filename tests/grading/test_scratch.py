from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from grading.scratch import remove


def test_a_folder_goes_whatever_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").touch()
    (folder / "a" / "b" / "file").chmod(0)
    (folder / "a").chmod(0)
    remove(folder)
    assert os.listdir(tmp_path) == []


def test_no_link_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    remove(folder)
    (tmp_path / "link").symlink_to(outside)
    remove(tmp_path / "link")
    assert os.listdir(tmp_path) == ["outside"]
    assert os.listdir(outside) == ["kept"]


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove(tmp_path / "nowhere")


@pytest.mark.parametrize("call", ["chmod", "open", "rename", "scandir", "listdir", "rmdir"])
@pytest.mark.parametrize("place", ["folder/inner", "folder.0"])
def test_no_link_is_followed_that_takes_a_folders_place_meanwhile(
    place: str, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder" / "inner" / "deep").mkdir(parents=True)
    outside = tmp_path / "outside"
    (outside / "empty").mkdir(parents=True)
    (outside / "kept").touch()
    outside.chmod(0o755)
    real, path, away = getattr(os, call), tmp_path / place, tmp_path / "away"

    def swapping(*given: Any, **named: Any) -> Any:
        if path.exists() and not away.exists():
            os.replace(path, away)
            path.symlink_to(outside)
        return real(*given, **named)

    monkeypatch.setattr(os, call, swapping)
    remove(tmp_path / "folder")
    monkeypatch.undo()
    assert sorted(os.listdir(outside)) == ["empty", "kept"]
    assert outside.stat().st_mode & 0o777 == 0o755
    assert sorted(set(os.listdir(tmp_path)) - {"away"}) == ["outside"]
