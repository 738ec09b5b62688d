"""What a student sees on the site: points under the policy, no hidden check, and what changed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from fractions import Fraction

import pytest

from classroom.gradescope_metadata import Metadata, Previous
from classroom.gradescope_results import Terms, beginning, results
from classroom.lateness import Late
from classroom.policy import Attempts, Policy
from grading.results import Status
from grading.schedule import _blocked
from handout.rehearsal import faults
from tests.grading.report.reports import end, ended, pending

DUE = datetime(2026, 10, 1, 23, 0, tzinfo=timezone.utc)
NOW = DUE + timedelta(days=1, hours=1)  # two begun days late
LATE = Late(DUE, per_day=Fraction(1, 10))


def terms(policy: Policy = Policy(), *previous: Previous, at: datetime = NOW) -> Terms:  # noqa: B008
    return Terms(policy, Metadata(("ada@x.example", "s1"), "Ada", at, DUE, previous))


def before(score: float, passed: str = "", failed: str = "", days: int = 3) -> Previous:
    return Previous(
        NOW - timedelta(days=days), score, frozenset(passed.split()), frozenset(failed.split())
    )


def valid(written: object) -> list[str]:
    return list(faults(json.dumps(written).encode()))


def test_before_during_and_after_the_run_the_results_are_valid() -> None:
    assert not valid(beginning("Grading has begun."))
    assert not valid(results(pending(), terms()))
    assert not valid(results(ended(q6_causal=Status.FAILED), terms(Policy(late=LATE))))


def test_every_check_is_a_test_with_number_tags_and_a_visibility() -> None:
    written = results(ended(q6_causal=Status.FAILED), terms())
    causal = written["tests"][3]
    assert causal["number"] == "q6.causal"
    assert causal["tags"] == ["failed", "q6"]
    assert causal["visibility"] == "visible"
    assert (written["score"], written["max_score"]) == (6, 7)
    assert {"name": "points", "value": 6} in written["leaderboard"]
    assert written["stdout_visibility"] == "hidden"


def test_an_unfinished_run_says_how_far_it_is() -> None:
    written = results(pending(), terms())
    assert "0 checks of 6 have been graded so far" in written["output"]
    assert written["score"] == 0


def test_without_a_policy_lateness_is_told_and_costs_nothing() -> None:
    written = results(ended(), terms())
    assert written["score"] == 7
    assert "Handed in 2 days late; nothing is taken here for it." in written["output"]
    assert "late" not in results(ended(), terms(at=DUE))["output"]


def test_a_policy_takes_what_lateness_costs_and_says_so() -> None:
    written = results(ended(), terms(Policy(late=LATE)))
    assert written["score"] == 5.6
    assert "Handed in 2 days late: this keeps 80 % of its points." in written["output"]
    assert "Total: 5.6/7" in written["output"]


def test_an_extension_is_found_by_any_key_that_the_site_tells() -> None:
    late = Late(DUE, per_day=Fraction(1, 10), extensions={"s1": timedelta(days=2)})
    written = results(ended(), terms(Policy(late=late)))
    assert written["score"] == 7
    assert "with an extension of 2 days" in written["output"]


def test_weights_and_a_scale_are_applied() -> None:
    policy = Policy(weights={"q6": Fraction(2)}, out_of=Fraction(100))
    written = results(ended(q6_causal=Status.FAILED), terms(policy))
    assert written["max_score"] == 100
    assert written["score"] == pytest.approx(77.78)  # (5 + 2 * 1) of (5 + 2 * 2)


def test_a_hidden_check_counts_and_is_shown_nowhere() -> None:
    policy = Policy(hidden=("q6.causal",))
    written = results(ended(q6_causal=Status.FAILED), terms(policy, before(7, passed="q6.causal")))
    states = {test["number"]: test["visibility"] for test in written["tests"]}
    assert states["q6.causal"] == "hidden"
    assert set(states.values()) == {"hidden", "visible"}
    assert written["score"] == 6
    for told in ("q6.causal", "Question q6", "Total", "6/7"):
        assert told not in written["output"]
    assert not written["leaderboard"]


def test_a_check_that_stands_on_a_hidden_one_does_not_give_it_away() -> None:
    report = ended(q6_values=Status.FAILED)
    rung, stands = report.checks[2:4]
    report.record(_blocked(stands, rung))  # type: ignore[arg-type]  # it has what a claim has
    assert "q6.values to pass" in results(report, terms())["tests"][3]["output"]
    told = results(report, terms(Policy(hidden=("q6.values",))))["tests"][3]["output"]
    assert "one that is not shown to pass first" in told
    assert "q6.values" not in told


def test_an_attempt_that_does_not_count_gives_no_hidden_check_away() -> None:
    for attempts in (Attempts(counts="best"), Attempts(limit=1, counts="best")):
        policy = Policy(hidden=("q6.causal",), attempts=attempts)
        written = results(ended(q6_causal=Status.FAILED), terms(policy, before(6.5)))
        assert written["score"] == 6.5
        assert "6" not in written["output"].replace("q6", "").partition("replay")[0]
        assert "6.5" not in written["output"]


def test_what_has_changed_since_the_last_attempt_is_told() -> None:
    last = before(5, passed="q3.shapes q6.values", failed="q6.causal q3.learns")
    report = ended(q6_values=Status.FAILED)
    output = results(report, terms(Policy(), before(1, days=9), last))["output"]
    assert "Since attempt 2 (3 days ago): Now passed: q3.learns, q6.causal." in output
    assert "No longer passed: q6.values." in output
    same = before(7, passed="q3.shapes")
    assert "the same checks pass" in results(ended(), terms(Policy(), same))["output"]
    assert "Since attempt" not in results(ended(), terms())["output"]


def test_what_has_not_been_graded_yet_is_no_change() -> None:
    output = results(pending(), terms(Policy(), before(7, passed="q6.values")))["output"]
    assert "No longer" not in output


def test_the_best_attempt_stands() -> None:
    policy = Policy(attempts=Attempts(counts="best"))
    written = results(ended(q6_causal=Status.FAILED), terms(policy, before(6.5), before(2)))
    assert written["score"] == 6.5
    assert "This attempt earns 6; the best one counts, which earned 6.5." in written["output"]
    assert results(ended(), terms(policy, before(6.5)))["score"] == 7


@pytest.mark.parametrize(
    ("counts", "score"), [pytest.param("last", 2, id="last"), pytest.param("best", 5, id="best")]
)
def test_an_attempt_beyond_the_limit_does_not_count(counts: str, score: float) -> None:
    policy = Policy(attempts=Attempts(limit=2, counts=counts))
    written = results(ended(), terms(policy, before(5, days=9), before(2, days=8), before(4)))
    assert written["score"] == score
    assert "Only the first 2 attempts count; this is number 4" in written["output"]


def test_what_the_student_printed_is_not_in_it() -> None:
    report = ended()
    end(report, "q6.causal", Status.FAILED, output="the secret of life")
    assert "secret" not in json.dumps(results(report, terms()))
