from __future__ import annotations

from dataclasses import replace

from grading.claims import Check, Claim
from grading.results import CheckResult, Status
from grading.schedule import Schedule


def claim(id: str, *after: str, trains: bool = False) -> Claim:  # noqa: A002
    return Claim(id, f"{id} holds.", 1, after, 100.0, trains, Check)


LADDER = [claim("a"), claim("b", "a"), claim("c", "b"), claim("d", "a"), claim("e")]


def result(id: str, status: Status) -> CheckResult:  # noqa: A002
    return replace(CheckResult(id, "", 1), status=status)


def test_a_check_waits_for_its_rung() -> None:
    schedule = Schedule(LADDER)
    assert {schedule.next().id, schedule.next().id} == {"a", "e"}  # type: ignore[union-attr]
    assert schedule.next() is None
    schedule.note(result("a", Status.PASSED))
    assert {schedule.next().id, schedule.next().id} == {"b", "d"}  # type: ignore[union-attr]


def test_what_stands_on_a_broken_rung_is_skipped_all_the_way_up() -> None:
    schedule = Schedule(LADDER)
    schedule.next()
    fallen = schedule.note(result("a", Status.FAILED))
    assert {each.id: each.status for each in fallen} == dict.fromkeys("bcd", Status.SKIPPED)
    assert list(schedule.waiting) == ["e"]


def test_what_stands_on_an_unwritten_rung_is_not_started() -> None:
    fallen = Schedule(LADDER).note(result("a", Status.NOT_STARTED))
    assert {each.status for each in fallen} == {Status.NOT_STARTED}


def test_our_own_fault_blocks_nobody() -> None:
    schedule = Schedule(LADDER)
    schedule.next()
    assert schedule.note(result("a", Status.GRADER_FAULT)) == []


def test_the_way_to_a_training_check_comes_first() -> None:
    schedule = Schedule([claim("cheap"), claim("rung"), claim("long", "rung", trains=True)])
    assert schedule.next().id == "rung"  # type: ignore[union-attr]


def test_a_rung_that_was_not_asked_for_counts_as_passed() -> None:
    assert Schedule([claim("c", "b")]).next().id == "c"  # type: ignore[union-attr]


def test_one_at_a_time_what_trains_comes_last() -> None:
    ladder = [claim("long", trains=True), claim("cheap"), claim("rung", "cheap")]
    schedule = Schedule(ladder, jobs=1)
    order = []
    while (following := schedule.next()) is not None:
        order.append(following.id)
        schedule.note(result(following.id, Status.PASSED))
    assert order == ["cheap", "rung", "long"]
