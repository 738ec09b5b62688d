"""A synthetic class: the same from the same seed, and worth what its list says."""

from __future__ import annotations

import csv
import hashlib
import random
import zipfile
from collections.abc import Iterator
from copy import copy
from functools import lru_cache
from pathlib import Path

import pytest

from classroom import policy_file
from grading.audience import Audience
from grading.examiner import grade
from grading.lending import WarmWorkers
from grading.options import Options, UsageError
from grading.questions import questions, select
from handout import __main__ as handout
from handout.simulate import DUE, SHARES, SimulationError, simulate
from handout.synthetic_work import FIRST_MET, NEEDED_BY, Desk, Work, fallen
from tests.mutants import all_mutants

ROOT = Path(__file__).resolve().parents[2]
ASKED = ("q1", "q5", "q6")
SLOW_KINDS = 10


@lru_cache
def desk(*asked: str) -> Desk:
    return Desk(ROOT, select(asked or ASKED)[0], random.Random(0))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_policy_names_the_questions_and_the_deadline(tmp_path: Path) -> None:
    simulate(ROOT, tmp_path / "a", 3, asked=("q5.values", "q6"))
    policy = policy_file.read(tmp_path / "a" / "policy.toml")
    assert policy.questions == ("q5.values", "q6")
    assert policy.late.deadline == DUE
    assert policy.late.per_day == 0


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classes")
    simulate(ROOT, folder / "a", 24, seed=3)
    return folder


def test_the_same_seed_makes_the_same_bytes_and_another_does_not(classes: Path) -> None:
    simulate(ROOT, classes / "again", 24, seed=3)
    simulate(ROOT, classes / "other", 24, seed=4)
    assert sums(classes / "again") == sums(classes / "a")
    assert sums(classes / "other") != sums(classes / "a")


def test_every_kind_is_there_once_the_class_is_large_enough(classes: Path) -> None:
    assert {row["kind"] for row in rows(classes / "a" / "expected.csv")} == set(SHARES)


def test_the_lists_name_what_is_there_and_nothing_else(classes: Path) -> None:
    folder = classes / "a"
    entries = {path.name for path in folder.iterdir()} - {
        *("policy.toml", "roster.csv", "handed_in.csv", "expected.csv"),
    }
    expected = rows(folder / "expected.csv")
    assert len(expected) == 24
    assert {row["submission"] for row in expected} == entries
    assert {row["submission"] for row in rows(folder / "handed_in.csv")} == entries
    people = {row["key"] for row in rows(folder / "roster.csv")}
    assert len(people - {row["person"] for row in expected}) == 1
    assert {row["person"] for row in expected} < people


def test_no_two_submissions_have_the_same_bytes(classes: Path) -> None:
    folder = classes / "a"
    held = [
        frozenset(sums(folder / row["submission"]).values())
        if (folder / row["submission"]).is_dir()
        else hashlib.sha256((folder / row["submission"]).read_bytes()).hexdigest()
        for row in rows(folder / "expected.csv")
    ]
    assert len(set(held)) == len(held)


def test_marks_lie_between_nothing_and_everything(classes: Path) -> None:
    most = {question.id: question.points for question in questions()}
    for row in rows(classes / "a" / "expected.csv"):
        assert all(0 <= int(row[name]) <= most[name] for name in ASKED)
        assert int(row["total"]) == sum(int(row[name]) for name in ASKED)
        if row["kind"] in ("good", "one folder too deep"):
            assert int(row["total"]) == sum(most[name] for name in ASKED)
        if row["kind"] in ("stub", "refused", "cheat"):
            assert int(row["total"]) == 0
        assert (int(row["days_late"]) > 0) >= (row["kind"] == "late")


def test_the_export_layout_says_whose_each_folder_is(tmp_path: Path) -> None:
    simulate(ROOT, tmp_path / "x", 12, seed=1, layout="gradescope")
    text = (tmp_path / "x" / "submission_metadata.yml").read_text(encoding="utf-8")
    expected = rows(tmp_path / "x" / "expected.csv")
    assert all(f'    :sid: "{row["person"]}"' in text for row in expected)
    assert all((tmp_path / "x" / row["submission"]).is_dir() for row in expected)
    assert len({row["person"] for row in expected}) == 12


def test_what_stands_on_a_broken_check_falls_with_it() -> None:
    (question,) = select(("q1",))[0]
    everything = {check.id for check in question.checks}
    assert fallen(question.checks, ["q1.weights"]) == everything
    assert fallen(question.checks, ["q1.score"]) == {"q1.score", "q1.prediction"}
    assert fallen(question.checks, ["q1.learns"]) == {"q1.learns"}


