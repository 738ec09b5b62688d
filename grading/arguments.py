"""From the words of a command line to what they ask for; wrong ones are refused here."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grading.options import Options, UsageError
from grading.report.blocks import Manner
from grading.report.classroom50 import write_classroom50
from grading.report.course_sites import (
    EDX_PAGE,
    EDX_SCORE,
    GRADESCOPE,
    write_edx,
    write_gradescope,
)
from grading.report.destination import obstacle
from grading.report.junit import write_junit
from grading.results import Report

Arguments = Mapping[str, Any]
"""What docopt returns: the value of each option by its long name."""

RESULTS = "runs/results.json"
VALUES = {
    "-q": "an ID",
    "--question": "an ID",
    "--submission": "a PATH",
    "--json": "a PATH",
    "--junit": "a PATH",
    "--classroom": "a PATH",
    "--device": "a NAME",
    "--isolation": "a LEVEL",
    "--require-isolation": "a LEVEL",
    "--out": "a folder",
    "--roster": "a CSV file",
    "--policy": "a TOML file",
    "--scheduler": "an ADDRESS",
    "--older": "a FOLDER",
}
EXTRA_FILES = {
    "--gradescope-output": ((GRADESCOPE,), write_gradescope),
    "--edx-output": ((EDX_PAGE, EDX_SCORE), write_edx),
}
NAMED_FILES = {"--junit": write_junit, "--classroom": write_classroom50}


class Unwritten(Exception):
    """The marks are known and told, but a file that should hold them is missing or old."""


def options(arguments: Arguments, home: Path) -> Options:
    """The run that the arguments describe.

    Args:
        arguments: from docopt.
        home: the folder to grade where none is named.

    Raises:
        UsageError: if a value cannot mean anything.
    """
    named = arguments["--submission"]
    return Options(
        submission=Path(named or ("." if Path.cwd() == home else home)),
        asked=asked(arguments["--question"]),
        seed=whole(arguments, "--seed"),
        device=arguments["--device"],
        jobs=whole(arguments, "--jobs"),
        threads=whole(arguments, "--threads") or 0,
        results=Path(RESULTS if arguments["--json"] is None else arguments["--json"]),
        watched=arguments["--graphics"] and not arguments["--no-graphics"],
        patience=factor(arguments, "--patience"),
        isolation=arguments["--isolation"],
        required=arguments["--require-isolation"],
        memory=whole(arguments, "--memory"),
    )


def asked(values: list[str]) -> tuple[str, ...]:
    """Question and check ids, each once, from options that may hold lists.

    Raises:
        UsageError: if the option is there but names nothing.
    """
    names = [name.strip().lower() for value in values for name in value.split(",")]
    if values and not any(names):
        raise UsageError("-q names no question; give one such as -q q3, or see --list")
    return tuple(dict.fromkeys(name for name in names if name))


def manner(arguments: Arguments, run: Options) -> Manner:
    """How the arguments want the run told."""
    return Manner(
        prints=arguments["--verbose"],
        muted=arguments["--mute"],
        arguments=to_repeat(arguments),
        results=str(run.results or ""),
    )


def check_results(arguments: Arguments, run: Options) -> str:
    """Why the results file cannot be written, or "" where it can.

    Raises:
        UsageError: if it cannot, and was asked for.
    """
    why = obstacle(run.results) if run.results else ""
    if why and arguments["--json"] is not None:
        raise UsageError(f"--json cannot write {why}; name another file")
    return why


def check_extra_files(arguments: Arguments, folder: Path) -> None:
    """Refuse a run whose further result files could not be written in the end.

    Raises:
        UsageError: naming the first one.
    """
    for option, (names, _) in EXTRA_FILES.items():
        for name in names if arguments[option] else ():
            why = obstacle(folder / name)
            if why:
                raise UsageError(f"{option} cannot write {why}; run it in another folder")
    for option in NAMED_FILES:
        why = obstacle(Path(arguments[option])) if arguments[option] else ""
        if why:
            raise UsageError(f"{option} cannot write {why}; name another file")


def write_extra_files(arguments: Arguments, report: Report, folder: Path) -> None:
    """Write the result files for course sites that were asked for.

    Raises:
        Unwritten: if one cannot be written after all.
    """
    wanted: list[tuple[str, Callable[[Report, Path], None], Path]]
    wanted = [(option, write, folder) for option, (_, write) in EXTRA_FILES.items()]
    wanted += [(o, write, Path(arguments[o] or "")) for o, write in NAMED_FILES.items()]
    for option, write, place in wanted:
        if arguments[option]:
            try:
                write(report, place)
            except OSError as error:
                raise Unwritten(f"{option} writes no file: {error.strerror or error}") from error
    if report.unwritten and arguments["--json"] is not None:
        raise Unwritten(report.unwritten)


def to_repeat(arguments: Arguments) -> str:
    """What a command that runs a check again needs besides the check, or ""."""
    named = arguments["--submission"]
    return f" --submission {shlex.quote(named)}" if named else ""


def misunderstood(message: str) -> str:
    """Docopt's complaint about a command line in a user's words."""
    first = message.partition("\n")[0]
    if first.startswith("Warning: found unmatched"):
        names = re.findall(r"'([^']*)'", first)
        return f"cannot use {' '.join(names)} here"
    option, lacks, _ = first.partition(" requires argument")
    if lacks:
        return f"{option} needs {VALUES.get(option, 'a number')}"
    return "the command line is not understood" if first.startswith("Usage") else first


def whole(arguments: Arguments, name: str) -> int | None:
    """An option's whole number, or None where it is not given.

    Raises:
        UsageError: if it is something else.
    """
    text = arguments[name]
    if text is None:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise UsageError(f"{name} is {text!r}; give a whole number")
    return int(text)


def factor(arguments: Arguments, name: str) -> float:
    """An option's number above 0.

    Raises:
        UsageError: if it is something else.
    """
    text = arguments[name]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"{name} is {text!r}; give a number such as 2 or 0.5")
    if number <= 0:
        raise UsageError(f"{name} is {text}; give a factor above 0")
    return number
