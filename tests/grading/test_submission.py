from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grading.archive import MOST_FILES, RefusedSubmission, unpack_zip
from grading.options import UsageError
from grading.submission import MOST_LINES, MOST_TEXT, open_submission, warnings_about


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def scratch(folder: Path) -> Path:
    made = folder / "scratch"
    made.mkdir()
    return made


def names(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_a_flat_folder_is_copied_without_what_is_not_homework(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in (
        "models.py",
        "losses.py",
        "helpers/a.py",
        "grading/x.py",
        "data/y.py",
        ".venv/z.py",
        "venv/lib/site-packages/q.py",
        "notes.txt",
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("")
    copy = open_submission(home, scratch(tmp_path))
    assert names(copy) == {"models.py", "losses.py", "helpers/a.py"}


def test_a_virtual_environment_of_any_name_is_left_out(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "torch-env" / "lib").mkdir(parents=True)
    (home / "torch-env" / "pyvenv.cfg").write_text("")
    (home / "torch-env" / "lib" / "a.py").write_text("")
    (home / "models" / "data").mkdir(parents=True)
    (home / "models" / "__init__.py").write_text("")
    (home / "models" / "data" / "own.py").write_text("")
    copy = open_submission(home, scratch(tmp_path))
    assert names(copy) == {"models/__init__.py", "models/data/own.py"}


def test_a_corrupt_member_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "hw.zip", {"models.py": "x = 1\n" * 1000})
    content = bytearray(archive.read_bytes())
    content[45:60] = b"\xff" * 15  # inside the compressed stream, after the entry's header
    archive.write_bytes(bytes(content))
    with pytest.raises(RefusedSubmission, match="cannot be unpacked"):
        open_submission(archive, scratch(tmp_path))


def test_links_are_not_followed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "secret.py").write_text("SECRET = 1")
    (home / "models.py").write_text("")
    os.symlink(tmp_path / "secret.py", home / "losses.py")
    assert names(open_submission(home, scratch(tmp_path))) == {"models.py"}


@pytest.mark.parametrize(
    "prefix", [pytest.param("", id="flat"), pytest.param("hw5/", id="in-one-folder")]
)
def test_a_zip_is_opened_whether_flat_or_in_one_folder(prefix: str, tmp_path: Path) -> None:
    files = {f"{prefix}models/__init__.py": "", f"{prefix}train.py": "", "__MACOSX/._train.py": ""}
    copy = open_submission(zipped(tmp_path / "hw.zip", files), scratch(tmp_path))
    assert names(copy) == {"models/__init__.py", "train.py"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../evil.py", id="parent"),
        pytest.param("a/../../evil.py", id="parent-inside"),
        pytest.param("/evil.py", id="absolute"),
        pytest.param("C:/evil.py", id="drive"),
        pytest.param("..\\evil.py", id="backslash"),
    ],
)
def test_a_path_that_points_outside_is_refused(name: str, tmp_path: Path) -> None:
    archive = zipped(tmp_path / "hw.zip", {"models.py": "", name: "print('evil')"})
    with pytest.raises(RefusedSubmission, match="outside"):
        open_submission(archive, scratch(tmp_path))
    assert not list(tmp_path.rglob("evil.py"))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("models.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(RefusedSubmission, match="a link"):
        open_submission(tmp_path / "hw.zip", scratch(tmp_path))


def test_a_thousand_files_are_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "hw.zip", {f"m{n}.py": "" for n in range(MOST_FILES + 1)})
    with pytest.raises(RefusedSubmission, match="at most"):
        open_submission(archive, scratch(tmp_path))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "hw.zip", {"models.py": "0" * 40_000_000})
    out = scratch(tmp_path)
    with pytest.raises(RefusedSubmission, match="suspiciously"):
        unpack_zip(archive, out)
    assert not names(out)


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hw.zip").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(RefusedSubmission, match="the zip cannot be unpacked"):
        open_submission(tmp_path / "hw.zip", scratch(tmp_path))


