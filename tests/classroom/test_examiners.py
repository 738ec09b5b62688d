"""An examiner that hangs, dies or talks nonsense is ended, and another takes its place."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from classroom import examiners
from classroom.examiners import Child, ExaminerLost, Examiners

HONEST = """
import json, os, sys
for line in sys.stdin:
    print(json.dumps({"alive": ""}), flush=True)
    print(json.dumps({"report": json.loads(line)["asked"], "pid": os.getpid()}), flush=True)
"""
WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1], "w").write(str(child.pid))
sys.stdin.readline()
time.sleep(600)
"""


def command(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-c", program, *arguments]


@pytest.fixture
def honest() -> Iterator[Examiners]:
    team = Examiners(command(HONEST))
    yield team
    team.dismiss()


def test_one_examiner_serves_order_after_order(honest: Examiners) -> None:
    replies = [honest.ask({"asked": [number]}) for number in range(3)]
    assert [reply["report"] for reply in replies] == [[0], [1], [2]]
    assert len({reply["pid"] for reply in replies}) == 1


def test_after_many_orders_another_is_started(
    honest: Examiners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examiners, "MOST_ORDERS", 2)
    pids = [honest.ask({"asked": []})["pid"] for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]
    assert not psutil.pid_exists(pids[0])


def test_dismissed_examiners_leave_and_others_come(honest: Examiners) -> None:
    first = honest.ask({"asked": []})["pid"]
    honest.dismiss()
    assert not psutil.pid_exists(first)
    assert honest.ask({"asked": []})["pid"] != first


@pytest.mark.parametrize(
    ("program", "said"),
    [
        pytest.param("import time; input(); time.sleep(600)", "silent for", id="silent"),
        pytest.param("import sys; input(); sys.exit(7)", "ended with code 7", id="dies"),
        pytest.param("import sys; sys.exit(7)", "ended|pipe", id="died before"),
        pytest.param("input(); print('nonsense', flush=True); input()", "Expecting", id="no JSON"),
        pytest.param("input(); print('[]', flush=True); input()", "no meaning", id="no object"),
        pytest.param(
            "input(); print('x' * 5000, flush=True); input()", "more than anyone asked", id="flood"
        ),
    ],
)
def test_one_that_fails_is_told_of_and_ended(
    program: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examiners, "SECONDS_TO_START", 1.0)
    monkeypatch.setattr(examiners, "LARGEST_REPLY", 4000)
    child = Child({}, command(program))
    with pytest.raises(ExaminerLost, match=said):
        child.ask({"asked": []})
    assert child.process.poll() is not None
    with pytest.raises(ExaminerLost):
        child.ask({"asked": []})


def test_an_examiner_that_fails_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    team = Examiners(command("input(); raise SystemExit(1)"))
    for _ in range(2):
        with pytest.raises(ExaminerLost):
            team.ask({"asked": []})
    assert (team.idle, team.busy) == ([], [])


def test_what_a_hanging_examiner_has_started_ends_with_it(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examiners, "SECONDS_TO_START", 1.5)
    told = os.path.join(str(tmp_path), "pid")
    child = Child({}, command(WITH_CHILD, told))
    with pytest.raises(ExaminerLost, match="silent"):
        child.ask({"asked": []})
    with open(told) as file:
        pid = int(file.read())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _runs(pid):
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def test_signs_of_life_extend_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examiners, "SECONDS_OF_SILENCE", 1.0)
    program = """
import json, time
input()
for _ in range(6):
    print(json.dumps({"alive": ""}), flush=True)
    time.sleep(0.3)
print(json.dumps({"report": 1}), flush=True)
input()
"""
    child = Child({}, command(program))
    assert child.ask({"asked": []}) == {"report": 1}
    child.end()
