"""From afar a class is counted right: points, failures, mistakes, time."""

from fractions import Fraction

import pytest

from classroom.gradebook import write
from classroom.policy import Policy
from classroom.report.summary import spread, summarise
from grading.results import Status
from tests.classroom.synthetic import FAILED, check, handed, marked, mistaken, people


@pytest.mark.parametrize(
    ("points", "earned", "bars"),
    [
        pytest.param(3, [0, 3, 3, 1], [("0", 1), ("1", 1), ("2", 0), ("3", 2)], id="a-bar-a-point"),
        pytest.param(0, [0, 0], [("0", 2)], id="nothing-to-earn"),
        pytest.param(2, [], [("0", 0), ("1", 0), ("2", 0)], id="nobody"),
    ],
)
def test_few_whole_points_get_a_bar_each(points, earned, bars):
    found = spread("q1", "", Fraction(points), [Fraction(each) for each in earned])
    assert [(bar.label, bar.count) for bar in found.bars] == bars
    assert found.edges == []


def test_many_or_broken_points_get_ten_bars_with_full_marks_in_the_last():
    earned = [Fraction(0), Fraction(1, 2), Fraction(20), Fraction(199, 10), Fraction(2)]
    found = spread("q1", "", Fraction(20), earned)
    assert [bar.count for bar in found.bars] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert found.edges == ["0", "4", "8", "12", "16", "20"]
    assert (found.mean, found.median, found.full) == ("8.48", "2", 1)
    assert "2 with 0–2, 1 with 2–4, 2 with 18–20" in found.in_words  # noqa: RUF001


def test_failures_are_counted_with_their_mistakes(tmp_path):
    attempts = [handed(key) for key in "abcd"] + [handed("e", trouble="torn")]
    marks = [
        *marked("a", check("q1.x"), check("q1.y", 1, FAILED, feedback=mistaken())),
        *marked("b", check("q1.x"), check("q1.y", 1, FAILED, feedback=mistaken())),
        *marked("c", check("q1.x", 1, Status.CRASHED), check("q1.y", 1, Status.SKIPPED)),
        *marked("d", check("q1.x"), check("q1.y"), isolation="kernel"),
    ]
    book = write(tmp_path, people(*"abcdef"), attempts, marks, Policy())
    found = summarise(book.rows, book.worth, ["q1.y"])
    first, second = found.tallies
    assert (first.id, first.failures, first.people, first.in_words) == (
        "q1.y",
        2,
        4,
        "failed 2, skipped 1",
    )
    assert first.mistakes == {mistaken().mistake: 2}
    assert (first.hidden, second.hidden) == (True, False)
    assert (second.id, second.failures, second.in_words) == ("q1.x", 1, "crashed 1")
    assert found.states == {
        "graded": 4,
        "nothing handed in": 1,
        "could not be opened": 1,
        "not all graded": 0,
        "needs a look": 0,
    }
    assert found.conditions["isolation"] == {"namespace": 3, "kernel": 1}
    assert found.conditions["device"] == {"cpu": 4}
    assert found.conditions["python"] == {"3.11": 4}
    assert [(it.name, it.people, it.full) for it in found.spreads] == [
        ("total", 4, 1),
        ("q1", 4, 1),
    ]


def test_time_is_that_of_a_questions_checks_together(tmp_path):
    marks = [
        *marked("a", check("q1.x", seconds=1.0), check("q1.y", seconds=2.5)),
        *marked("b", check("q1.x", seconds=9.0), check("q1.y", seconds=1.0)),
    ]
    book = write(tmp_path, [], [handed("a"), handed("b")], marks, Policy())
    (effort,) = summarise(book.rows, book.worth, []).efforts
    assert (effort.median, effort.longest, effort.whole) == (6.75, 10.0, 13.5)
