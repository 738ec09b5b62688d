from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from grading.options import UsageError
from grading.temporary import MARK, TemporaryFolder, sweep

ROOT = Path(__file__).resolve().parents[2]
DIES_WITH_A_FOLDER = """
import os, signal, subprocess, sys
from grading.temporary import TemporaryFolder
folder = TemporaryFolder()
(folder.path / "deep" / "down").mkdir(parents=True)
environment = {**os.environ, "TMPDIR": str(folder.path)}
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
stray = subprocess.Popen(sleep, env=environment, stdout=subprocess.DEVNULL)
print(folder.path, stray.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files, in this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def killed_run(here: Path) -> tuple[Path, int]:
    """The folder that a killed run has left, and a process that it has left."""
    ended = subprocess.run(
        [sys.executable, "-c", DIES_WITH_A_FOLDER],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(here)},
        stdout=subprocess.PIPE,
        text=True,
    )
    path, stray = ended.stdout.split()
    return Path(path), int(stray)


def test_a_folder_is_gone_after_its_run() -> None:
    with TemporaryFolder() as path:
        (path / "submission").mkdir()
        (path / "submission" / "models.py").touch()
        (path / "link").symlink_to(path / "submission")
    assert not path.exists()


def test_a_killed_runs_folder_and_processes_are_gone_after_the_next_start(here: Path) -> None:
    left, stray = killed_run(here)
    assert (left / "deep" / "down").is_dir()
    with TemporaryFolder() as path:
        assert os.listdir(here) == [path.name]
    deadline = time.monotonic() + 20.0
    while psutil.pid_exists(stray) and psutil.Process(stray).status() != "zombie":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_running_runs_folder_is_left_alone() -> None:
    with TemporaryFolder() as one, TemporaryFolder() as two:
        sweep()
        assert (one / MARK).exists()
        assert (two / MARK).exists()


def test_what_is_not_a_runs_folder_is_left_alone(here: Path) -> None:
    (here / "grading-notes").mkdir()
    (here / "grading-notes" / "thesis.txt").touch()
    (here / "elsewhere").mkdir()
    (here / "elsewhere" / MARK).touch()
    (here / "grading-link").symlink_to(here / "elsewhere")
    (here / "grading-file").touch()
    sweep()
    assert len(os.listdir(here)) == 4
    assert (here / "elsewhere" / MARK).exists()
    assert (here / "grading-notes" / "thesis.txt").exists()


def test_another_users_folder_is_left_alone(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left, stray = killed_run(here)
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        sweep()
    assert psutil.pid_exists(stray)
    assert left.exists()
    sweep()
    assert not left.exists()


def test_a_folder_that_is_swept_before_it_is_locked_is_made_again(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, made = tempfile.mkdtemp, []

    def swept(**words: str) -> str:
        made.append(make(**words))
        if len(made) == 1:
            sweep()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", swept)
    with TemporaryFolder() as path:
        assert [str(path)] == made[1:]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), id="full"),
        pytest.param(FileNotFoundError(errno.ENOENT, "No usable temporary directory"), id="none"),
    ],
)
def test_where_no_folder_can_be_made_the_user_is_told_what_to_do(
    error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: str) -> str:
        raise error

    monkeypatch.setattr(tempfile, "mkdtemp", fail)
    with pytest.raises(UsageError, match=f"{error.strerror}; free some space, or set TMPDIR"):
        TemporaryFolder()
