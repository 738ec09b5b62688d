"""There are results whatever happens: before torch, after each check, and when something fails."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from classroom.gradescope_run import BEGINNING, DONE, FAULT, OWN_FAULT, SETTINGS, Settings, main
from grading.audience import Audience
from grading.options import Options
from handout.build import homework, write
from handout.gradescope import ONLY_FOR, QUESTIONS, Wanted, bundle
from handout.rehearsal import faults
from tests.grading.report.reports import ended, pending

ROOT = Path(__file__).resolve().parents[2]
ENDLESS = "def train_perceptron(model, dataset):\n    while True:\n        pass\n"


def laid_out(base: Path, settings: Settings, models: str = "", policy: str = "") -> Path:
    for name in ("source", "submission"):
        (base / name).mkdir(parents=True)
    (base / "source" / SETTINGS).write_text(settings.to_json())
    (base / "source" / "policy.toml").write_text(policy)
    (base / "submission" / "models.py").write_text(models)
    return base


def written(base: Path) -> dict[str, Any]:
    content = (base / "results" / "results.json").read_bytes()
    assert not list(faults(content))
    found: dict[str, Any] = json.loads(content)
    return found


def test_settings_travel_as_json(tmp_path: Path) -> None:
    settings = Settings(("q1", "q6.causal"), 5.0, 300, 2.0, "policy.toml", ("said",))
    (tmp_path / "s.json").write_text(settings.to_json())
    assert Settings.read(tmp_path / "s.json") == settings


def test_the_first_results_need_no_torch(tmp_path: Path) -> None:
    program = (
        "import sys; from classroom import gradescope_run as run; from pathlib import Path;"
        "run.write(Path(sys.argv[1]), run._first('begun')); print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "results" / "results.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
    assert written(tmp_path)["output"] == "begun"


def test_results_are_replaced_before_the_first_check_and_after_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = laid_out(tmp_path, Settings(("q6",)))
    seen: list[str] = []

    def grade(options: Options, audience: Audience) -> Any:
        assert (options.jobs, options.memory, options.patience) == (1, 400, 3.0)
        seen.append(written(base)["output"])
        audience.opened(pending())
        seen.append(written(base)["output"])
        report = pending()
        audience.finished(report.checks[0], report)
        assert len(written(base)["tests"]) == 6
        return ended()

    monkeypatch.setattr("grading.examiner.grade", grade)
    assert main([str(base)]) == DONE
    assert seen[0] == BEGINNING
    assert "0 checks of 6" in seen[1]
    assert written(base)["score"] == 7


@pytest.mark.parametrize(
    ("settings", "policy"),
    [
        pytest.param(Settings(("q99",)), "", id="unknown-question"),
        pytest.param(Settings(("q6",), policy="policy.toml"), "late = 3", id="odd-policy"),
        pytest.param(Settings(("q6",), memory=1), "", id="too-little-memory"),
    ],
)
def test_our_own_fault_is_told_as_ours_and_explained_to_staff(
    settings: Settings, policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = laid_out(tmp_path, settings, policy=policy)
    assert main([str(base)]) == OWN_FAULT
    assert written(base)["output"] == FAULT
    assert "UsageError" in capsys.readouterr().err


def test_what_was_graded_before_our_fault_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = laid_out(tmp_path, Settings(("q6",)))
    before: list[dict[str, Any]] = []

    def grade(options: Options, audience: Audience) -> Any:
        report = ended()
        audience.finished(report.checks[0], report)
        before.append(written(base))
        raise RuntimeError("no such luck")

    monkeypatch.setattr("grading.examiner.grade", grade)
    assert main([str(base)]) == OWN_FAULT
    after = written(base)
    assert after["output"].startswith(FAULT)
    assert (after["score"], after["tests"]) == (7, before[0]["tests"])


def test_a_bundle_without_settings_still_leaves_results(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == OWN_FAULT
    assert written(tmp_path)["output"] == FAULT


@pytest.mark.slow
def test_when_time_is_nearly_up_what_is_graded_counts(tmp_path: Path) -> None:
    # 45 of 75 seconds are left after the reserve; endless training takes 30, and then 60.
    settings = Settings(("q1",), minutes=1.25, patience=1.0, memory=1000)
    models = (ROOT / "models" / "perceptron.py").read_text(encoding="utf-8")
    base = laid_out(tmp_path, settings, models)
    (base / "submission" / "train.py").write_text(ENDLESS)
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "classroom.gradescope_run", str(base)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == DONE, done.stderr
    assert time.monotonic() - begun < 70
    found = written(base)
    assert "have been graded so far" in found["output"]
    assert found["score"] == 2  # q1.parameter and q1.prediction
    tags = {test["number"]: test["tags"][0] for test in found["tests"]}
    assert (tags["q1.update"], tags["q1.learns"]) == ("timed out", "pending")


@pytest.mark.slow
def test_a_bundle_needs_only_the_packages_that_it_pins(tmp_path: Path) -> None:
    base = laid_out(tmp_path, Settings(QUESTIONS))
    with zipfile.ZipFile(io.BytesIO(bundle(ROOT, Wanted()))) as archive:
        archive.extractall(base / "source")
    write(homework(ROOT), base / "submission")
    missing = [*ONLY_FOR, "copydetect", "distributed", "dask", "yaml", "pytest", "handout", "tests"]
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({missing!r}))\n"
        "from classroom.gradescope_run import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(base)],
        cwd=base / "source",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == DONE, done.stderr
    found = written(base)
    assert (found["score"], found["max_score"]) == (0, 15)
    assert {test["tags"][0] for test in found["tests"]} == {"not started"}
