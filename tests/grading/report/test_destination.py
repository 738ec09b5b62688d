from pathlib import Path

from grading.report.destination import obstacle


def test_a_file_in_a_new_folder_can_be_written_and_is_not_made_yet(tmp_path: Path) -> None:
    assert obstacle(tmp_path / "runs" / "results.json") == ""
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")
    assert obstacle(path) == ""
    assert path.read_text() == "old"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert obstacle(tmp_path) == f"{tmp_path} is a folder"


def test_a_file_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "results.json"
    assert obstacle(path).startswith(f"{path}: ")
