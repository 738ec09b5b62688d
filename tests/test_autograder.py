import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import autograder
from grading.audience import Audience
from grading.options import Options, UsageError
from grading.results import Report, Status
from tests.grading.report.reports import ended, pending, questions

ROOT = Path(autograder.__file__).parent
Grade = Callable[[Options, Audience], Report]


@pytest.fixture(autouse=True)
def _elsewhere_with_questions_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grading.questions.questions", questions)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Report | BaseException], list[Options]]:
    """Puts a report, or an exception, in the examiner's place; lists what it was asked."""

    def put(outcome: Report | BaseException) -> list[Options]:
        seen: list[Options] = []

        def grade(options: Options, audience: Audience) -> Report:
            seen.append(options)
            if isinstance(outcome, BaseException):
                raise outcome
            audience.opened(outcome)
            audience.closed(outcome)
            return outcome

        monkeypatch.setattr("grading.examiner.grade", grade)
        return seen

    return put


@pytest.mark.parametrize(
    ("report", "code"),
    [
        pytest.param(ended(), 0, id="all-passed"),
        pytest.param(ended(q6_causal=Status.FAILED), 1, id="some-failed"),
        pytest.param(ended(q6_causal=Status.SKIPPED), 1, id="skipped"),
        pytest.param(ended(q7_shapes=Status.FAILED), 0, id="failed-for-fun"),
        pytest.param(ended(q3_learns=Status.GRADER_FAULT), 3, id="our-fault"),
        pytest.param(pending(), 130, id="interrupted"),
    ],
)
def test_the_exit_code_tells_how_it_went(report, code, use) -> None:  # type: ignore[no-untyped-def]
    use(report)
    assert autograder.main([]) == code


def test_what_is_for_fun_counts_where_nothing_else_was_asked(use) -> None:  # type: ignore[no-untyped-def]
    report = ended(q7_shapes=Status.FAILED)
    report.questions = report.questions[2:]
    use(report)
    assert autograder.main(["-q", "q7"]) == 1


def test_the_arguments_reach_the_examiner(use) -> None:  # type: ignore[no-untyped-def]
    (seen,) = [use(ended())]
    words = "-q q1,q3 -q q6.causal --submission hw --seed 7 --device cpu --jobs 2 --threads 3"
    autograder.main([*words.split(), "--patience", "2.5", "--json", "out.json", "--mute"])
    assert seen == [
        Options(Path("hw"), ("q1", "q3", "q6.causal"), 7, "cpu", 2, 3, Path("out.json"), False, 2.5)
    ]


def test_results_go_to_runs_unless_said_otherwise(use) -> None:  # type: ignore[no-untyped-def]
    seen = use(ended())
    autograder.main([])
    assert seen[0].results == Path("runs/results.json")


def test_the_usual_results_file_that_cannot_be_written_stops_nothing(use, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    seen = use(ended())
    (tmp_path / "runs").touch()
    assert autograder.main([]) == 0
    assert seen[0].results is None
    assert "no results file is written" in capsys.readouterr().err


def test_a_results_file_that_was_asked_for_and_cannot_be_written_is_refused(  # type: ignore[no-untyped-def]
    use, capsys, tmp_path
) -> None:
    seen = use(ended())
    assert autograder.main(["--json", str(tmp_path)]) == 2
    assert seen == []
    assert "--json cannot write" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--nonsense"], id="unknown-option"),
        pytest.param(["q3"], id="bare-word"),
        pytest.param(["-q"], id="no-value"),
        pytest.param(["--seed", "x"], id="seed"),
        pytest.param(["--device", "gpu"], id="device"),
    ],
)
def test_a_wrong_command_line_ends_with_2_before_anything_starts(words, use, capsys) -> None:  # type: ignore[no-untyped-def]
    seen = use(ended())
    assert autograder.main(words) == 2
    assert seen == []
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("autograder: ")
    assert "--help" in told.err


def test_an_unknown_question_is_refused_in_the_examiners_words(use, capsys) -> None:  # type: ignore[no-untyped-def]
    use(UsageError("there is no question q99; there are q1, q2"))
    assert autograder.main(["-q", "q99"]) == 2
    assert "there is no question q99; there are q1, q2" in capsys.readouterr().err


def test_a_fault_of_ours_is_one_line_and_how_to_learn_more(use, capsys) -> None:  # type: ignore[no-untyped-def]
    use(KeyError("x"))
    assert autograder.main(["-q", "q3"]) == 3
    told = capsys.readouterr().err
    assert "autograder: KeyError: 'x'" in told
    assert "python autograder.py -q q3 --traceback" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("module", "code", "told"),
    [
        pytest.param("safetensors.torch", 2, "pip install -r requirements.txt", id="requirement"),
        pytest.param("grading.absent", 3, "own fault", id="ours"),
    ],
)
def test_a_package_that_is_missing_is_named_with_how_to_get_it(
    module, code, told, use, capsys
) -> None:  # type: ignore[no-untyped-def]
    use(ModuleNotFoundError(f"No module named {module!r}", name=module))
    assert autograder.main([]) == code
    assert told in capsys.readouterr().err


