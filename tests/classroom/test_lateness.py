"""Late days are counted from a person's own deadline, and cost what the policy says."""

from datetime import datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from classroom.lateness import Late, days_between
from tests.classroom.synthetic import DUE

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("after", "days"),
    [
        pytest.param(timedelta(days=-3), 0, id="early"),
        pytest.param(timedelta(), 0, id="to-the-second"),
        pytest.param(SECOND, 1, id="a-second"),
        pytest.param(timedelta(days=1), 1, id="a-day"),
        pytest.param(timedelta(days=1) + SECOND, 2, id="a-day-and-a-second"),
        pytest.param(timedelta(days=400), 400, id="a-year"),
    ],
)
def test_a_late_day_counts_from_its_first_second(after, days):
    assert days_between(DUE, DUE + after) == days


def test_a_day_ends_at_the_deadlines_time_of_day_also_where_clocks_change():
    vienna = ZoneInfo("Europe/Vienna")
    due = datetime(2026, 10, 24, 23, 59, tzinfo=vienna)  # the next day has 25 hours
    utc = timezone.utc
    assert days_between(due, datetime(2026, 10, 25, 23, 59, tzinfo=vienna).astimezone(utc)) == 1
    assert days_between(due, datetime(2026, 10, 26, 0, 0, tzinfo=vienna).astimezone(utc)) == 2
    twice = datetime(2026, 10, 25, 2, 30, tzinfo=vienna)  # there are two of these
    assert days_between(twice, twice.replace(fold=1)) == 1


@pytest.mark.parametrize(
    ("late", "days", "grace", "kept"),
    [
        pytest.param(Late(DUE, Fraction(1, 10)), 3, 0, Fraction(7, 10), id="a-tenth-a-day"),
        pytest.param(Late(DUE, Fraction(1, 10), 2), 3, 2, Fraction(9, 10), id="grace-comes-first"),
        pytest.param(Late(DUE, Fraction(1, 10), 5), 3, 3, Fraction(1), id="grace-is-enough"),
        pytest.param(
            Late(DUE, Fraction(1, 10), 2, spent={"ada": 1}), 3, 1, Fraction(8, 10), id="spent"
        ),
        pytest.param(
            Late(DUE, Fraction(1, 10), 2, spent={"ada": 9}), 3, 0, Fraction(7, 10), id="overdrawn"
        ),
        pytest.param(Late(DUE, Fraction(1, 2)), 5, 0, Fraction(0), id="never-below-nothing"),
        pytest.param(Late(DUE, Fraction(1, 10), 9, most_days=2), 3, 0, Fraction(0), id="too-late"),
        pytest.param(Late(DUE, Fraction(1, 10), most_days=3), 3, 0, Fraction(7, 10), id="just"),
        pytest.param(
            Late(DUE, Fraction(1, 10), most_days=2, beyond="cap"), 9, 0, Fraction(8, 10), id="cap"
        ),
        pytest.param(
            Late(DUE, Fraction(1, 10), 1, most_days=3, beyond="cap"),
            *(9, 1, Fraction(8, 10)),
            id="cap-counts-grace-days-too",
        ),
        pytest.param(
            Late(DUE, Fraction(1, 10), 5, most_days=3, beyond="cap"),
            *(9, 5, Fraction(1)),
            id="cap-within-grace",
        ),
    ],
)
def test_what_late_days_cost(late, days, grace, kept):
    lateness = late.judge("ada", DUE + timedelta(days=days))
    assert (lateness.days, lateness.grace, lateness.kept) == (days, grace, kept)


def test_an_extension_moves_the_deadline_of_one_person():
    late = Late(DUE, Fraction(1, 10), extensions={"ada": timedelta(days=2)})
    assert late.judge("ada", DUE + timedelta(days=3)).days == 1
    assert late.judge("bob", DUE + timedelta(days=3)).days == 3


def test_an_unknown_time_is_no_fault_of_the_students():
    lateness = Late(DUE, Fraction(1)).judge("ada", None)
    assert (lateness.days, lateness.kept) == (0, 1)
    assert "nothing says when" in lateness.remark
    assert Late().judge("ada", None).remark == ""
