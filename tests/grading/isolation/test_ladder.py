"""Which level a run gets, and in which words it is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grading.audience import Audience
from grading.examiner import grade
from grading.isolation import bubblewrap, ladder, paths, seccomp
from grading.isolation.ladder import Level
from grading.options import Options, UsageError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def only_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that offers nothing."""

    def missing(level: Level, device: str = "cpu") -> str:
        return "no such thing here" if level else ""

    monkeypatch.setattr(ladder, "missing", missing)


def forget() -> None:
    ladder.missing.cache_clear()


@pytest.fixture
def afresh() -> Iterator[None]:
    forget()
    yield
    forget()


def test_a_process_of_its_own_is_always_there() -> None:
    assert ladder.missing(Level.PROCESS) == ""
    assert ladder.available()[0] is Level.PROCESS


def test_the_best_level_is_the_last_one_available() -> None:
    assert ladder.best() is ladder.available()[-1]


@pytest.mark.usefixtures("only_processes")
def test_a_level_that_is_missing_is_refused_with_its_reason() -> None:
    with pytest.raises(UsageError, match="--isolation kernel does not work here: no such thing"):
        ladder.choose("kernel", None)


@pytest.mark.usefixtures("only_processes")
def test_a_run_below_the_required_level_is_refused_with_the_reason() -> None:
    said = "--require-isolation namespace: this run would have process only; no such thing here"
    with pytest.raises(UsageError, match=said):
        ladder.choose(None, "namespace")


def test_asking_for_less_than_is_required_is_refused() -> None:
    with pytest.raises(UsageError, match="would have process only"):
        ladder.choose("process", "kernel")


@pytest.mark.usefixtures("only_processes")
def test_nothing_is_graded_below_the_required_level(tmp_path: Path) -> None:
    (tmp_path / "models.py").touch()
    with pytest.raises(UsageError, match="--require-isolation"):
        grade(Options(tmp_path, ("q6",), required="kernel"), Audience())


def test_requiring_a_level_selects_none() -> None:
    assert ladder.choose(None, "process") is ladder.best()


@pytest.mark.usefixtures("afresh")
def test_without_bubblewrap_the_level_is_absent_and_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bubblewrap, "program", lambda: None)
    assert "apt-get install bubblewrap" in ladder.missing(Level.NAMESPACE)


@pytest.mark.usefixtures("afresh")
def test_another_system_has_no_upper_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert ladder.available() == [Level.PROCESS]


@pytest.mark.usefixtures("afresh")
def test_a_level_that_leaves_something_open_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks' folder is among what may be read: every upper level has to notice."""
    checks = str(ROOT / "grading" / "checks")
    monkeypatch.setattr(paths, "own", lambda: [*map(str, (ROOT / n for n in paths.OWN)), checks])
    for level in (Level.KERNEL, Level.NAMESPACE):
        if bubblewrap.program() or level is Level.KERNEL:
            assert ladder.missing(level) != ""


def test_the_worker_imports_of_ours_what_the_list_names() -> None:
    program = (
        "import json, sys; sys.path.insert(0, '.')\n"
        "from grading.worker import child, kit, server\n"
        "kit.ready()\n"
        "files = [getattr(m, '__file__', None) for m in list(sys.modules.values())]\n"
        "print(json.dumps([file for file in files if file]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    ours = {Path(file) for file in json.loads(done.stdout) if Path(file).is_relative_to(ROOT)}
    named = {str(path.relative_to(ROOT)) for path in ours if ".venv" not in path.parts}
    listed = {name for name in paths.OWN if name != "grading/worker"}
    assert {name for name in named if not name.startswith("grading/worker/")} == listed


def test_the_filter_names_no_call_twice() -> None:
    for column in (0, 1):
        tables = [*seccomp.REFUSED.values(), *seccomp.PRETENDED.values()]
        tables += [seccomp.MEMFD_CREATE, seccomp.CLONE3, seccomp.OPENAT2]
        tables += [numbers for numbers, _ in seccomp.SOMETIMES.values()]
        numbers = [numbers[column] for numbers in tables if numbers[column] is not None]
        assert len(numbers) == len(set(numbers))


def test_a_machine_that_the_filter_does_not_know_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(OSError, match="no filter is written for riscv64"):
        seccomp.restrict()


@pytest.mark.parametrize(
    "level", [pytest.param(level, id=str(level)) for level in ladder.available() if level]
)
def test_what_cuda_needs_to_start_is_allowed(level: Level) -> None:
    """Its driver names its threads; whether it starts then, only a machine with a GPU can tell."""
    why = ladder.missing(level, "cuda")
    assert not why or "start CUDA" in why


def test_threads_are_not_named_where_there_is_no_need() -> None:
    assert paths.THREADS in paths.devices("cuda")
    assert paths.THREADS not in paths.devices("cpu")


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param("os.truncate(path, 0)", id="by-name"),
        pytest.param("os.open(path, os.O_RDONLY | os.O_TRUNC)", id="by-reading"),
        pytest.param("os.open(path, 3 | os.O_TRUNC)", id="by-neither-reading-nor-writing"),
        pytest.param("syscall(437, -100, path.encode(), b'\\0\\2' + bytes(22), 24)", id="openat2"),
    ],
)
@pytest.mark.skipif(
    Level.KERNEL not in ladder.available(), reason="the filter and Landlock do not work here"
)
def test_an_old_landlock_leaves_no_file_to_be_emptied(attempt: str, tmp_path: Path) -> None:
    """Before version 3 it does not see who truncates."""
    for name in ("inputs", "own"):
        (tmp_path / name).mkdir()
    given = tmp_path / "inputs" / "given"
    given.write_text("x")
    values = {"submission": str(given), "inputs": str(given), "device": "cpu"}
    values["scratch"] = str(tmp_path / "own")
    program = (
        "import ctypes, os, sys; sys.path.insert(0, '.')\n"
        "from grading.isolation import ladder, landlock\n"
        "landlock.version = lambda: 2\n"
        f"ladder.confinement('cpu').enter({values!r})\n"
        f"path, syscall = {str(given)!r}, ctypes.CDLL(None).syscall\n"
        f"{attempt}\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True)
    assert given.read_text() == "x"
