"""A submission that cannot be opened is told from a grader that failed, and what is done anew."""

from pathlib import Path

import pytest

from classroom.agenda import Agenda
from classroom.command import Request
from classroom.ledger import Ledger, Outcome
from classroom.records import Mark
from classroom.run import _forget_what_falls_short, _with_trouble
from classroom.units import Task, Unit
from tests.classroom.synthetic import check, handed, marked


def test_what_nobody_could_open_has_that_trouble_and_a_fault_of_the_grader_is_none():
    attempts = [handed("good"), handed("torn"), handed("fault"), handed("empty", trouble="empty")]
    fault = Mark("fault", "q6", trouble="the examiner has been silent")
    marks = [*marked("good", check("q6.a")), Mark("torn", "q6", trouble="no zip"), fault]
    told = [one.trouble for one in _with_trouble(attempts, marks, [fault])]
    assert told == ["", "no zip", "", "empty"]


@pytest.mark.parametrize(("patience", "done"), [(1.0, {"a"}), (2.0, {"a"}), (3.0, set())])
def test_more_patience_has_graded_anew_whose_time_ran_out(tmp_path, patience, done):
    with Ledger(tmp_path) as ledger:
        late = {"checks": [{"status": "timed out"}]}
        ledger.write("a", "q1", Outcome(late, {"patience": 2.0}))
        plan = Agenda(units={"a": Unit("a", Task("q1", ("q1",)), Path("a"), "")})
        _forget_what_falls_short(plan, ledger, Request(Path("hw"), tmp_path, patience=patience))
        assert ledger.finished() == done
