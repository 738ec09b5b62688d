"""A policy file says what it means, and every slip in it is told with its place."""

from datetime import timedelta
from fractions import Fraction

import pytest

from classroom import policy_file
from classroom.policy import Policy
from grading.options import UsageError

WHOLE = policy_file.__doc__.partition("Example::")[2]


def read(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return policy_file.read(path)


def test_the_example_in_the_docstring_is_read(tmp_path):
    policy = read(tmp_path, WHOLE)
    assert policy.title == "Homework 5"
    assert policy.questions == ("q5", "q6.causal")
    assert policy.late.deadline.isoformat() == "2026-10-01T23:59:00+02:00"
    assert policy.late.per_day == Fraction(1, 10)
    assert (policy.late.grace_days, policy.late.most_days, policy.late.beyond) == (3, 7, "zero")
    assert policy.late.extensions == {"ada@example.org": timedelta(days=2)}
    assert policy.late.spent == {"bob@example.org": 1}
    assert (policy.attempts.limit, policy.attempts.counts) == (5, "best")
    assert policy.weights == {"q5": Fraction(2)}
    assert policy.points == {"q6": Fraction(10)}
    assert policy.out_of == 100
    assert policy.forbidden.share == Fraction(1, 2)
    assert policy.is_hidden("q6.causal")
    assert not policy.is_hidden("q6.values")


def test_an_empty_file_is_the_default_policy(tmp_path):
    assert read(tmp_path, "") == Policy()
    assert read(tmp_path, "\ufeff# nothing") == Policy()


DUE = "[late]\ndeadline = 2026-10-01T23:59:00Z\n"
SLIPS = [
    ("titel = 'x'", ["titel: unknown", "did you mean title?"]),
    (
        DUE + "grace_day = 3",
        ["late.grace_day: unknown", "did you mean grace_days?", "expected zone, deadline"],
    ),
    ("[weights]\nq55 = 2", ["weights.q55: unknown", "mean q5?"]),
    ("[weights]\nq5 = -1", ["weights.q5: expected a number from 0, got -1"]),
    ("[weights]\nq5 = nan", ["weights.q5: expected a number from 0, got nan"]),
    ("[weights]\nq5 = true", ["weights.q5: expected a number from 0, got True"]),
    ("[weights]\nq5 = 1\n[points]\nq5 = 2", ["points.q5: expected a weight or"]),
    ("questions = 'q5'", ["questions: expected a list of texts"]),
    ("questions = ['q6.casual']", ["did you mean q6.causal?", "got 'q6.casual'"]),
    ("out_of = 0", ["out_of: expected a number above 0, got 0"]),
    ("hidden = 'q6.causal'", ["hidden: expected a list of texts"]),
    ("hidden = ['q6.casual']", ["did you mean q6.causal?", "got 'q6.casual'"]),
    ("late = 3", ["late: expected a table, got 3"]),
    ("[late]\nper_day = 0.1", ["late.deadline: expected a date and time"]),
    ("[late]\ndeadline = 2026-10-01", ["late.deadline: expected a date and time"]),
    ("[late]\ndeadline = '2026-10-01'", ["date and time without quotes"]),
    (
        "[late]\ndeadline = 2026-10-01T23:59:00",
        ["late.deadline: expected an offset", "got 2026-10-01T23:59:00"],
    ),
    ("[late]\nzone = 'Europe/Wien'", ["late.zone: expected the name of a time"]),
    ("[late]\nzone = '../etc/passwd'", ["late.zone: expected the name of a time"]),
    ("[late]\nzone = 'Europe'", ["late.zone: expected the name of a time"]),
    (
        DUE + "per_day = 'ten'",
        ["late.per_day: expected a share such as 0.1", "got 'ten'"],
    ),
    (
        DUE + "per_day = '1/0 %'",
        ["late.per_day: expected a share"],
    ),
    (
        DUE + "per_day = '110 %'",
        ["late.per_day: expected a share"],
    ),
    (
        DUE + "[late.extensions]\nada = 'two'",
        ["late.extensions.ada: expected days such as 2", "got 'two'"],
    ),
    (
        DUE + "[late.extensions]\nada = 2026-09-01T00:00:00Z",
        ["late.extensions.ada: expected days such as 2", "or a later deadline"],
    ),
    ("[attempts]\nlimit = 0", ["attempts.limit: expected a whole number from 1"]),
    ("[attempts]\nlimit = 2.5", ["attempts.limit: expected a whole number from 1"]),
    ("[attempts]\ncounts = 'bset'", ["attempts.counts: expected best or last", "mean best?"]),
    ("[forbidden]\npolicy = 'deduct'", ["forbidden.share: expected a share"]),
    ("[forbidden]\nshare = 0.5", ["forbidden.share: expected", "got 0.5"]),
    ("[forbidden]\npolicy = ['zero']", ["forbidden.policy: expected report or"]),
    ("title = x\n", ["policy.toml is no TOML", "line 1"]),
]


@pytest.mark.parametrize(("text", "said"), [pytest.param(*slip, id=slip[1][0]) for slip in SLIPS])
def test_a_slip_is_named_with_its_place(tmp_path, text, said):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    for part in ["policy.toml", *said]:
        assert part in str(caught.value)


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        policy_file.read(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"title = '\xe9'")
    with pytest.raises(UsageError, match="not UTF-8"):
        policy_file.read(tmp_path / "latin.toml")


def test_a_persons_own_deadline_is_read_in_the_zone_of_the_class(tmp_path):
    text = "[late]\ndeadline = 2026-10-24T23:59:00\nzone = 'Europe/Vienna'\n[late.extensions]\n"
    policy = read(tmp_path, text + "ada = 2026-10-26T23:59:00\nbob = 0.5\n")
    assert policy.late.due("ada").isoformat() == "2026-10-26T23:59:00+01:00"
    assert policy.late.due("bob").isoformat() == "2026-10-25T11:59:00+01:00"
    assert policy.late.due("eve").isoformat() == "2026-10-24T23:59:00+02:00"


def test_a_key_whose_accents_stand_apart_is_the_same_key(tmp_path):
    text = "[late]\ndeadline = 2026-10-24T23:59:00Z\n[late.spent]\n'jose\u0301' = 1\n"
    assert read(tmp_path, text).late.spent == {"jos\u00e9": 1}


def test_the_checks_are_known_without_importing_them():
    from grading.questions import questions

    ids = [check.id for question in questions() for check in question.checks]
    assert sorted(policy_file.known_checks()) == sorted(ids)
    assert len(ids) > 100
