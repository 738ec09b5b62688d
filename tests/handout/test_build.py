"""The student edition: complete, without a solution, the same each time, all or nothing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from grading.submission import GRADER_NAMES
from handout import build as building
from handout.__main__ import main
from handout.build import BuildError, build, edition, find_course, homework
from handout.manifest import COURSES, Course
from handout.matching import all_regions

ROOT = Path(__file__).resolve().parents[2]
COURSE = COURSES["machine_learning"]
# Lines of solutions that anybody writes; they stand in given code too.
EVERYDAY = {
    "with torch.no_grad():",
    "return output",
    "device = next(model.parameters()).device",
    "return False",
    "return True",
    "return self",
    "return model",
    "losses = []",
    # The magnitude checker is given, and runs the network as the gradient checker does.
    "a1, h1, a2, _ = forward_pass(model, x, y)",
    "backward_pass(model, x, a1, h1, a2, y)",
}
EDITIONS = [pytest.param(None, id="all"), pytest.param(COURSE, id="machine_learning")]


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    return edition(ROOT)


@pytest.fixture(scope="module")
def flat() -> dict[str, bytes]:
    return edition(ROOT, COURSE)


def solution_lines() -> set[str]:
    """What stands inside regions, line by line, without what is too short to tell anything."""
    lines = set()
    for region in all_regions(ROOT):
        text = (ROOT / region.file).read_text(encoding="utf-8").split("\n")
        lines |= {line.strip() for line in text[region.begin : region.end - 1]}
    return {line for line in lines if len(line) >= 8} - EVERYDAY


@pytest.mark.parametrize("course", EDITIONS)
def test_no_line_of_a_solution_is_handed_out(course: Course | None) -> None:
    secret = solution_lines()
    assert len(secret) > 80
    for path, content in edition(ROOT, course).items():
        told = secret & {line.strip() for line in content.decode("utf-8").split("\n")}
        assert not told, f"{path} tells {sorted(told)}"


@pytest.mark.parametrize("course", EDITIONS)
def test_nothing_for_staff_is_handed_out(course: Course | None) -> None:
    paths = list(edition(ROOT, course))
    handout = [path for path in paths if path.startswith("handout/")]
    names = ("__init__", "collect", "submission_zip")
    assert handout == [f"handout/{name}.py" for name in names]
    for folder in ("tests/", "benchmarks/", ".ci/", "runs/", "data/cache/"):
        assert not [path for path in paths if path.startswith(folder)]
    assert not {"CONTRIBUTING.md", "pyproject.toml", "requirements-dev.txt"} & set(paths)


def test_students_get_all_they_need(whole: dict[str, bytes]) -> None:
    for path in (
        "models/attention.py",
        "losses.py",
        "train.py",
        "train_lm.py",
        "autograder.py",
        "grading/pass_marks.json",
        "grading/checks/q6_attention.py",
        "data/__main__.py",
        "courses/machine_learning/HOMEWORK.md",
        "courses/machine_learning/chargpt.py",
        "collect_submission.sh",
        "run.sh",
        "requirements.txt",
        "LICENSE",
        "README.md",
    ):
        assert path in whole
    assert whole["README.md"].startswith(b"# Your homework")


def test_a_flat_edition_has_the_homeworks_commands_at_its_root(flat: dict[str, bytes]) -> None:
    at_root = {path for path in flat if path.endswith(".py") and "/" not in path}
    homework = {"autograder.py", "losses.py", "train.py", "train_lm.py"}
    assert at_root == homework | {"chargpt.py", "linear_regression.py"}
    assert b"mlp" not in flat["run.sh"]
    assert b"from_scratch" not in flat["README.md"]
    assert "HOMEWORK.md" in flat
    assert b"python chargpt.py --quick" in flat["HOMEWORK.md"]
    assert b"python chargpt.py --quick" in flat["courses/machine_learning/chargpt.py"]
    for path, content in flat.items():
        if path.endswith((".md", ".sh")):
            assert b"-m courses." not in content, path


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in COURSES])
def test_every_command_of_a_flat_edition_is_python_and_says_what_it_does(name: str) -> None:
    files = edition(ROOT, COURSES[name])
    for command in COURSES[name].commands:
        text = ast.get_docstring(ast.parse(files[f"{command}.py"]))
        assert text is not None
        assert text.endswith(f". See courses/{name}/{command}.py.")
        assert len(text) > len(f". See courses/{name}/{command}.py.") + 20


def test_the_grader_takes_only_homework_from_a_students_folder(flat: dict[str, bytes]) -> None:
    at_root = {path.partition("/")[0] for path in flat if path.endswith(".py")}
    assert at_root - GRADER_NAMES == {"models", "losses.py", "train.py", "train_lm.py"}


def test_a_flat_edition_leaves_other_homeworks_out() -> None:
    paths = edition(ROOT, Course("other", ()))
    folders = {path.split("/")[1] for path in paths if path.count("/") > 1}
    assert not folders & set(COURSES)
    assert "courses/__init__.py" in paths


def test_the_students_run_sh_has_only_their_verbs(whole: dict[str, bytes]) -> None:
    text = whole["run.sh"].decode()
    assert re.findall(r"^([a-z_| ]+)\) ", text, re.MULTILINE) == [
        "setup",
        "grade",
        "data",
        "chargpt",
        "mlp",
        "rnn",
        "vocab",
        "train_local | test_local | train | test",
        "collect",
    ]
    assert "staff" not in text
    assert "ruff" not in text


@pytest.mark.parametrize("course", EDITIONS)
def test_two_builds_give_the_same_bytes(course: Course | None, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        build(ROOT, folder, course)
    first, second = (
        {f.relative_to(folder): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
        for folder in folders
    )
    assert first == second
    assert len(first) > 100


def test_a_filled_in_question_is_the_solution_without_markers() -> None:
    files = homework(ROOT, keep=["q6"])
    assert b"masked_fill" in files["models/attention.py"]
    assert b"SOLUTION" not in files["models/attention.py"]
    assert b"NotImplementedError" in files["models/perceptron.py"]


def test_building_again_replaces_what_was_built(tmp_path: Path) -> None:
    destination = tmp_path / "student"
    build(ROOT, destination)
    for left in ("runs", "data/cache", "models/__pycache__"):
        (destination / left).mkdir()
        (destination / left / "left").write_text("")
    build(ROOT, destination, COURSE)
    assert (destination / "chargpt.py").exists()
    assert not (destination / "runs").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["student"]


def test_a_folder_that_was_not_built_here_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BuildError, match="was not built here"):
        build(ROOT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_work_in_a_built_folder_is_not_lost(tmp_path: Path) -> None:
    destination = tmp_path / "student"
    build(ROOT, destination)
    with (destination / "losses.py").open("a") as file:
        file.write("# my work\n")
    with pytest.raises(BuildError, match=r"losses\.py was changed"):
        build(ROOT, destination)
    build(ROOT, destination, force=True)
    assert "my work" not in (destination / "losses.py").read_text()
    (destination / "models" / "mine.py").write_text("# my work\n")
    with pytest.raises(BuildError, match=r"models/mine\.py was not built here"):
        build(ROOT, destination)
    build(ROOT, destination, force=True)
    assert not (destination / "models" / "mine.py").exists()


def test_the_repository_itself_is_no_destination() -> None:
    for folder in (ROOT, ROOT.parent):
        with pytest.raises(BuildError, match="holds this repository"):
            build(ROOT, folder, force=True)


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    destination = tmp_path / "student"
    build(ROOT, destination)
    before = (destination / "losses.py").read_bytes()

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(building, "write", fail)
    with pytest.raises(OSError, match="no space left"):
        build(ROOT, destination)
    assert (destination / "losses.py").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["student"]
    monkeypatch.undo()

    def fails_for_the_new_one(here: Path, there: Path) -> None:
        if here.name == "new":
            fail()
        here.rename(there)

    monkeypatch.setattr(building.os, "replace", fails_for_the_new_one)
    with pytest.raises(OSError, match="no space left"):
        build(ROOT, destination)
    assert (destination / "losses.py").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["student"]


def test_an_unknown_course_lists_the_known_ones() -> None:
    with pytest.raises(BuildError, match="there is no course cooking; there are machine_learning"):
        find_course("cooking")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("# for staff only:\na\n", "", id="never-closed"),
        pytest.param("a\n# for everybody:\n", ":2", id="never-opened"),
    ],
)
def test_lines_for_staff_must_be_closed(text: str, line: str) -> None:
    with pytest.raises(BuildError, match=f"run.sh{line}:"):
        building._for_students(text, "run.sh")


def test_the_command_builds_and_says_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", str(tmp_path / "s"), "--course", "machine_learning"]) == 0
    assert re.search(r"s: \d+ files", capsys.readouterr().out)
    (tmp_path / "s" / "losses.py").write_text("")
    assert main(["build", str(tmp_path / "s")]) == 1
    assert main(["build", str(tmp_path / "t"), "--course", "cooking"]) == 2
    assert main(["build"]) == 2
    assert main(["verify", "--jobs", "none"]) == 2
    assert main(["--help"]) == 0
    assert "Examples" in capsys.readouterr().out


def test_help_is_shown_wherever_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["build", "--help"], ["verify", "-h"], ["collect", "--help"]):
        assert main(words) == 0
        assert "Examples:" in capsys.readouterr().out


def test_a_missing_destination_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build"]) == 2
    assert "DEST is missing" in capsys.readouterr().err


def test_an_interrupted_proof_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(root: Path, *, full: bool, jobs: int, mutants: bool) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("handout.verify.verify", interrupted)
    assert main(["verify"]) == 130
    assert capsys.readouterr().err == "handout: stopped\n"
