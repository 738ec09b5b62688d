import importlib.metadata
from pathlib import Path

import pytest

from grading.report import dependencies
from grading.report.dependencies import check_dependencies, packages
from grading.report.display import NO_DISPLAY, NoDisplayError
from grading.report.turning import turn

RICH = importlib.metadata.version("rich")


@pytest.fixture(autouse=True)
def _no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> str:
        raise NoDisplayError(NO_DISPLAY)

    monkeypatch.setattr(dependencies, "use_display", refuse)
    monkeypatch.setattr(dependencies, "datasets", lambda: [])


def told(tmp_path: Path, requirements: str) -> tuple[bool, str]:
    path = tmp_path / "requirements.txt"
    path.write_text(requirements)
    said: list[str] = []
    return check_dependencies(said.append, path), "\n".join(said)


def test_a_complete_machine_is_said_to_be_complete(tmp_path: Path) -> None:
    complete, text = told(tmp_path, f"# comment\nrich=={RICH}\nnumpy\n")
    assert complete
    for word in ("Python ", f"rich          {RICH}", "device", "threads", "start method"):
        assert word in text
    assert "No window: there is no display" in text


def test_a_missing_package_comes_with_the_command_that_brings_it(tmp_path: Path) -> None:
    complete, text = told(tmp_path, f"rich=={RICH}\nno-such-package==1.0\n")
    assert not complete
    assert "missing: no-such-package; run: pip install -r requirements.txt" in text


def test_another_version_is_named_and_does_not_stop_anybody(tmp_path: Path) -> None:
    complete, text = told(tmp_path, "rich==0.0.1\n")
    assert complete
    assert f"{RICH} (tested with 0.0.1)" in text


def test_a_requirement_of_another_python_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(f'rich==0.1; python_version < "3.9"\nrich=={RICH}; python_version >= "3.9"\n')
    assert [(finding.what, finding.found) for finding in packages(path)] == [("rich", RICH)]


def test_an_old_python_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "OLDEST_PYTHON", (99, 0))
    assert dependencies.python().mend


def test_a_list_of_packages_that_is_gone_is_missing(tmp_path: Path) -> None:
    (finding,) = packages(tmp_path / "requirements.txt")
    assert finding.mend


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
def test_the_line_turns_until_its_time_is_over() -> None:
    assert turn(seconds=0.2) >= 2


def test_every_dataset_is_named_with_its_edition_or_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("COURSEWORK_DATA", str(tmp_path))
    found = {finding.what: finding for finding in dependencies.datasets()}
    assert found["data: points (q1)"].found.startswith("points-500")
    digits = found["data: digits (q3)"]
    assert digits.found == "not fetched yet"
    assert digits.mend.startswith("python -m data fetch digits")
    assert not digits.required
