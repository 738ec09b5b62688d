"""Grade homework submissions, question by question.

Examples:
  python autograder.py                      grade the homework in the folder of this file
  python autograder.py -q q3                grade one question
  python autograder.py -q q1,q6.causal      a question and a check; what it builds on is assumed
  python autograder.py -q mlp_from_scratch  another homework; -q all grades every one
  python autograder.py -q q2 --graphics     watch the training in a window
  python autograder.py -q q6 --watch        grade again whenever a file is saved
  python autograder.py --submission hw.zip  grade another folder or zip
  python autograder.py --seed 7             repeat a run exactly
  python autograder.py --list               show questions and checks with their points

Usage:
  autograder.py [options] [-q ID]...

Options:
  -q ID, --question ID   Grade only this question, check or homework; repeat it, or use commas.
  --watch                Stay, and after each save grade again what it affects, and what failed of
                         it, with fresh draws (what failed first faces the draw it failed with).
  --submission PATH      A folder or zip with the homework's files.
  --list                 Show questions and checks with their points, and grade nothing.
  --json PATH            Where the results file goes; runs/results.json if not given.
  --seed N               Draw the same random numbers as the run that printed this seed.
  --device NAME          auto, cpu or cuda [default: auto].
  --jobs N               Checks to run side by side; as many as the processor allows if not given.
  --threads N            Torch threads for each check [default: 1].
  --patience X           Multiply all time limits, for slow machines [default: 1].
  --memory MIB           Memory for each check, in MiB; 3072 if not given.
  --isolation LEVEL      namespace, kernel or process; the best that works here if not given.
  --require-isolation LEVEL  Grade nothing where this level or a better one is missing.
  -v, --verbose          Show what your code prints.
  --mute                 Hide what your code prints, even with -v.
  --graphics             Show live windows for q1 to q5.
  --no-graphics          Show no windows (this is the default).
  --check-dependencies   Show versions, device and data, and what is missing.
  --gradescope-output    Also write gradescope_response.json.
  --edx-output           Also write edx_response.html and edx_grade.
  --junit PATH           Also write JUnit XML.
  --classroom PATH       Also write the result.json of Classroom 50.
  --traceback            Show where the autograder itself failed, if it does.
  -h, --help             Show this.

Exit code: 0 all passed, 1 some failed, 2 the command line is wrong, 3 the autograder's own
fault, 130 interrupted. Ctrl-C ends --watch with the code of the last state.
"""

from __future__ import annotations

import io
import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    from docopt import DocoptExit, docopt
except ModuleNotFoundError:
    sys.exit("autograder: docopt-ng is not installed; run: pip install -r requirements.txt")

if TYPE_CHECKING:  # imported where they are used, so that --help answers at once
    from grading.options import Options
    from grading.report.blocks import Manner
    from grading.report.windows import Windows
    from grading.results import Report

HERE = Path(__file__).resolve().parent
STAFF = HERE / "classroom"  # students' editions lack it
PASSED, FAILED, USAGE, OWN_FAULT, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 130, 143


