"""The stand-in for a container keeps its limits; a rehearsal shows what students would see."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from classroom.gradescope_run import SETTINGS, Settings
from handout import container as container_module
from handout.container import Container, enclosed
from handout.gradescope import Wanted, bundle
from handout.rehearsal import Rehearsal, _run, faults, rehearse, told
from tests.mutants import all_mutants

ROOT = Path(__file__).resolve().parents[2]
HUNGRY = "held = []\nwhile True: held.append(bytearray(b'x' * (1 << 24)))"
BUSY = (
    "import time; end = time.monotonic() + 3\nwhile time.monotonic() < end: pass\n"
    "open('used', 'w').write(str(time.process_time()))"
)
TEST = {
    **{"name": "q1.a", "number": "q1.a", "score": 1, "max_score": 1, "status": "passed"},
    **{"visibility": "visible", "tags": ["passed"], "output": "well done"},
}
SHOWN: dict[str, Any] = {"score": 1, "output": "fine", "leaderboard": [], "tests": [TEST]}


@pytest.fixture(params=["control-groups", "watch"])
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Both ways of enforcing limits; only the second where no group can be made."""
    if request.param == "watch":
        monkeypatch.setattr(container_module, "CGROUPS", tmp_path / "none")
    return str(request.param)


def run(box: Container, program: str, folder: Path, seconds: float = 60.0) -> int | None:
    command = ["env", "-C", str(folder), sys.executable, "-c", program]
    return box.run(command, seconds, lambda: None, folder / "said")


def test_memory_above_the_limit_ends_it(limits: str, tmp_path: Path) -> None:
    box = Container(128, 1.0)
    assert run(box, HUNGRY, tmp_path) not in (0, None)
    assert box.exceeded
    assert 60 < box.peak < 400


def test_half_a_processor_is_half_a_processor(limits: str, tmp_path: Path) -> None:
    assert run(Container(256, 0.5), BUSY, tmp_path) == 0
    # Of three seconds; what a busy machine leaves may be less.
    assert 0 < float((tmp_path / "used").read_text()) < 2.2


def test_what_does_not_end_is_ended_and_leaves_no_group(limits: str, tmp_path: Path) -> None:
    box = Container(256, 1.0)
    begun = time.monotonic()
    assert run(box, "import time; time.sleep(60)", tmp_path, seconds=1.0) is None
    assert time.monotonic() - begun < 10
    assert not box.groups
    assert not list(Path("/sys/fs/cgroup").glob("*/rehearsal-*"))
    assert box.limits


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is how it is enclosed")
def test_it_is_root_in_files_of_its_own(tmp_path: Path) -> None:
    program = (
        "import os, socket; print(os.getuid(), os.getcwd(), os.path.exists('/autograder/here'),"
        f"os.path.exists({str(ROOT)!r}), sorted(os.environ), [n for _, n in socket.if_nameindex()])"
    )
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "here").write_text("")
    command = enclosed([sys.executable, "-c", program], tmp_path / "base", [], {"LANG": "C.UTF-8"})
    said = tmp_path / "said"
    assert Container(256, 1.0).run(command, 30.0, lambda: None, said) == 0
    words = said.read_text()
    assert words.startswith("0 /autograder True False ")
    assert "COURSEWORK" not in words
    assert words.rstrip().endswith("['lo']")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({}, "", id="valid"),
        pytest.param({"score": "1"}, "score is '1'", id="score"),
        pytest.param({"leaderboard": None}, "leaderboard is None", id="leaderboard"),
        pytest.param({"tests": [{**TEST, "score": 2}]}, "2 of 1", id="too-many-points"),
        pytest.param({"tests": [{**TEST, "status": "well"}]}, "well", id="status"),
        pytest.param({"tests": [{**TEST, "visibility": "no"}]}, "no", id="visibility"),
        pytest.param({"tests": [{**TEST, "tags": [1]}]}, "tags", id="tags"),
    ],
)
def test_what_the_site_would_refuse_is_found(change: dict[str, Any], said: str) -> None:
    found = list(faults(json.dumps({**SHOWN, **change}).encode()))
    assert bool(found) == bool(said)
    assert said in " ".join(found)
    assert list(faults(b"{"))


@dataclass
class Pretended(Container):
    """Writes valid results and ends in a given way."""

    code: int = 0
    base: Path = Path()

    def run(self, *_: object) -> int:
        (self.base / "results" / "results.json").write_text(json.dumps(SHOWN))
        (self.base.parent / "output.txt").write_text("Traceback")
        return self.code


@pytest.mark.parametrize(
    ("code", "exceeded", "said"),
    [
        pytest.param(0, False, "", id="well"),
        pytest.param(3, False, "run_autograder failed: it ended with 3", id="own-fault"),
        pytest.param(-9, True, "it ended with -9", id="killed-for-memory"),
        pytest.param(0, True, "memory ran out", id="a-check-killed-for-memory"),
    ],
)
def test_a_run_that_failed_is_a_problem_also_with_valid_results(
    tmp_path: Path, code: int, exceeded: bool, said: str
) -> None:
    base = tmp_path / "autograder"
    for name in ("source", "results"):
        (base / name).mkdir(parents=True)
    (base / "source" / SETTINGS).write_text(Settings(("q1",)).to_json())
    box = Pretended(768, 0.5, exceeded=exceeded, code=code, base=base)
    problems = [one for one in _run(base, box).problems if "bubblewrap" not in one]
    assert bool(problems) == bool(said)
    assert said in " ".join(problems)


def test_hidden_tests_are_not_shown_and_counted() -> None:
    hidden = {**TEST, "name": "q1.secret", "visibility": "hidden"}
    came = Rehearsal(Container(1, 1.0), {**SHOWN, "tests": [TEST, hidden]}, code=0, first=0.1)
    text = "\n".join(told(came))
    assert "[passed] q1.a (1/1)" in text
    assert "secret" not in text
    assert "1 test not shown to students" in text


def test_where_nothing_came_of_it_the_end_of_what_was_printed_is_shown() -> None:
    came = Rehearsal(Container(1, 1.0), problems=["never"], printed="a\x1b[31m\nTraceback", code=1)
    assert told(came)[-1] == "Traceback"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_rehearsal_within_the_sites_limits_gives_the_marks_that_home_gives(
    tmp_path: Path,
) -> None:
    (mutant,) = (m for m in all_mutants() if (m.question, m.name) == ("q6", "no mask"))
    content = bundle(ROOT, Wanted(("q1", "q6")))
    said = {
        "created_at": "2026-10-02T10:00:00Z",
        "assignment": {"due_date": "2026-10-01T10:00:00Z"},
        "previous_submissions": [
            {
                "submission_time": "2026-10-01T10:00:00Z",
                "score": 6,
                "results": {"tests": [{"number": "q6.values", "status": "failed"}]},
            }
        ],
    }
    box = Container(768, 0.5)
    came = rehearse(ROOT, content, mutant.build(tmp_path / "hw"), box, said)
    assert not came.problems
    assert came.code == 0
    assert not box.exceeded
    assert came.shown["score"] == 6
    assert came.first is not None
    assert came.first < 10
    assert came.states >= 10
    text = "\n".join(told(came))
    assert "mistake   the mask is missing" in text
    assert "Handed in 1 day late; nothing is taken here for it." in text
    assert "Since attempt 1 (1 day ago): Now passed: q6.values." in text
