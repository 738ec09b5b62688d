"""Each level that this machine offers denies what no check may do, and allows what checks need."""

from __future__ import annotations

import pytest

from grading.isolation.ladder import Level
from grading.results import Status
from tests.grading.isolation.conftest import Confined
from tests.grading.isolation.submission import ALLOWED, FORBIDDEN


@pytest.mark.parametrize("what", [pytest.param(name, id=name) for name in ALLOWED])
def test_every_level_allows(what: str, told: dict[str, str]) -> None:
    assert told[what] == "done"


@pytest.mark.parametrize("what", [pytest.param(name, id=name) for name in FORBIDDEN])
def test_the_upper_levels_deny(what: str, told: dict[str, str], confined: Confined) -> None:
    assert confined.level is Level.PROCESS or told[what] != "done"


def test_no_right_is_left_that_could_do_harm(told: dict[str, str], confined: Confined) -> None:
    """At most one: to read what Landlock lets through."""
    assert confined.level is Level.PROCESS or int(told["capabilities"], 16) in (0, 1 << 2)


def test_a_worker_becomes_somebody_else_where_root_started_it(
    told: dict[str, str], confined: Confined
) -> None:
    if confined.launcher.free_users is not None:
        assert int(told["user"]) > 60_000


def test_the_reference_passes(confined: Confined) -> None:
    assert confined.run("", "q6.values").status is Status.PASSED


def test_a_worker_that_is_killed_is_known_by_its_signal(confined: Confined) -> None:
    result = confined.run("import os; os.kill(os.getpid(), 11)")
    assert "signal 11" in result.feedback.got


def test_an_endless_loop_is_cut_and_its_line_named(confined: Confined) -> None:
    result = confined.run("while True: pass", patience=0.03)
    assert result.status is Status.TIMED_OUT
    assert result.feedback.where.startswith("models/attention.py:")
