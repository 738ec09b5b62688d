"""Submissions that break: each ends in a marked result, and the rest is graded all the same."""

from __future__ import annotations

import json
import time
from pathlib import Path

import psutil
import pytest

from grading.results import CheckResult, Status
from tests.grading.conftest import Examine
from tests.mutants import copy_solution

BODY = "        return self.attention_weights(x) @ self.v_layer(x)"


def sabotage(folder: Path, *, top: str = "", body: str = "") -> Path:
    """The solution, with lines added to the attention file or in place of `forward`'s body."""
    copy_solution(folder)
    path = folder / "models" / "attention.py"
    text = path.read_text()
    if body:
        assert text.count(BODY) == 1
        text = text.replace(BODY, "\n".join(f"        {line}" for line in body.splitlines()))
    path.write_text(text + "\n" + top)
    return folder


def one(examine: Examine, folder: Path, check: str = "q6.shapes", **options: object) -> CheckResult:
    report = examine(folder, check, **options)
    assert report.complete
    (result,) = report.checks
    return result


@pytest.mark.parametrize(
    ("top", "status", "said"),
    [
        pytest.param("import sys; sys.exit(0)", Status.CRASHED, "sys.exit(0)", id="sys-exit"),
        pytest.param("import os; os._exit(0)", Status.CRASHED, "exit code 0", id="os-exit"),
        pytest.param(
            "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
            Status.CRASHED, "signal 11", id="segmentation-fault",
        ),
        pytest.param("1 / 0", Status.CRASHED, "ZeroDivisionError", id="exception-at-import"),
        pytest.param("raise KeyboardInterrupt", Status.CRASHED, "Keyboard", id="interrupt"),
        pytest.param("def f(:\n  pass", Status.CRASHED, "SyntaxError", id="syntax-error"),
        pytest.param("import no_such_module", Status.CRASHED, "no_such_module", id="no-module"),
        pytest.param("raise NotImplementedError('later')", Status.NOT_STARTED, "later", id="stub"),
        pytest.param("import sys; sys.stdout = None", Status.PASSED, "", id="no-stdout"),
        pytest.param("import os; os.closerange(3, 99)", Status.CRASHED, "ended", id="closes-all"),
        pytest.param("print('x' * 1_000_000)", Status.PASSED, "", id="prints-a-megabyte"),
    ],
)  # fmt: skip
def test_trouble_at_import_is_one_marked_result(
    top: str, status: Status, said: str, tmp_path: Path, examine: Examine
) -> None:
    result = one(examine, sabotage(tmp_path / "s", top=top))
    assert result.status is status, result
    assert said in result.feedback.got
    assert len(result.output) < 21_000


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        pytest.param("return None", Status.FAILED, "None", id="none"),
        pytest.param("return [1, 2]", Status.FAILED, "list", id="list"),
        pytest.param("return x.numpy()", Status.FAILED, "ndarray", id="numpy"),
        pytest.param("return x[0]", Status.FAILED, "shape", id="wrong-shape"),
        pytest.param("return self.forward(x)", Status.CRASHED, "without an end", id="recursion"),
        pytest.param("raise SystemExit", Status.CRASHED, "sys.exit", id="exit"),
        pytest.param("import os; os._exit(0)", Status.CRASHED, "exit code 0", id="os-exit"),
        pytest.param(
            "return torch.arange(5).softmax(0)",
            Status.CRASHED,
            "NotImplemented",
            id="torch-refuses",
        ),
        pytest.param("return x @ x", Status.CRASHED, "RuntimeError", id="runtime-error"),
    ],
)
def test_trouble_in_forward_is_one_marked_result(
    body: str, status: Status, said: str, tmp_path: Path, examine: Examine
) -> None:
    result = one(examine, sabotage(tmp_path / "s", body=body))
    assert result.status is status, result
    assert said in result.feedback.got


def test_nan_fails_a_value_check(tmp_path: Path, examine: Examine) -> None:
    folder = sabotage(tmp_path / "s", body="return x * float('nan')")
    result = one(examine, folder, "q6.values")
    assert result.status is Status.FAILED
    assert "no numbers" in result.feedback.got


def test_a_crash_names_the_students_own_line(tmp_path: Path, examine: Examine) -> None:
    result = one(examine, sabotage(tmp_path / "s", top="def f(:\n  pass"))
    assert result.feedback.where.startswith("models/attention.py:")
    assert result.feedback.got.endswith("^")


def test_an_endless_loop_is_cut_and_its_line_named(tmp_path: Path, examine: Examine) -> None:
    folder = sabotage(tmp_path / "s", body="while True:\n    pass")
    begun = time.monotonic()
    result = one(examine, folder, patience=0.1)
    assert time.monotonic() - begun < 20
    assert result.status is Status.TIMED_OUT
    assert result.feedback.where.startswith("models/attention.py:")


def test_an_endless_loop_that_prints_still_names_its_line(tmp_path: Path, examine: Examine) -> None:
    folder = sabotage(tmp_path / "s", body="while True:\n    print('x' * 200)")
    result = one(examine, folder, patience=0.1)
    assert result.status is Status.TIMED_OUT
    assert result.feedback.where.startswith("models/attention.py:")


def test_a_loop_at_import_is_cut(tmp_path: Path, examine: Examine) -> None:
    result = one(examine, sabotage(tmp_path / "s", top="while True: pass"), patience=0.05)
    assert result.status is Status.TIMED_OUT
    assert "import" in result.feedback.tried


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param("torch.ones(1 << 40)", id="one-huge-tensor"),
        pytest.param("[bytearray(1 << 28) for _ in range(1000)]", id="many-blocks"),
    ],
)
def test_a_memory_bomb_is_one_crash(bomb: str, tmp_path: Path, examine: Examine) -> None:
    result = one(examine, sabotage(tmp_path / "s", body=f"return {bomb}"))
    assert result.status is Status.CRASHED
    assert "memory" in result.feedback.got


