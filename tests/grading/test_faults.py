"""Full disks and files that cannot be written: one clear sentence, and the marks all the same."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import autograder
from grading import examiner
from grading.audience import Audience
from grading.examiner import grade
from grading.launcher import Launcher
from grading.options import Options, UsageError
from grading.report.destination import obstacle
from grading.results import Report, write_atomically
from tests.mutants import copy_solution

ROOT = Path(autograder.__file__).parent
FULL = OSError(errno.ENOSPC, "No space left on device")
Run = Callable[..., int]


@pytest.fixture
def solution(tmp_path: Path) -> Path:
    return copy_solution(tmp_path / "s")


@pytest.fixture
def run(solution: Path, launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The autograder's command line in this process, with the session's workers."""
    monkeypatch.setattr(
        "grading.examiner.grade",
        lambda options, audience: grade(options, audience, launch=lambda *_: launcher),
    )
    monkeypatch.setattr(autograder.signal, "signal", lambda *_: None)
    return lambda *words: autograder.main(
        ["-q", "q6.values", "--submission", str(solution), *words]
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() or subprocess.run(mount, stderr=-3).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


def fill(disk: Path) -> None:
    with (disk / "fill").open("wb", 0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def no_traceback(said: str) -> bool:
    return "Traceback" not in said and "own fault" not in said


def test_results_on_a_full_disk_cost_no_mark_but_are_not_silent(
    run: Run, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(small_disk)
    assert run("--json", str(small_disk / "r.json")) == autograder.OWN_FAULT
    screen, complaint = capsys.readouterr()
    assert "Total: 1/1" in screen
    assert "r.json is not up to date, it cannot be written: No space left on device" in complaint
    assert no_traceback(complaint)
    assert os.listdir(small_disk) == ["fill"]


def test_a_disk_that_fills_up_amid_the_run_keeps_the_last_whole_results(
    solution: Path, small_disk: Path, launcher: Launcher
) -> None:
    class Filling(Audience):
        def opened(self, report: Report) -> None:
            fill(small_disk)

    results = small_disk / "r.json"
    options = Options(solution, ("q6.values",), results=results)
    report = grade(options, Filling(), launch=lambda *_: launcher)
    assert (report.earned, report.complete) == (1, True)
    assert "No space left" in report.unwritten
    assert json.loads(results.read_text())["complete"] is False


def test_a_disk_that_has_room_again_gets_the_whole_results(
    solution: Path, small_disk: Path, launcher: Launcher
) -> None:
    class Freeing(Audience):
        def opened(self, report: Report) -> None:
            assert report.warnings
            (small_disk / "fill").unlink()

    fill(small_disk)
    options = Options(solution, ("q6.values",), results=small_disk / "r.json")
    report = grade(options, Freeing(), launch=lambda *_: launcher)
    assert (report.unwritten, report.warnings) == ("", [])
    assert json.loads((small_disk / "r.json").read_text())["complete"] is True


def test_a_small_disk_for_temporary_files_is_named_and_no_submission_blamed(
    run: Run,
    launcher: Launcher,
    small_disk: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    monkeypatch.setattr(launcher, "scratch", small_disk)
    assert run() == autograder.USAGE
    complaint = capsys.readouterr().err
    assert f"autograder: {small_disk} has no room for the run's files: No space left" in complaint
    assert no_traceback(complaint)
    assert os.listdir(small_disk) == []


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_no_room_for_the_copy_is_no_refused_submission(
    form: str, solution: Path, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FULL

    if form == "zip":
        solution = Path(shutil.make_archive(str(solution), "zip", solution))
    monkeypatch.setattr(shutil, "copyfile", full)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match="no room for the run's files"):
        grade(Options(solution, ("q6.values",)), Audience(), launch=lambda *_: launcher)


def test_no_room_to_start_a_worker_is_said_so(solution: Path) -> None:
    def full(*_: object) -> Launcher:
        raise FULL

    with pytest.raises(UsageError, match="free some space, or set TMPDIR"):
        grade(Options(solution, ("q6.values",)), Audience(), launch=full)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        pytest.param("folder", "is a folder", id="a-folder"),
        pytest.param("file/r.json", "Not a directory|File exists", id="below-a-file"),
        pytest.param("/proc/r.json", "", id="a-folder-that-nobody-writes-to"),
        pytest.param("pipe", "is a device or a pipe", id="a-pipe"),
        pytest.param("/dev/full", "is a device or a pipe", id="a-full-device"),
    ],
)
def test_results_that_can_never_be_written_are_refused_before_the_run(
    place: str, said: str, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    assert run("--json", str(tmp_path / place)) == autograder.USAGE
    complaint = capsys.readouterr().err
    assert "autograder: --json cannot write" in complaint
    assert any(one in complaint for one in said.split("|"))
    assert no_traceback(complaint)


def test_folders_missing_above_the_results_are_made(run: Run, tmp_path: Path) -> None:
    assert run("--json", str(tmp_path / "a" / "b" / "r.json")) == autograder.PASSED
    assert json.loads((tmp_path / "a" / "b" / "r.json").read_text())["complete"] is True


def test_results_behind_a_link_go_where_the_link_points(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "r.json").symlink_to(tmp_path / "far" / "r.json")
    assert obstacle(tmp_path / "r.json") == ""
    write_atomically(tmp_path / "r.json", "new")
    assert (tmp_path / "r.json").is_symlink()
    assert (tmp_path / "far" / "r.json").read_text() == "new"


def test_a_temporary_folder_that_is_missing_is_made_up_for_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert run() == autograder.PASSED


def test_a_course_sites_file_that_cannot_be_written_in_the_end_is_named(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Filling(examiner.Run):
        def carry_out(self) -> Report:
            monkeypatch.setattr("grading.report.course_sites.write_atomically", full)
            return super().carry_out()

    def full(*_: object) -> None:
        raise FULL

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(examiner, "Run", Filling)
    assert run("--gradescope-output") == autograder.OWN_FAULT
    screen, complaint = capsys.readouterr()
    assert "Total: 1/1" in screen
    assert complaint == "autograder: --gradescope-output writes no file: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a full device")
def test_a_screen_that_takes_no_more_is_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "autograder.py", "--list"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert ended.returncode == autograder.OWN_FAULT
    said = "autograder: what it prints cannot be written: No space left on device\n"
    assert ended.stderr == said