def bad_name(path: Path) -> Path:
    """A zip that says that its names are UTF-8, of which one is not."""
    zipped(path, {"models.py": "", "\u00e9.py": ""})
    path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xff\xff"))
    return path


def unusual(path: Path) -> Path:
    """A zip whose LZMA data announce a dictionary of 4 GiB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("models.py", "x = 1\n" * 100)
    path.write_bytes(path.read_bytes().replace(b"\x5d\x00\x00", b"\x5d\xff\xff", 1))
    return path


def deep(path: Path) -> Path:
    return zipped(path, {"models.py": "", "a/" * 1100 + "b.py": ""})


@pytest.mark.parametrize("make", [bad_name, unusual, deep])
def test_whatever_is_wrong_with_a_zip_it_is_refused(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    with pytest.raises(RefusedSubmission) as refused:
        open_submission(make(tmp_path / "ada.zip"), scratch(tmp_path))
    assert "ada" not in str(refused.value), "who hands in the same bytes is told the same"


def test_a_folder_that_is_too_deep_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / Path(*["a"] * 60)).mkdir(parents=True)
    (home / "models.py").write_text("")
    with pytest.raises(RefusedSubmission, match="50 deep"):
        open_submission(home, scratch(tmp_path))


def test_a_folder_without_homework_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "essay.docx").write_text("")
    with pytest.raises(RefusedSubmission, match=r"none of models\.py.*essay\.docx"):
        open_submission(tmp_path / "home", scratch(tmp_path))


def test_no_such_path_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no submission at"):
        open_submission(tmp_path / "nowhere", scratch(tmp_path))


def test_both_layouts_at_once_earn_a_warning(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("")
    (tmp_path / "models.py").write_text("")
    assert warnings_about(tmp_path) == [
        "both models.py and models/ are submitted; Python reads models/"
    ]


OUTPUTS = "outputs/test_outputs.txt"


def translator(folder: Path, text: str) -> Path:
    (folder / "outputs").mkdir(parents=True)
    (folder / "nmt_model.py").write_text("")
    (folder / OUTPUTS).write_text(text)
    return folder


def test_the_translations_are_copied_and_no_text_beside_them(tmp_path: Path) -> None:
    home = translator(tmp_path / "home", "one line\n")
    (home / "outputs" / "notes.txt").write_text("")
    (home / "run.py").write_text("")
    copy = open_submission(home, scratch(tmp_path))
    assert names(copy) == {"nmt_model.py", OUTPUTS}
    assert (copy / OUTPUTS).read_text() == "one line\n"


def test_a_zip_may_hold_translations(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "hw.zip", {"hw/nmt_model.py": "", f"hw/{OUTPUTS}": "one line\n"})
    assert names(open_submission(archive, scratch(tmp_path))) == {"nmt_model.py", OUTPUTS}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("word " * (MOST_TEXT // 5 + 1), id="bytes"),
        pytest.param("\n" * (MOST_LINES + 1), id="lines"),
    ],
)
def test_translations_beyond_the_caps_are_refused(text: str, tmp_path: Path) -> None:
    home = translator(tmp_path / "home", text)
    with pytest.raises(RefusedSubmission, match="one translation a line"):
        open_submission(home, scratch(tmp_path))


@pytest.mark.parametrize(
    "linked", [pytest.param(OUTPUTS, id="file"), pytest.param("outputs", id="folder")]
)
def test_translations_behind_a_link_are_left_out(linked: str, tmp_path: Path) -> None:
    home = translator(tmp_path / "home", "one line\n")
    (home / linked).rename(tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", home / linked)
    assert names(open_submission(home, scratch(tmp_path))) == {"nmt_model.py"}


def test_a_file_that_anybody_may_have_makes_no_homework(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "hw").mkdir(parents=True)
    for name in ("utils.py", "hw/nmt_model.py", "hw/utils.py"):
        (home / name).write_text("")
    assert names(open_submission(home, scratch(tmp_path))) == {"nmt_model.py", "utils.py"}
