"""An address changes with everything that a mark depends on, and with nothing else."""

from __future__ import annotations

import io
import os
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from classroom.packing import pack
from classroom.units import Task, address, content_of, grader_version
from grading.archive import RefusedSubmission, unpack_zip

Q1 = Task("q1", ("q1",), 20.0, ("points drawn",))


def make(folder: Path) -> Path:
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "__init__.py").write_text("from models.one import x\n")
    (folder / "models" / "one.py").write_text("x = 1\n")
    (folder / "losses.py").write_text("")
    (folder / "notes.txt").write_text("mine")
    (folder / "outputs").mkdir()
    (folder / "outputs" / "test_outputs.txt").write_text("hello\n")
    return folder


CHANGES = [
    pytest.param(lambda f: (f / "models" / "one.py").write_text("x = 2\n"), id="code"),
    pytest.param(lambda f: (f / "models" / "two.py").write_text(""), id="empty-file"),
    pytest.param(lambda f: (f / "losses.py").rename(f / "loss.py"), id="renamed"),
    pytest.param(lambda f: (f / "losses.py").unlink(), id="removed"),
    pytest.param(lambda f: (f / "outputs" / "test_outputs.txt").write_text("x\n"), id="text"),
]
NO_CHANGES = [
    pytest.param(lambda f: (f / "more.txt").write_text(""), id="name-of-notes"),
    pytest.param(lambda f: (f / "data").mkdir(), id="the-grader's-own"),
    pytest.param(lambda f: (f / "notes.txt").write_text("others"), id="content-of-notes"),
    pytest.param(lambda f: os.utime(f / "losses.py", (1, 1)), id="time"),
    pytest.param(lambda f: (f / "__pycache__").mkdir(), id="cache"),
    pytest.param(lambda f: (f / "losses.py").chmod(0o600), id="mode"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_other_bytes_have_another_content(tmp_path: Path, change: Callable[[Path], object]) -> None:
    folder = make(tmp_path / "s")
    before = content_of(folder)
    change(folder)
    assert content_of(folder) != before


@pytest.mark.parametrize("change", NO_CHANGES)
def test_what_no_examiner_looks_at_does_not_count(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    folder = make(tmp_path / "s")
    before = content_of(folder)
    change(folder)
    assert content_of(folder) == before


def test_code_counts_beside_any_number_of_other_files(tmp_path: Path) -> None:
    folder = make(tmp_path / "s")
    (folder / "a").mkdir()
    for number in range(20_001):
        (folder / "a" / f"{number}.png").touch()
    before = content_of(folder)
    (folder / "models" / "one.py").write_text("x = 2\n")
    assert content_of(folder) != before


def test_what_is_refused_for_another_reason_has_another_content(tmp_path: Path) -> None:
    for name in ("essay", "poem"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text("")
    assert content_of(tmp_path / "essay") != content_of(tmp_path / "poem")


def test_a_copy_has_the_same_content(tmp_path: Path) -> None:
    shutil.copytree(make(tmp_path / "s"), tmp_path / "t")
    assert content_of(tmp_path / "s") == content_of(tmp_path / "t")


def test_a_zip_counts_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"12")
    (tmp_path / "b.zip").write_bytes(b"12")
    before = content_of(tmp_path / "a.zip")
    assert before == content_of(tmp_path / "b.zip")
    (tmp_path / "b.zip").write_bytes(b"13")
    assert before != content_of(tmp_path / "b.zip")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(address("d", Q1, 7), id="content"),
        pytest.param(address("c", Q1, 8), id="seed"),
        pytest.param(address("c", Task("q1", ("q1.weights",), 20.0, Q1.editions), 7), id="checks"),
        pytest.param(address("c", Task("q2", ("q1",), 20.0, Q1.editions), 7), id="question"),
        pytest.param(address("c", Task("q1", ("q1",), 20.0, ("points full",)), 7), id="edition"),
    ],
)
def test_an_address_depends_on_all_that_is_asked(other: str) -> None:
    assert address("c", Q1, 7) != other


def test_an_address_depends_on_the_grader_and_not_on_time_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    same = Task("q1", ("q1",), 99.0, Q1.editions)
    assert address("c", Q1, 7) == address("c", same, 7)
    before = address("c", Q1, 7)
    monkeypatch.setattr("classroom.units.grader_version", lambda: "other")
    assert address("c", Q1, 7) != before


@pytest.mark.parametrize(
    "name",
    [
        *("grading/checks/q1.py", "grading/rules.ini", "grading/pass_marks.json"),
        *("data/words.py", "data/recipes/digits.py"),
    ],
)
def test_every_source_of_the_grader_counts(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("a")
    before = grader_version.__wrapped__(tmp_path)
    path.write_text("b")
    assert grader_version.__wrapped__(tmp_path) != before


def test_many_are_hashed_in_little_time(tmp_path: Path) -> None:
    """A thousand must take seconds when a finished class is resumed."""
    folder = make(tmp_path / "s")
    for number in range(40):
        (folder / "models" / f"m{number}.py").write_text("x = 1\n" * 200)
    begun = time.process_time()
    for _ in range(50):
        content_of(folder)
    assert (time.process_time() - begun) / 50 < 0.02


def names_in(packed: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return archive.namelist()


def test_what_travels_is_what_an_examiner_takes(tmp_path: Path) -> None:
    folder = make(tmp_path / "s" / "inner")
    expected = ["losses.py", "models/__init__.py", "models/one.py", "outputs/test_outputs.txt"]
    assert sorted(names_in(pack(folder))) == expected
    assert sorted(names_in(pack(tmp_path / "s"))) == expected, "also from one folder above"
    assert pack(folder) == pack(folder)


def test_a_file_that_packs_well_is_not_refused_on_the_way(tmp_path: Path) -> None:
    folder = make(tmp_path / "s")
    (folder / "models" / "table.py").write_text("x = 1\n" * 300_000)
    (tmp_path / "packed.zip").write_bytes(pack(folder))
    (tmp_path / "out").mkdir()
    unpack_zip(tmp_path / "packed.zip", tmp_path / "out")
    assert (tmp_path / "out" / "models" / "table.py").stat().st_size == 1_800_000


def test_a_file_whose_name_is_no_text_stays_behind(tmp_path: Path) -> None:
    folder = make(tmp_path / "s")
    Path(os.fsdecode(bytes(folder) + b"/\xff.py")).write_text("")
    assert len(names_in(pack(folder))) == 4
    assert content_of(folder)


@pytest.mark.parametrize(
    "content", [pytest.param(b"", id="empty"), pytest.param(b"PK\x03\x04 and so on", id="cut")]
)
def test_a_corrupt_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(RefusedSubmission, match="cannot be unpacked"):
        pack(tmp_path / "a.zip")