def test_the_traceback_is_there_for_who_asks(use) -> None:  # type: ignore[no-untyped-def]
    use(KeyError("x"))
    with pytest.raises(KeyError):
        autograder.main(["--traceback"])


def test_ctrl_c_before_the_first_check_ends_quietly(use, capsys) -> None:  # type: ignore[no-untyped-def]
    use(KeyboardInterrupt())
    assert autograder.main([]) == 130
    assert capsys.readouterr().err == "autograder: interrupted\n"


def test_the_files_of_course_sites_are_written_on_request(use, tmp_path) -> None:  # type: ignore[no-untyped-def]
    use(ended(q6_causal=Status.FAILED))
    assert autograder.main(["--gradescope-output", "--edx-output"]) == 1
    assert json.loads((tmp_path / "gradescope_response.json").read_text("utf-8"))["score"] == 6
    assert (tmp_path / "edx_grade").read_text("utf-8") == "6\n"
    assert (tmp_path / "edx_response.html").exists()


def test_the_files_of_other_tools_are_written_where_they_are_named(use, tmp_path) -> None:  # type: ignore[no-untyped-def]
    use(ended(q6_causal=Status.FAILED))
    assert autograder.main(["--junit", "ci/junit.xml", "--classroom", "result.json"]) == 1
    assert 'failures="1"' in (tmp_path / "ci" / "junit.xml").read_text("utf-8")
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert (result["score"], result["max-score"]) == (6, 7)


def test_a_named_file_that_cannot_be_written_is_refused_at_once(use, tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    seen = use(ended())
    (tmp_path / "there").mkdir()
    assert autograder.main(["--junit", "there"]) == 2
    assert "--junit cannot write there is a folder" in capsys.readouterr().err
    assert seen == []


def test_a_course_sites_file_that_cannot_be_written_is_refused_at_once(use, tmp_path) -> None:  # type: ignore[no-untyped-def]
    seen = use(ended())
    (tmp_path / "edx_grade").mkdir()
    assert autograder.main(["--edx-output"]) == 2
    assert seen == []


def test_graphics_without_a_display_says_so_and_goes_on(use, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    use(ended())
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert autograder.main(["--graphics"]) == 0
    told = capsys.readouterr().out
    assert told.count("there is no display") == 1
    assert "Total: 7/7" in told


def test_the_list_names_every_check(capsys) -> None:  # type: ignore[no-untyped-def]
    assert autograder.main(["--list"]) == 0
    assert "q6.causal" in capsys.readouterr().out


def test_the_list_of_a_question_names_no_other(capsys) -> None:  # type: ignore[no-untyped-def]
    assert autograder.main(["--list", "-q", "q6"]) == 0
    told = capsys.readouterr().out
    assert "q6.causal" in told
    assert "q3.shapes" not in told


def test_the_list_of_an_unknown_question_is_refused(capsys) -> None:  # type: ignore[no-untyped-def]
    assert autograder.main(["--list", "-q", "q99"]) == 2
    assert "there is no question q99" in capsys.readouterr().err


def started(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_help_shows_examples_before_options() -> None:
    helped = started("autograder.py", "--help")
    assert helped.returncode == 0
    assert 0 < helped.stdout.index("Examples:") < helped.stdout.index("Options:")
    assert max(map(len, helped.stdout.split("\n"))) <= 100


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--help"], id="help"),
        pytest.param(["--nonsense"], id="unknown-option"),
        pytest.param(["--jobs", "0"], id="wrong-value"),
    ],
)
def test_no_heavy_import_delays_a_short_answer(words: list[str]) -> None:
    script = (
        "import sys, autograder\n"
        f"autograder.main({words!r})\n"
        "sys.exit(bool({'torch', 'numpy', 'matplotlib', 'rich'} & sys.modules.keys()))"
    )
    assert started("-c", script).returncode == 0


def test_a_reader_who_leaves_early_gets_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "autograder.py", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as asked:
        assert asked.stdout
        assert asked.stderr
        asked.stdout.close()
        assert asked.stderr.read() == b""
    assert asked.returncode == 130


def test_a_watch_of_a_zip_is_a_usage_error(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "hw.zip").touch()
    assert autograder.main(["--watch", "--submission", "hw.zip"]) == 2
    assert "--watch needs a folder, and hw.zip is a file" in capsys.readouterr().err


def test_a_watch_without_its_package_says_how_to_get_it(monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert autograder.main(["--watch"]) == 2
    told = capsys.readouterr().err
    assert "watchfiles is not installed; run: pip install -r requirements.txt" in told
