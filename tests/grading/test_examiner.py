from __future__ import annotations

import json
from pathlib import Path

import pytest

from grading.audience import Audience
from grading.examiner import grade
from grading.launcher import Launcher
from grading.options import Options, UsageError
from grading.results import CheckResult, Report, Status
from tests.grading.conftest import Examine
from tests.mutants import copy_solution
from tests.stubs import stub_solution


class Witness(Audience):
    """Writes down what it hears, and what the results file says at that moment."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self.heard: list[str] = []
        self.pending: list[int] = []

    def opened(self, report: Report) -> None:
        self.heard.append("opened")
        self.count()

    def started(self, check: str) -> None:
        self.heard.append(f"started {check}")

    def finished(self, result: CheckResult, report: Report) -> None:
        self.heard.append(f"finished {result.id}")
        self.count()

    def closed(self, report: Report) -> None:
        self.heard.append("closed")

    def count(self) -> None:
        written = json.loads(self.results.read_text())
        statuses = [check["status"] for q in written["questions"] for check in q["checks"]]
        self.pending.append(statuses.count("pending"))


@pytest.fixture
def solution(tmp_path: Path) -> Path:
    return copy_solution(tmp_path / "solution")


def test_the_results_file_is_valid_before_and_after_every_check(
    solution: Path, tmp_path: Path, launcher: Launcher
) -> None:
    results = tmp_path / "results.json"
    witness = Witness(results)
    options = Options(solution, ("q6",), seed=3, results=results)
    report = grade(options, witness, launch=lambda *_: launcher)
    checks = len(report.checks)
    assert witness.pending == list(range(checks, -1, -1))
    assert witness.heard[0] == "opened"
    assert witness.heard[-1] == "closed"
    assert json.loads(results.read_text())["complete"] is True


def test_a_seed_replays_a_run(solution: Path, examine: Examine, tmp_path: Path) -> None:
    path = solution / "models" / "attention.py"
    path.write_text(path.read_text().replace("torch.softmax(scores, dim=-1)", "scores"))
    first, second = (examine(solution, "q6.values", seed=11).checks[0] for _ in range(2))
    assert first.status is Status.FAILED
    assert first.feedback == second.feedback
    assert examine(solution, "q6.values", seed=12).checks[0].feedback != first.feedback


def test_fresh_seeds_differ(solution: Path, examine: Examine) -> None:
    seeds = {examine(solution, "q6.layers", seed=None).seed for _ in range(3)}
    assert len(seeds) == 3


def test_what_a_single_check_stands_on_is_said(solution: Path, examine: Examine) -> None:
    assert examine(solution, "q6.causal").assumed == ["q6.layers", "q6.shapes"]
    assert examine(solution, "q6").assumed == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param("q77", "there is no question q77; there are q", id="question"),
        pytest.param("q6.nope", "there is no check q6.nope; q6 has q6.layers", id="check"),
    ],
)
def test_an_unknown_id_lists_the_known_ones(
    asked: str, said: str, solution: Path, examine: Examine
) -> None:
    with pytest.raises(UsageError, match=said):
        examine(solution, asked)


def test_empty_files_earn_nothing_and_are_not_started(tmp_path: Path, examine: Examine) -> None:
    for name in ("models.py", "losses.py", "train.py"):
        (tmp_path / name).touch()
    report = examine(tmp_path)
    assert (report.earned, report.points) == (0, 25)
    assert {check.status for check in report.checks} == {Status.NOT_STARTED}


def test_stubs_earn_nothing_and_are_not_started(tmp_path: Path, examine: Examine) -> None:
    report = examine(stub_solution(tmp_path / "stubs"))
    assert (report.earned, report.points) == (0, 25)
    assert {check.status for check in report.checks} == {Status.NOT_STARTED}


def test_a_refused_submission_is_a_full_report(tmp_path: Path, examine: Examine) -> None:
    (tmp_path / "hw.zip").write_bytes(b"no zip at all")
    report = examine(tmp_path / "hw.zip", "q6")
    assert report.complete
    assert {check.status for check in report.checks} == {Status.CRASHED}
    assert all("the zip cannot be unpacked" in check.feedback.got for check in report.checks)


def test_a_missing_submission_is_a_usage_error(tmp_path: Path, examine: Examine) -> None:
    with pytest.raises(UsageError, match="there is no submission at"):
        examine(tmp_path / "nowhere")


def test_a_full_disk_costs_the_results_file_and_no_marks(
    solution: Path, tmp_path: Path, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Report, "write", full)
    options = Options(solution, ("q6",), results=tmp_path / "results.json")
    report = grade(options, Audience(), launch=lambda *_: launcher)
    assert (report.earned, report.complete) == (2, True)
    (warning,) = report.warnings
    assert "No space left on device" in warning


def test_an_interruption_leaves_a_valid_unfinished_report(
    solution: Path, tmp_path: Path, launcher: Launcher
) -> None:
    class Impatient(Audience):
        def finished(self, result: CheckResult, report: Report) -> None:
            raise KeyboardInterrupt

    results = tmp_path / "results.json"
    options = Options(solution, ("q6",), results=results, jobs=1)
    report = grade(options, Impatient(), launch=lambda *_: launcher)
    assert not report.complete
    written = json.loads(results.read_text())
    statuses = [check["status"] for check in written["questions"][0]["checks"]]
    assert statuses.count("pending") == len(statuses) - 1


def test_a_check_that_failed_faces_its_old_draw_before_a_fresh_one(
    solution: Path, examine: Examine
) -> None:
    (mended,) = examine(solution, "q6.values", seed=12, replays={"q6.values": 11}).checks
    assert (mended.status, mended.seed) == (Status.PASSED, 12)
    path = solution / "models" / "attention.py"
    path.write_text(path.read_text().replace("torch.softmax(scores, dim=-1)", "scores"))
    (wrong,) = examine(solution, "q6.values", seed=12, replays={"q6.values": 11}).checks
    assert (wrong.status, wrong.seed) == (Status.FAILED, 11)