def test_nothing_that_a_check_started_outlives_it(tmp_path: Path, examine: Examine) -> None:
    daemon = (
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.closerange(0, 100)\n"
        "        time.sleep(4321)\n"
        "    os._exit(0)\n"
    )
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    assert one(examine, sabotage(tmp_path / "s", top=daemon)).status is Status.PASSED
    after = {process.pid for process in psutil.Process().children(recursive=True)}
    assert after <= before


def test_what_is_written_on_the_frame_pipe_is_an_answer_at_most(
    tmp_path: Path, examine: Examine
) -> None:
    forged = (
        "import os\n"
        "for fd in range(3, 64):\n"
        "    try:\n"
        "        os.write(fd, b'PASSED' * 100)\n"
        "    except OSError:\n"
        "        pass\n"
    )
    result = one(examine, sabotage(tmp_path / "s", top=forged))
    assert result.status is Status.CRASHED
    assert "at most" in result.feedback.got


def test_an_oversized_answer_is_refused(tmp_path: Path, examine: Examine) -> None:
    folder = sabotage(tmp_path / "s", body="return torch.zeros(1 << 25)")
    result = one(examine, folder, "q6.values")
    assert result.status is Status.CRASHED
    assert "bytes" in result.feedback.got


def test_a_worker_that_asks_for_more_and_more_is_answered_once(
    tmp_path: Path, examine: Examine
) -> None:
    forged = (
        "import os, struct, json\n"
        "def send(kind, **values):\n"
        "    header = json.dumps({'kind': kind, **values}).encode()\n"
        "    for fd in range(3, 64):\n"
        "        try:\n"
        "            os.write(fd, struct.pack('!IQ', len(header), 0) + header)\n"
        "        except OSError:\n"
        "            pass\n"
        "send('ready')\n"
        "for _ in range(50):\n"
        "    send('answer', more=True)\n"
    )
    result = one(examine, sabotage(tmp_path / "s", top=forged))
    assert result.status not in (Status.PASSED, Status.GRADER_FAULT), result


def test_prints_before_the_answer_are_not_lost(tmp_path: Path, examine: Examine) -> None:
    folder = sabotage(tmp_path / "s", top="print('hello from the student')")
    for check in ("q6.layers", "q6.shapes", "q6.values"):
        assert "hello from the student" in one(examine, folder, check).output


def test_hashes_replay_too(tmp_path: Path, examine: Examine) -> None:
    folder = sabotage(tmp_path / "s", top="print(hash('a'))")
    assert len({one(examine, folder, seed=1).output for _ in range(2)}) == 1


@pytest.mark.parametrize(
    "top",
    [
        pytest.param("raise ValueError('\\udcff')", id="lone-surrogate"),
        pytest.param(
            "class Mute(Exception):\n    def __str__(self):\n        1 / 0\nraise Mute",
            id="no-message",
        ),
        pytest.param("import os; os.makedirs('../q6.values', exist_ok=True)", id="makes-folders"),
    ],
)
def test_odd_behaviour_ends_neither_the_run_nor_another_check(
    top: str, tmp_path: Path, examine: Examine
) -> None:
    results = tmp_path / "results.json"
    report = examine(sabotage(tmp_path / "s", top=top), "q6", results=results)
    assert report.complete
    assert Status.GRADER_FAULT not in {check.status for check in report.checks}
    assert json.loads(results.read_text())["complete"] is True


def test_a_deep_expression_is_judged_as_well(tmp_path: Path, examine: Examine) -> None:
    folder = sabotage(tmp_path / "s", body="x" + ".add(0)" * 400 + "\nreturn x[0]")
    assert one(examine, folder).status is Status.FAILED


def test_a_worker_that_is_slow_to_start_is_no_fault_of_the_students(
    tmp_path: Path, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grading.interview.START_LIMIT", -1.0)
    result = one(examine, copy_solution(tmp_path / "s"))
    assert result.status is Status.GRADER_FAULT
    assert "--patience" in result.feedback.got


def test_one_broken_file_leaves_other_checks_alone(tmp_path: Path, examine: Examine) -> None:
    folder = copy_solution(tmp_path / "s")
    (folder / "train.py").write_text("this is not Python")
    assert {check.status for check in examine(folder, "q6").checks} == {Status.PASSED}


def test_the_worker_finds_homework_in_the_submission_and_nowhere_else(
    tmp_path: Path, examine: Examine
) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "models.py").write_text("import grading\nimport losses\n")
    result = one(examine, folder)
    assert result.status is Status.CRASHED
    assert "No module named 'grading'" in result.feedback.got


def test_no_yardstick_is_in_the_workers_memory(tmp_path: Path, examine: Examine) -> None:
    search = (
        "import gc, sys\n"
        "kinds = (type, type(lambda: 0))\n"
        "names = [o.__qualname__ for o in gc.get_objects() if isinstance(o, kinds)]\n"
        "found = [n for n in names if 'Yardstick' in n or n.endswith('.mark')]\n"
        "assert len(names) > 1000\n"
        "assert not found, found\n"
        "assert not [m for m in sys.modules if m.startswith('grading.checks')]\n"
    )
    assert one(examine, sabotage(tmp_path / "s", top=search)).status is Status.PASSED
