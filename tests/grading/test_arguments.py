from pathlib import Path
from typing import Any

import pytest

from grading.arguments import asked, misunderstood, options, to_repeat
from grading.options import UsageError

DEFAULTS: dict[str, Any] = {
    "--question": [],
    "--submission": None,
    "--json": None,
    "--seed": None,
    "--device": "auto",
    "--isolation": None,
    "--require-isolation": None,
    "--jobs": None,
    "--threads": "1",
    "--patience": "1",
    "--memory": None,
    "--graphics": False,
    "--no-graphics": False,
}


def test_questions_may_be_repeated_and_listed() -> None:
    assert asked(["q3, Q6.causal", "q1", "q3"]) == ("q3", "q6.causal", "q1")


def test_a_question_without_a_name_is_refused() -> None:
    with pytest.raises(UsageError, match="names no question"):
        asked([", "])


def test_the_submission_is_the_programs_own_folder_unless_named(tmp_path: Path) -> None:
    assert options(DEFAULTS, tmp_path).submission == tmp_path
    assert options(DEFAULTS, Path.cwd()).submission == Path(".")
    assert options({**DEFAULTS, "--submission": "hw.zip"}, tmp_path).submission == Path("hw.zip")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("--seed", "abc", "give a whole number", id="seed-word"),
        pytest.param("--seed", "1.5", "give a whole number", id="seed-fraction"),
        pytest.param("--seed", "-1", "give a whole number from 0", id="seed-negative"),
        pytest.param("--jobs", "0", "give a whole number from 1", id="no-jobs"),
        pytest.param("--threads", "two", "give a whole number", id="threads-word"),
        pytest.param("--threads", "0", "give a whole number from 1", id="no-threads"),
        pytest.param("--patience", "nan", "give a number", id="patience-nan"),
        pytest.param("--patience", "0", "give a factor above 0", id="no-patience"),
        pytest.param("--patience", "long", "give a number", id="patience-word"),
        pytest.param("--memory", "much", "give a whole number", id="memory-word"),
        pytest.param("--memory", "64", "give at least 256 MiB", id="too-little-memory"),
        pytest.param("--device", "gpu", "give auto, cpu or cuda", id="device"),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_give(name: str, value: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is .*{message}"):
        options({**DEFAULTS, name: value}, Path())


def test_a_factor_that_is_refused_is_repeated_as_it_was_given() -> None:
    with pytest.raises(UsageError, match="--patience is 0; give"):
        options({**DEFAULTS, "--patience": "0"}, Path())


def test_no_graphics_wins_over_graphics() -> None:
    both = {**DEFAULTS, "--graphics": True, "--no-graphics": True}
    assert not options(both, Path()).watched


def test_a_command_to_repeat_names_another_submission_only() -> None:
    assert to_repeat(DEFAULTS) == ""
    assert to_repeat({**DEFAULTS, "--submission": "my hw"}) == " --submission 'my hw'"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        pytest.param(
            "Warning: found unmatched (duplicate?) arguments [Option(None, '--foo', 0, True)]\nU",
            "cannot use --foo here",
            id="unknown-option",
        ),
        pytest.param("--json requires argument\nUsage: x", "--json needs a PATH", id="value"),
        pytest.param("-q requires argument\nUsage: x", "-q needs an ID", id="question"),
        pytest.param("Usage: x", "the command line is not understood", id="usage-only"),
    ],
)
def test_a_wrong_command_line_is_said_in_a_users_words(message: str, told: str) -> None:
    assert misunderstood(message) == told
