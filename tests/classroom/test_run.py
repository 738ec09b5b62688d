"""A submission that cannot be opened is told from a grader that failed."""

from classroom.records import Mark
from classroom.run import _with_trouble
from tests.classroom.synthetic import check, handed, marked


def test_what_nobody_could_open_has_that_trouble_and_a_fault_of_the_grader_is_none():
    attempts = [handed("good"), handed("torn"), handed("fault"), handed("empty", trouble="empty")]
    fault = Mark("fault", "q6", trouble="the examiner has been silent")
    marks = [*marked("good", check("q6.a")), Mark("torn", "q6", trouble="no zip"), fault]
    told = [one.trouble for one in _with_trouble(attempts, marks, [fault])]
    assert told == ["", "no zip", "", "empty"]
