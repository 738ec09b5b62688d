"""Regions, checks and the homework's text agree about ids and points."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from grading.questions import HOMEWORKS, Question, questions
from grading.shipping import names_used
from handout.matching import all_regions, mismatches, owner

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {name: (ROOT / f"courses/{name}/HOMEWORK.md").read_text("utf-8") for name in HOMEWORKS}
EACH = pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in HOMEWORKS])
CHECKS = [check for question in questions() for check in question.checks]


def test_every_region_has_a_check_and_every_check_a_region() -> None:
    assert not mismatches(ROOT)


def test_a_region_without_a_check_is_named() -> None:
    left = [check for check in CHECKS if check.question != "q5"]
    found = mismatches(ROOT, left)
    assert found
    assert all("no check of q5" in each for each in found)


def test_a_check_without_a_region_is_named() -> None:
    strange = replace(CHECKS[0], id="q99.strange")
    assert mismatches(ROOT, [*CHECKS, strange]) == [
        "q99.strange uses nothing in which q99 has a region"
    ]


def test_a_region_belongs_to_the_class_or_function_around_it() -> None:
    owners = {region.id: owner(ROOT, region) for region in all_regions(ROOT)}
    assert owners["q6.scores"] == ("models", "AttentionBlock")
    assert owners["q5.convolve"] == ("models", "Convolve")
    assert owners["q2.training"] == ("train", "train_regression")


def test_a_function_that_serves_others_is_checked_through_them() -> None:
    owners = {region.id: owner(ROOT, region) for region in all_regions(ROOT)}
    assert owners["q10.loss"] == ("train_lm", "next_token_loss")
    through = {("rnn", "train"), ("rnn", "validate")}
    left = [check for check in CHECKS if not names_used(check) & through]
    assert any("where q10.loss lies" in each for each in mismatches(ROOT, left))


def of(name: str) -> list[Question]:
    """The questions of a homework."""
    return [question for question in questions() if question.id in HOMEWORKS[name]]


@EACH
def test_the_text_names_every_check_with_its_points(name: str) -> None:
    rows = re.findall(r"^\| `(q\d+\.\w+)` \| (\d+) \| \S", TEXTS[name], re.MULTILINE)
    assert [(key, int(points)) for key, points in rows] == [
        (check.id, check.points) for question in of(name) for check in question.checks
    ]


@EACH
def test_the_text_names_every_question_with_its_points(name: str) -> None:
    text = TEXTS[name]
    table = re.findall(r"^\| (q\d+) \| [^|]+ \| (\d+)", text, re.MULTILINE)
    assert [(key, int(points)) for key, points in table] == [
        (question.id, question.points) for question in of(name)
    ]
    for question in of(name):
        points = f"({question.points} points)" if question.points else "(for fun)"
        assert re.search(rf"^## {question.id}: .+ {re.escape(points)}$", text, re.MULTILINE)
    assert f"Together {sum(question.points for question in of(name))} points" in text


@EACH
def test_the_text_names_nothing_that_does_not_exist(name: str) -> None:
    known = {check.id for check in CHECKS} | {region.id for region in all_regions(ROOT)}
    assert set(re.findall(r"\bq\d+\.[a-z_]+", TEXTS[name])) <= known
    for file in re.findall(r"`([\w/]+(?:\.py|\.sh|/))`", TEXTS[name]):
        flat = ROOT / "courses" / name / file
        assert file == "runs/" or (ROOT / file).exists() or flat.exists(), file


def test_the_text_has_sources_and_formulas() -> None:
    assert TEXTS["machine_learning"].count("$$") >= 14
    assert TEXTS["machine_learning"].count("Hints.") == 6
    assert "## Sources" in TEXTS["machine_learning"]
