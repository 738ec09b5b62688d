"""The bundle holds what grading needs, no solution and no test, and is the same every time."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from classroom.gradescope_run import SETTINGS
from grading.options import UsageError
from handout import __main__ as handout
from handout.gradescope import (
    INCLUDED,
    ONLY_FOR,
    QUESTIONS,
    BundleError,
    Wanted,
    bundle,
    datasets,
    pins,
    worker_memory,
)
from tests.test_imports import imported

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = (ROOT / "requirements.txt").read_text(encoding="utf-8")


def files(wanted: Wanted = Wanted()) -> dict[str, str]:  # noqa: B008 - a frozen value
    with zipfile.ZipFile(io.BytesIO(bundle(ROOT, wanted))) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def test_the_same_files_make_the_same_bytes() -> None:
    assert bundle(ROOT, Wanted()) == bundle(ROOT, Wanted())


def test_it_holds_neither_solution_nor_tests_and_all_that_it_imports() -> None:
    held = files()
    assert not any("BEGIN SOLUTION q" in text for name, text in held.items() if name[-3:] == ".py")
    tops = {name.partition("/")[0] for name in held}
    expected = {part.rstrip("/") for part in INCLUDED}
    assert tops == expected | {"setup.sh", "run_autograder", SETTINGS}
    ours = {path.name.removesuffix(".py") for path in ROOT.iterdir()}
    for name in held:
        if name.endswith(".py"):
            needed = imported(ROOT / name) & ours
            assert needed <= {top.removesuffix(".py") for top in tops}, name


def test_the_two_programs_can_be_run_and_read_by_a_shell() -> None:
    with zipfile.ZipFile(io.BytesIO(bundle(ROOT, Wanted()))) as archive:
        for name in ("setup.sh", "run_autograder"):
            assert archive.getinfo(name).external_attr >> 16 == 0o100755
            subprocess.run(["bash", "-n"], input=archive.read(name), check=True)  # noqa: S607
            assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")


def test_the_settings_are_what_was_asked_for(tmp_path: Path) -> None:
    policy = tmp_path / "mine.toml"
    policy.write_text('[attempts]\ncounts = "best"\n')
    held = files(Wanted(("q6.causal",), 20, 2, 2048, policy))
    settings = json.loads(held[SETTINGS])
    assert settings["questions"] == ["q6.causal"]
    assert (settings["minutes"], settings["patience"]) == (20, 2)
    assert settings["policy"] == "policy.toml"
    assert settings["memory"] == worker_memory(2048)
    assert held["policy.toml"] == policy.read_text()
    assert "limit of 20 minutes" in settings["stated"][0]
    assert "tomli==" in held["requirements.txt"]


def test_packages_that_only_other_questions_need_are_left_out() -> None:
    kept = pins(REQUIREMENTS, QUESTIONS, with_policy=False)
    assert "torch==" in kept
    assert not any(f"\n{name}==" in kept for name in ONLY_FOR)
    every = pins(REQUIREMENTS, ["q4", "q10", "q11"], with_policy=False)
    assert all((f"\n{name}==" in every) == bool(only) for name, only in ONLY_FOR.items())


def test_what_is_left_out_is_imported_by_nothing_that_runs() -> None:
    """Nothing of the grader imports it at the top of a file that other questions load."""
    allowed = {"data/vocabulary.py", "grading/watching.py"}
    for path in (*ROOT.glob("grading/**/*.py"), *ROOT.glob("classroom/*.py")):
        if "q10" in path.name or "q11" in path.name:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tops = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        names = {alias.name.partition(".")[0] for n in tops for alias in n.names}
        names |= {(n.module or "").partition(".")[0] for n in tops if isinstance(n, ast.ImportFrom)}
        if path.relative_to(ROOT).as_posix() not in allowed:
            assert not names & set(ONLY_FOR), path


def test_the_data_of_the_questions_is_fetched_when_the_image_is_built() -> None:
    assert datasets(("q1", "q2", "q5", "q6")) == ["points", "sine", "small_digits"]
    assert "words" in datasets(("q4.learns",)) or "words" in datasets(("q4",))
    assert "-m data fetch points sine small_digits\n" in files()["setup.sh"]
    assert "data fetch" not in files(Wanted(("q6",)))["setup.sh"]


def test_torch_may_come_from_an_index_without_cuda() -> None:
    text = files(Wanted(torch_index="https://torch.example/cpu"))["setup.sh"]
    first = text.index("--index-url https://torch.example/cpu torch==")
    assert first < text.index("-r requirements.txt")
    assert "--index-url" not in files()["setup.sh"]


def test_what_cannot_work_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="at least"):
        bundle(ROOT, Wanted(memory=500))
    with pytest.raises(UsageError, match="no question q99"):
        bundle(ROOT, Wanted(("q99",)))
    (tmp_path / "odd.toml").write_text("late = 3\n")
    with pytest.raises(UsageError, match="late"):
        bundle(ROOT, replace(Wanted(), policy=tmp_path / "odd.toml"))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["--questions", "q99"], 2, "no question q99", id="question"),
        pytest.param(["--minutes", "0"], 2, "--minutes is '0'", id="minutes"),
        pytest.param(["--memory", "much"], 2, "--memory is 'much'", id="memory"),
        pytest.param(["hw.zip"], 2, "SUBMISSION is for --rehearse", id="submission"),
        pytest.param(["hw.zip", "--rehearse"], 2, "there is no submission", id="missing"),
        pytest.param(["--policy", "none.toml"], 2, "none.toml", id="policy"),
    ],
)
def test_the_command_says_what_is_wrong(
    words: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert handout.main(["gradescope", "out.zip", *words]) == code
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out.zip").exists()


def test_the_command_writes_the_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep" / "out.zip"
    assert handout.main(["gradescope", str(out), "--questions", "q1,q6"]) == 0
    assert "grades q1, q6" in capsys.readouterr().out
    assert zipfile.is_zipfile(out)
