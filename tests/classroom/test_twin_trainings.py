"""A training that few share is evidence; one that the exercise makes equal is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classroom.records import Mark
from classroom.twin_trainings import twin_answers, twin_curves

CURVE = [[float(at), value] for at, value in enumerate([0.1, 0.4, 0.6, 0.7, 0.72, 0.8, 0.81])]
OTHER_CURVE = [[at, value + 0.01] for at, value in CURVE]


def trained(who: str, curve: list[list[float]], seed: int = 7) -> Mark:
    check = {"id": "q3.learns", "curve": curve}
    return Mark(who, "q3", {"checks": [check]}, {"seed": seed})


def twins_of(*marks: Mark) -> list[tuple[tuple[str, ...], str]]:
    owner = {mark.handed_in: mark.handed_in for mark in marks}
    return [(twins.people, twins.said) for twins in twin_curves(marks, owner)]


def test_two_who_trained_alike_where_others_did_not_are_named() -> None:
    ((people, said),) = twins_of(
        trained("ada", CURVE), trained("bo", CURVE), trained("eve", OTHER_CURVE)
    )
    assert people == ("ada", "bo")
    assert "all 7 measurements" in said
    assert "with the same seed" in said
    assert "1 others differ" in said


def test_equal_curves_from_different_seeds_did_not_depend_on_the_draw() -> None:
    ((_, said),) = twins_of(
        trained("ada", CURVE, 1), trained("bo", CURVE, 2), trained("eve", OTHER_CURVE, 3)
    )
    assert "does not depend on the draw" in said


def test_only_the_beginning_may_be_the_same() -> None:
    longer = [*CURVE[:6], [6.0, 0.9], [7.0, 0.95]]
    ((_, said),) = twins_of(
        trained("ada", CURVE), trained("bo", longer), trained("eve", OTHER_CURVE)
    )
    assert "the first 6 measurements" in said


@pytest.mark.parametrize(
    "curves",
    [
        pytest.param([CURVE, CURVE], id="everybody-is-alike"),
        pytest.param([CURVE] * 5 + [OTHER_CURVE], id="many-are-alike"),
        pytest.param([CURVE[:4], CURVE[:4], OTHER_CURVE], id="too-short"),
        pytest.param([[[float(at), 1.0] for at in range(9)]] * 2 + [CURVE], id="always-100-%"),
        pytest.param([[], [], CURVE], id="no-curve"),
    ],
)
def test_what_the_exercise_may_make_equal_is_not_evidence(curves: list[list[list[float]]]) -> None:
    marks = [trained(f"s{number}", curve) for number, curve in enumerate(curves)]
    assert not twins_of(*marks)


def test_the_same_translations_are_named(tmp_path: Path) -> None:
    def answers(who: str, word: str) -> Path:
        file = tmp_path / who / "outputs" / "test_outputs.txt"
        file.parent.mkdir(parents=True)
        file.write_text("".join(f"{word} {number}\n" for number in range(30)))
        return tmp_path / who

    folders = {"ada": answers("ada", "a"), "bo": answers("bo", "a"), "eve": answers("eve", "b")}
    (twins,) = twin_answers(folders)
    assert twins.people == ("ada", "bo")
    shutil.rmtree(folders["bo"])
    assert not twin_answers(folders)
