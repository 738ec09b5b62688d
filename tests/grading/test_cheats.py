"""Nothing that a submission tries earns a point, costs one, or stays behind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grading.isolation import ladder
from tests.cheats import ROOT, all_cheats, read
from tests.cheats.promises import ACCESSES, PROMISED, Outcome
from tests.mutants import copy_solution

QUICK = (
    "answers/always_equal",
    "answers/slips_past_plain",
    "exits/at_import",
    "files/results_written",
    "frames/every_guess",
    "frames/negative_shapes",
    "frames/ready_and_answer",
    "layouts/torch_beside_it",
    "layouts/zip_with_parent_paths",
    "looking/solution_from_disk",
    "memory/parent_mem",
    "network/tcp",
    "patches/json_says_passed",
    "processes/daemon_in_disguise",
)
KINDS = {"answers", "bombs", "exits", "files", "frames", "layouts", "learning", "looking"}
KINDS |= {"memory", "network", "operators", "patches", "processes"}


def redteam(folder: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """Run the command; returns its exit code and the outcomes."""
    file = folder / "outcomes.json"
    command = [sys.executable, "-m", "tests.cheats", "--json", str(file), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert file.exists(), done.stdout + done.stderr
    return done.returncode, json.loads(file.read_text())


def assert_all_are_zero(code: int, outcomes: list[dict[str, Any]]) -> None:
    assert [outcome for outcome in outcomes if outcome["score"]] == []
    assert code == 0


def test_cheats_earn_nothing_at_the_best_level(tmp_path: Path) -> None:
    level = str(ladder.best())
    code, outcomes = redteam(tmp_path, "--level", level, "--jobs", "1", *QUICK)
    assert_all_are_zero(code, outcomes)
    assert len(outcomes) == len(QUICK)


@pytest.mark.slow
def test_the_runner_sees_what_a_cheat_gets(tmp_path: Path) -> None:
    """A submission that is right, one that reads, one that stays: each shows in its score."""
    corpus = tmp_path / "corpus" / "weak"
    corpus.mkdir(parents=True)
    solution = copy_solution(tmp_path / "solution") / "models" / "attention.py"
    (corpus / "works.py").write_text(f'"""Is right."""\n{solution.read_text()}')
    (corpus / "says_so.py").write_text(
        '"""Says that it could read."""\n\nfrom told import Stub as AttentionBlock, through\n\n'
        'through("reads")\n'
    )
    level = str(ladder.best())
    code, outcomes = redteam(
        tmp_path, "--corpus", str(corpus.parent), "--level", level, "--jobs", "1"
    )
    scores = {outcome["cheat"]: outcome["score"] for outcome in outcomes}
    assert scores == {"weak/works": 1, "weak/says_so": int("reads" in PROMISED[level])}
    assert code == 1


@pytest.mark.parametrize(
    ("outcome", "score"),
    [
        pytest.param(Outcome("c", "kernel"), 0, id="nothing"),
        pytest.param(Outcome("c", "kernel", earned=2), 2, id="points"),
        pytest.param(Outcome("c", "process", cost=2), 2, id="others-marks"),
        pytest.param(Outcome("c", "process", strays=["sleep"]), 1, id="process-left"),
        pytest.param(Outcome("c", "process", files=["left"]), 1, id="file-left"),
        pytest.param(Outcome("c", "process", late=True), 1, id="late"),
        pytest.param(Outcome("c", "process", trouble="a fault"), 1, id="grader-fault"),
        pytest.param(Outcome("c", "kernel", reached=["reads"]), 1, id="promise-broken"),
        pytest.param(Outcome("c", "process", reached=["reads"], earned=2), 0, id="left-open"),
        pytest.param(Outcome("c", "process", reached=["network"], earned=2), 2, id="not-by-that"),
        pytest.param(Outcome("c", "kernel", reached=["reads"], earned=2), 3, id="both"),
        pytest.param(Outcome("c", "process", reached=["signals"], cost=2), 0, id="ended-others"),
    ],
)
def test_a_score_counts_what_was_gained_and_what_was_broken(outcome: Outcome, score: int) -> None:
    assert outcome.score == score
    assert bool(outcome.reasons()) == bool(outcome.score or outcome.excused)


def test_the_corpus_is_large_and_every_cheat_says_what_it_tries() -> None:
    cheats = all_cheats()
    assert len(cheats) >= 50
    assert {cheat.kind for cheat in cheats} == KINDS
    assert len({cheat.tries for cheat in cheats}) == len(cheats)
    assert all(cheat.tries.endswith((".", "?")) for cheat in cheats)
    assert set(QUICK) <= {cheat.name for cheat in cheats}


def test_a_cheat_removes_no_folder_but_the_runs_own() -> None:
    for cheat in all_cheats():
        text = cheat.path.read_text(encoding="utf-8")
        assert "may_go(" in text or not re.search("rmtree|removedirs|rmdir|rm -", text), cheat.name


def test_a_cheat_without_a_docstring_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mute.py").write_text("print()\n")
    with pytest.raises(ValueError, match="no docstring"):
        read(tmp_path / "mute.py")


def test_no_level_promises_less_than_a_weaker_one() -> None:
    process, kernel, namespace = (PROMISED[str(level)] for level in ladder.Level)
    assert process <= kernel <= namespace <= ACCESSES.keys()
