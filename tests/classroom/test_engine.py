"""The engine gets an outcome for every unit, once, whatever happens to workers and scheduler."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classroom import engine
from classroom.conditions import Conditions
from classroom.engine import Engine
from classroom.ledger import Ledger
from classroom.packing import pack
from classroom.progress import Progress
from classroom.units import Task, Unit, content_of
from grading.options import UsageError
from tests.classroom.scripted_cluster import Behaviour, Client, Future, report

Q1 = Task("q1", ("q1",), 20.0)


class KilledWorker(Exception):
    """Named as Dask's own, which says that a task's workers died again and again."""


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr(engine, "SECONDS_TO_LISTEN", 0.01)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "grades", 3) as opened:
        yield opened


def units(folder: Path, count: int) -> list[Unit]:
    made = []
    for number in range(count):
        path = folder / f"s{number}"
        path.mkdir()
        (path / "models.py").write_text(f"number = {number}\n")
        made.append(Unit(f"address{number}", Q1, path, content_of(path)))
    return made


def run(client: Client, ledger: Ledger, todo: list[Unit], **conditions: Any) -> Engine:
    made = Engine(client, ledger, Conditions(3, **conditions), Progress(todo))
    made.run(todo)
    return made


def passes(future: Future, _number: int) -> None:
    future.end("finished", report(future))


def then_passes(*first: Behaviour) -> Behaviour:
    """Behave like this for the first futures, and pass the rest."""

    def behave(future: Future, number: int) -> None:
        (first[number - 1] if number <= len(first) else passes)(future, number)

    return behave


def says(**told: Any) -> Behaviour:
    return lambda future, _: future.end("finished", json.dumps({"address": "w:1", **told}))


def vanishes(future: Future, _number: int) -> None:
    future.end("lost")


def hangs(future: Future, _number: int) -> None:
    """Nothing comes, ever."""


def test_every_unit_is_graded_and_few_are_under_way(tmp_path: Path, ledger: Ledger) -> None:
    waiting: list[Future] = []

    def behave(future: Future, number: int) -> None:
        waiting.append(future)
        if len(waiting) == 4 or number == 25:
            for one in waiting:
                one.end("finished", report(one))
            waiting.clear()

    client = Client(behave, {"w:1": 1, "w:2": 1})
    run(client, ledger, units(tmp_path, 25))
    assert ledger.finished() == {f"address{number}" for number in range(25)}
    assert client.most_under_way == 4
    assert len(client.submitted) == 25


def test_a_worker_is_told_all_that_its_mark_depends_on(tmp_path: Path, ledger: Ledger) -> None:
    client = Client(passes)
    run(client, ledger, units(tmp_path, 1), patience=2.0, required="kernel", supplies="abc")
    order = client.submitted[0].order
    assert b"number = 0" in order.pop("packed")
    assert len(order.pop("grader")) == 40
    assert order == {
        "asked": ["q1"],
        "seed": 3,
        "patience": 2.0,
        "isolation": None,
        "required": "kernel",
        "supplies": "abc",
    }


@pytest.mark.parametrize(
    "first",
    [
        pytest.param([vanishes], id="worker-lost"),
        pytest.param([vanishes] * 5, id="five-workers-lost"),
        pytest.param([lambda f, _: f.end("error", KilledWorker("killed"))] * 4, id="killed"),
        pytest.param([lambda f, _: f.end("error", RuntimeError("what"))] * 2, id="broken"),
        pytest.param([lambda f, _: f.end("finished", TypeError("a pickle"))], id="unreadable"),
        pytest.param([lambda f, _: f.end("finished", "[1]")], id="no-object"),
        pytest.param([says(fault="silent"), says(fault="silent")], id="examiner-failed-twice"),
        pytest.param(
            [lambda f, _: f.end("finished", report(f, "grader fault"))] * 2, id="fault-twice"
        ),
    ],
)
def test_what_goes_wrong_is_tried_again(
    tmp_path: Path, ledger: Ledger, first: list[Behaviour]
) -> None:
    client = Client(then_passes(*first))
    run(client, ledger, units(tmp_path, 3))
    assert len(ledger.finished()) == 3
    assert len(client.submitted) == 3 + len(first)


def test_an_examiner_that_always_fails_does_not_stop_the_rest(
    tmp_path: Path, ledger: Ledger
) -> None:
    def behave(future: Future, number: int) -> None:
        (says(fault="silent") if b"number = 1" in future.order["packed"] else passes)(
            future, number
        )

    made = run(Client(behave), ledger, units(tmp_path, 3))
    assert ledger.finished() == {"address0", "address2"}
    outcome = ledger.read("address1")
    assert outcome is not None
    assert (outcome.trouble, outcome.final) == ("silent", False)
    assert made.progress.failed == 1


def test_a_unit_whose_workers_always_vanish_does_not_stop_the_rest(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "MOST_LOSSES", 2)

    def behave(future: Future, number: int) -> None:
        (vanishes if b"number = 1" in future.order["packed"] else passes)(future, number)

    run(Client(behave), ledger, units(tmp_path, 3))
    assert ledger.finished() == {"address0", "address2"}


def test_a_worker_that_cannot_grade_is_left_alone(tmp_path: Path, ledger: Ledger) -> None:
    client = Client(then_passes(says(unfit="other sources")), {"w:1": 1, "w:2": 1})
    run(client, ledger, units(tmp_path, 4))
    assert len(ledger.finished()) == 4
    assert client.sent_to[-1] == ["w:2"]


def test_where_no_worker_can_grade_the_run_says_why(tmp_path: Path, ledger: Ledger) -> None:
    client = Client(says(unfit="other sources"))
    with pytest.raises(UsageError, match="no worker can grade: other sources"):
        run(client, ledger, units(tmp_path, 2))
    assert ledger.finished() == set()


def test_a_cluster_without_our_code_is_told_of_at_once(tmp_path: Path, ledger: Ledger) -> None:
    def fails(future: Future, _number: int) -> None:
        future.end("error", ModuleNotFoundError("No module named 'classroom'"))

    client = Client(fails)
    with pytest.raises(UsageError, match="No module named 'classroom'; start its scheduler"):
        run(client, ledger, units(tmp_path, 50))
    assert len(client.submitted) < 10


def test_one_submission_that_breaks_our_code_does_not_stop_the_rest(
    tmp_path: Path, ledger: Ledger
) -> None:
    def behave(future: Future, number: int) -> None:
        if b"number = 0" in future.order["packed"] or number % 2:
            passes(future, number)
        else:
            future.end("error", RuntimeError("what"))

    run(Client(behave), ledger, units(tmp_path, 30))
    assert len(ledger.finished()) > 20


def test_a_task_that_hangs_goes_to_another_and_the_first_answer_counts(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SECONDS_FOR_OVERHEAD", -1e9)
    late: list[Future] = []

    def first(future: Future, _number: int) -> None:
        late.append(future)

    def second(future: Future, _number: int) -> None:
        future.end("finished", report(future, worker="second"))

    made = run(Client(then_passes(first, second)), ledger, units(tmp_path, 1))
    late[0].end("finished", report(late[0], worker="first"))
    made._hear()
    outcome = ledger.read("address0")
    assert outcome is not None
    assert outcome.worker == "second"


def test_only_one_more_copy_of_a_task_is_sent(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SECONDS_FOR_OVERHEAD", -1e9)
    client = Client(hangs)
    made = Engine(client, ledger, Conditions(3), Progress([]))
    made.pending.extend(units(tmp_path, 1))
    for _ in range(5):
        made._look_around()
        made._send()
        made._hear()
    assert len(client.submitted) == 2


def test_what_cannot_be_opened_is_recorded_and_sent_to_nobody(
    tmp_path: Path, ledger: Ledger
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("")
    todo = [
        Unit("address0", Q1, tmp_path / "notes", content_of(tmp_path / "notes")),
        units(tmp_path, 2)[1],
    ]
    client = Client(passes)
    run(client, ledger, todo)
    outcome = ledger.read("address0")
    assert outcome is not None
    assert outcome.final
    assert "holds none of" in outcome.trouble
    assert len(client.submitted) == 1


def test_a_submission_that_our_code_stumbles_over_does_not_stop_the_rest(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(path: Path) -> bytes:
        if path.name == "s1":
            raise MemoryError("for once")
        return pack(path)

    monkeypatch.setattr(engine, "pack", stumbles)
    run(Client(passes), ledger, units(tmp_path, 3))
    assert ledger.finished() == {"address0", "address2"}
    outcome = ledger.read("address1")
    assert outcome is not None
    assert outcome.trouble == "MemoryError('for once')"


def test_what_changes_while_the_class_is_graded_is_left_to_the_next_run(
    tmp_path: Path, ledger: Ledger
) -> None:
    todo = units(tmp_path, 3)
    (todo[0].path / "models.py").unlink()
    todo[0].path.rmdir()
    (todo[1].path / "models.py").write_text("number = 7\n")
    run(Client(passes), ledger, todo)
    assert ledger.finished() == {"address2"}
    troubles = [getattr(ledger.read(f"address{number}"), "trouble", None) for number in (0, 1)]
    assert "removed" in str(troubles[0])
    assert "changed" in str(troubles[1])


def test_an_interruption_cancels_what_is_under_way(tmp_path: Path, ledger: Ledger) -> None:
    def interrupted(future: Future, number: int) -> None:
        if number == 2:
            raise KeyboardInterrupt

    client = Client(interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(client, ledger, units(tmp_path, 5))
    assert len(client.cancelled) >= 1