def main(argv: Sequence[str] | None = None) -> int:
    """Grade as the command line says, and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # so that files are cleaned up
    _never_fail_to_print()
    if words[:1] == ["class"] and STAFF.is_dir():
        return _grade_class(words)
    try:
        arguments = docopt(__doc__, words, default_help=False)
    except DocoptExit as error:
        from grading.arguments import misunderstood

        return _refuse(misunderstood(str(error)))
    return _guarded(lambda: _run(arguments), arguments["--traceback"], words)


def _grade_class(words: list[str]) -> int:
    from classroom.command import main as grade_class

    return _guarded(lambda: grade_class(words[1:]), "--traceback" in words, words)


def _guarded(run: Callable[[], int], traceback: bool, words: list[str]) -> int:
    """Run something, and take whatever ends it to an exit code."""
    try:
        return run()
    except KeyboardInterrupt:
        _complain("autograder: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _drop_what_is_unprinted()  # nobody reads on, as with `| head`
        return INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None and _cannot_print():
            _complain(f"autograder: what it prints cannot be written: {error.strerror}")
            _drop_what_is_unprinted()
            return OWN_FAULT
        if traceback:
            raise
        if isinstance(error, ModuleNotFoundError) and _is_foreign(error.name or ""):
            return _refuse(f"{error.name} is not installed; run: pip install -r requirements.txt")
        return _confess(error, words)


def _run(arguments: dict[str, Any]) -> int:
    if arguments["--help"]:
        staff = "\n\nFor staff: python autograder.py class --help (a whole class)."
        return _say((__doc__ or "").rstrip() + (staff if STAFF.is_dir() else ""))
    if arguments["--check-dependencies"]:
        return _check_dependencies()
    from grading.options import UsageError

    try:
        return _list(arguments) if arguments["--list"] else _grade(arguments)
    except UsageError as error:
        return _refuse(str(error))


def _list(arguments: dict[str, Any]) -> int:
    from grading.arguments import asked
    from grading.questions import select
    from grading.report.listing import list_questions

    chosen, _ = select(asked(arguments["--question"]) or ("all",))
    return _say(list_questions(chosen))


def _check_dependencies() -> int:
    from grading.report.dependencies import check_dependencies

    return PASSED if check_dependencies(_say) else FAILED


def _grade(arguments: dict[str, Any]) -> int:
    from grading import arguments as given

    options = given.options(arguments, HERE)
    given.check_extra_files(arguments, Path.cwd())
    why = given.check_results(arguments, options)
    if why:
        _complain(f"autograder: no results file is written: {why}")
        options = replace(options, results=None)
    manner = given.manner(arguments, options)
    report = _watch(options, manner) if arguments["--watch"] else _examine(options, manner)
    try:
        given.write_extra_files(arguments, report, Path.cwd())
    except given.Unwritten as error:
        _complain(f"autograder: {error}")
        return OWN_FAULT
    return exit_code(report)


def _examine(options: Options, manner: Manner) -> Report:
    from grading.audience import Several
    from grading.examiner import grade
    from grading.report.blocks import Line
    from grading.report.terminal import open_terminal

    terminal = open_terminal(manner)
    windows = _windows(lambda text: terminal.emit([Line(text)])) if options.watched else None
    try:
        report = grade(options, Several(terminal, windows) if windows else terminal)
    finally:
        terminal.release()
    if windows is not None:
        windows.stay()
    return report


def _watch(options: Options, manner: Manner) -> Report:
    from grading.watching import watch

    return watch(options, manner)


def _windows(say: Callable[[str], None]) -> Windows | None:
    from grading.report.display import NoDisplayError, use_display
    from grading.report.windows import Windows

    try:
        use_display()
    except NoDisplayError as error:
        say(f"No windows: {error}. Grading goes on without them.")
        return None
    return Windows(say)


def exit_code(report: Report) -> int:
    """What a script learns of a run.

    Questions that are worth no points count only where nothing else was asked.
    """
    from grading.results import Status

    if not report.complete:
        return INTERRUPTED
    if any(check.status is Status.GRADER_FAULT for check in report.checks):
        return OWN_FAULT
    graded = [question for question in report.questions if question.points] or report.questions
    passed = all(check.status is Status.PASSED for question in graded for check in question.checks)
    return PASSED if passed else FAILED


def _say(text: str) -> int:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    return PASSED


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def _refuse(message: str) -> int:
    _complain(f"autograder: {message}")
    _complain("See python autograder.py --help")
    return USAGE


def _confess(error: Exception, words: list[str]) -> int:
    _complain(f"autograder: {type(error).__name__}: {' '.join(str(error).split())}")
    _complain("This is the autograder's own fault, not yours. To report it, send what this prints:")
    _complain(f"    python autograder.py {shlex.join([*words, '--traceback'])}")
    return OWN_FAULT


def _is_foreign(module: str) -> bool:
    """Whether a module that was not found should have come from the requirements."""
    name = module.partition(".")[0]
    return not (HERE / name).exists() and not (HERE / f"{name}.py").exists()


def _cannot_print() -> bool:
    """Whether not even an empty line goes out; asked only after something has failed."""
    try:
        _say("")
    except OSError:
        return True
    return False


def _drop_what_is_unprinted() -> None:
    """Send what Python still holds back nowhere, so that it does not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _never_fail_to_print() -> None:
    """A claim may hold a sign that the terminal's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