def test_the_table_of_regions_names_what_there_is() -> None:
    checks = {check.id for question in questions() for check in question.checks}
    regions = desk().regions
    assert set(NEEDED_BY) <= set(regions)
    assert {check for needed in NEEDED_BY.values() for check in needed} <= checks
    tabled = {name.partition(".")[0] for name in NEEDED_BY}
    assert {r.id for r in regions.values() if r.question in tabled} == set(NEEDED_BY)
    assert set(FIRST_MET.values()) <= set(NEEDED_BY)


def test_a_mutant_whose_training_nobody_has_tried_is_not_drawn() -> None:
    names = {(mutant.question, mutant.name) for mutant in desk().mutants}
    assert ("q1", "stops after one pass") in names  # its table names q1.learns
    assert ("q1", "the weights are a plain tensor") in names  # nothing is tried after it
    assert ("q1", "a learning rate of two") not in names
    assert all(question in ASKED for question, _ in names)


def test_a_mutant_whose_broken_rung_does_not_count_is_not_drawn() -> None:
    every = {mutant.name for mutant in all_mutants() if mutant.question == "q5"}
    chosen = {mutant.name for mutant in desk("q5.values").mutants}
    assert "the kernel is flipped" in chosen
    assert "the output is transposed" in every - chosen  # q5.values would be asked all the same


def test_a_question_without_a_table_is_left_out_as_a_whole() -> None:
    work = desk("q8").partial()
    assert not work.passes
    assert work.about.count("q8.") > 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["0", "x"], 2, "N is '0'", id="nobody"),
        pytest.param(["5", "x", "--seed", "-1"], 2, "--seed", id="negative-seed"),
        pytest.param(["5", "x", "--questions", "q99"], 2, "no question q99", id="unknown"),
        pytest.param(["5", "x", "--layout", "moodle"], 2, "--layout", id="layout"),
        pytest.param(["5", "."], 1, "is there already", id="not-empty"),
    ],
)
def test_the_command_says_what_is_wrong(
    words: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    assert handout.main(["simulate", *words]) == code
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    with pytest.raises(SimulationError):
        simulate(ROOT, tmp_path, 3)
    with pytest.raises(UsageError):
        simulate(ROOT, tmp_path / "x", 3, asked=("q99",))


def test_a_cut_zip_is_none_and_a_good_one_is_whole(classes: Path) -> None:
    for row in rows(classes / "a" / "expected.csv"):
        path = classes / "a" / row["submission"]
        if path.suffix == ".zip":
            assert zipfile.is_zipfile(path) == (row["about"] != "a zip cut off")


# What follows grades for real.


@pytest.fixture(scope="module")
def workers() -> Iterator[WarmWorkers]:
    warm = WarmWorkers(1)
    yield warm
    warm.close()


def graded(path: Path, asked: tuple[str, ...], workers: WarmWorkers) -> dict[str, int]:
    options = Options(path, asked, seed=11, jobs=1)
    report = grade(options, Audience(), workers.lend)
    return {question.id: question.earned for question in report.questions}


def differences(folder: Path, workers: WarmWorkers) -> list[str]:
    found = []
    for row in rows(folder / "expected.csv"):
        marks = graded(folder / row["submission"], ASKED, workers)
        if marks != {name: int(row[name]) for name in ASKED}:
            found.append(f"{row['submission']} ({row['kind']}, {row['about']}): {marks}")
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [pytest.param(seed, id=f"seed-{seed}") for seed in (1, 2)])
def test_a_class_earns_what_its_list_says(seed: int, tmp_path: Path, workers: WarmWorkers) -> None:
    simulate(ROOT, tmp_path / "class", 20, seed)
    assert not differences(tmp_path / "class", workers)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_region_costs_what_the_table_says(tmp_path: Path, workers: WarmWorkers) -> None:
    everything = desk("q1", "q2", "q5", "q6")
    wrong = []
    for region, needed in NEEDED_BY.items():
        files = everything._without([region])
        work = everything._work(region, files, needed)
        question = region.partition(".")[0]
        options = Options(write(work, tmp_path / region), (question,), seed=5, jobs=1)
        report = grade(options, Audience(), workers.lend)
        passed = {check.id for check in report.checks if check.status.value == "passed"}
        if passed != {name for name in work.passes if name.startswith(f"{question}.")}:
            wrong.append(f"{region}: {sorted(passed)}")
    assert not wrong


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_cheat_that_may_be_drawn_earns_nothing_and_ends_by_itself(
    tmp_path: Path, workers: WarmWorkers
) -> None:
    drawer = copy(desk())
    slow, earned = [], []
    for cheat in drawer.cheats:
        drawer.cheats = [cheat]
        folder = write(drawer.cheat(), tmp_path / cheat.path.stem)
        report = grade(Options(folder, ASKED, seed=5, jobs=1), Audience(), workers.lend)
        if report.earned:
            earned.append(cheat.name)
        if report.seconds > SLOW_KINDS:
            slow.append(f"{cheat.name} {report.seconds:.0f} s")
    assert not earned
    assert not slow


def write(work: Work, folder: Path) -> Path:
    for path, content in work.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder
