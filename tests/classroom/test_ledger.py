"""The ledger keeps what it was told, once, whatever happens to its writer."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from classroom.ledger import NAME, Ledger, Outcome
from grading.options import UsageError

ROOT = Path(__file__).resolve().parents[2]
DONE = Outcome({"id": "q1", "earned": 3}, {"isolation": "kernel"}, worker="here:1")
FAULT = Outcome({}, {}, "the examiner has ended with code 1", final=False)


def test_what_is_written_is_there_after_opening_it_again(tmp_path: Path) -> None:
    with Ledger(tmp_path, 5) as ledger:
        assert ledger.write("a", "q1", DONE)
        assert ledger.write("b", "q1", FAULT)
    with Ledger(tmp_path) as ledger:
        assert ledger.seed == 5
        assert ledger.read("a") == DONE
        assert ledger.read("b") == FAULT
        assert ledger.read("c") is None
        assert ledger.finished() == {"a"}, "what the grader failed at is tried again"


def test_a_second_outcome_is_ignored_unless_the_first_was_a_fault(tmp_path: Path) -> None:
    other = Outcome({"id": "q1", "earned": 0}, {})
    with Ledger(tmp_path) as ledger:
        ledger.write("a", "q1", DONE)
        assert not ledger.write("a", "q1", other)
        assert not ledger.write("a", "q1", FAULT)
        assert ledger.read("a") == DONE
        ledger.write("b", "q1", FAULT)
        assert ledger.write("b", "q1", other)
        assert ledger.read("b") == other


def test_what_is_forgotten_is_done_again(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.write("a", "q1", DONE)
        assert list(ledger.isolation_of()) == [("a", "kernel")]
        ledger.forget("a")
        assert ledger.finished() == set()


def test_what_ran_out_of_time_is_known_with_its_patience(tmp_path: Path) -> None:
    def ended(status: str) -> dict[str, object]:
        return {"checks": [{"status": "passed"}, {"status": status}]}

    with Ledger(tmp_path) as ledger:
        ledger.write("a", "q1", Outcome(ended("timed out"), {"patience": 2.0}))
        ledger.write("b", "q1", Outcome(ended("failed"), {"patience": 2.0}))
        ledger.write("c", "q1", Outcome({}, {}, "no zip"))
        ledger.write("d", "q1", Outcome(ended("timed out"), {}, final=False))
        assert list(ledger.timed_out()) == [("a", 2.0)]


def test_a_class_keeps_its_seed(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        drawn = ledger.seed
    with Ledger(tmp_path) as ledger:
        assert ledger.seed == drawn
    with pytest.raises(UsageError, match=f"begun with --seed {drawn}"):
        Ledger(tmp_path, drawn + 1)


def test_two_runs_do_not_share_it(tmp_path: Path) -> None:
    with Ledger(tmp_path), pytest.raises(UsageError, match="another run is writing"):
        Ledger(tmp_path)
    Ledger(tmp_path).close()


HELD = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from classroom.ledger import Ledger, Outcome
ledger = Ledger(Path(sys.argv[2]), 1)
number = 0
while True:
    ledger.write(str(number), "q1", Outcome({"text": "x" * 2000}, {}))
    number += 1
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_it_whole_and_unlocked(tmp_path: Path) -> None:
    for round_number in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", HELD, str(ROOT), str(tmp_path)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        for _ in range(5 + 7 * round_number):
            told = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()
        with Ledger(tmp_path) as ledger:
            assert {str(number) for number in range(told)} <= ledger.finished()
            assert ledger.read(str(told - 1)) is not None


def test_a_ledger_that_is_no_database_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("not a database, by any means" * 100)
    with pytest.raises(UsageError, match="cannot be written: file is not a database"):
        Ledger(tmp_path)


def test_one_of_another_version_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path).close()
    with sqlite3.connect(tmp_path / NAME) as base:
        base.execute("UPDATE facts SET value = '99' WHERE name = 'format'")
    base.close()
    with pytest.raises(UsageError, match="another version"):
        Ledger(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        Ledger(tmp_path / "file" / "grades")


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.write("a", "q1", DONE)
        assert ledger.base is not None
        pages = ledger.base.execute("PRAGMA page_count").fetchone()[0]
        ledger.base.execute(f"PRAGMA max_page_count = {pages}")
        large = Outcome({"text": json.dumps("x" * 100_000)}, {})
        with pytest.raises(UsageError, match="full; what it holds is safe"):
            ledger.write("b", "q1", large)
        assert ledger.read("a") == DONE
