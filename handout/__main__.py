"""Build the student edition from the solution, prove it, collect submissions, rehearse a class.

Examples:
  python -m handout build build/student            # stubs, given code, checks, homework text
  python -m handout build ../hw5 --course machine_learning   # flat: its commands at the root
  python -m handout verify                         # prove both editions; some twenty minutes
  python -m handout verify --no-mutants            # the same but for the usual mistakes
  python -m handout verify --full                  # the same with the checks that train
  python -m handout collect                        # submission.zip from this folder's solution
  python -m handout simulate 50 build/class        # a synthetic class and the marks it must get
  python -m handout gradescope autograder.zip      # the zip that Gradescope makes an autograder of
  python -m handout gradescope autograder.zip hw.zip --rehearse   # and what it would say of hw.zip

Usage:
  python -m handout build DEST [--course NAME] [--force]
  python -m handout verify [--full] [--no-mutants] [--jobs N]
  python -m handout collect [FOLDER] [--course NAME] [--output ZIP] [--no-grade]
  python -m handout simulate N OUT [--seed N] [--questions IDS] [--layout NAME]
  python -m handout gradescope OUT [SUBMISSION] [--questions IDS] [--policy TOML] [--minutes N]
                    [--patience X] [--memory MIB] [--torch-index URL] [--rehearse]
                    [--processors X]
  python -m handout (-h | --help)

Options:
  --course NAME  The homework, for instance machine_learning.
  --force        Replace DEST even if it was not built here, or was changed since.
  --full         Also prove the checks that train.
  --no-mutants   Leave out the usual mistakes, which the tests go through one by one.
  --jobs N       Processes that grade side by side [default: 2].
  --output ZIP   Where the zip goes [default: submission.zip].
  --no-grade     Do not run the autograder on the zip.
  --seed N       The same number makes the same class [default: 0].
  --questions IDS  What counts, with commas between: questions or checks. Without it q1,q5,q6
                 in a class and q1,q2,q5,q6 for Gradescope.
  --layout NAME  plain or gradescope, which is that site's export [default: plain].
  --rehearse     Grade SUBMISSION (or else the solution) with the bundle, as in its container.
  --policy TOML  Gradescope: what lateness costs, how many attempts count, what is hidden.
  --minutes N    Gradescope: the time limit that is set there [default: 10].
  --patience X   Gradescope: multiply the checks' time limits [default: 3].
  --memory MIB   Gradescope: memory of the container [default: 768].
  --processors X  Gradescope: processors of the container [default: 0.5].
  --torch-index URL  Gradescope: a package index that has torch without CUDA, for a small image.
  -h, --help     Show this.

Exit code: 0 all is well, 1 something is not, 2 the command line is wrong, 130 stopped by
Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docopt import DocoptExit, docopt

ROOT = Path(__file__).resolve().parents[1]
GOOD, BAD, USAGE, STOPPED = 0, 1, 2, 130


def main(words: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    if {"-h", "--help"} & set(words):
        sys.stdout.write((__doc__ or "").strip() + "\n")
        return GOOD
    try:
        # docopt takes the first word of a usage line for the program and has no notion of -m.
        usage = (__doc__ or "").replace("python -m handout", "handout")
        arguments = docopt(usage, argv=list(words), default_help=False)
    except DocoptExit:
        if words and words[0] == "build" and all(word.startswith("-") for word in words[1:]):
            return _refuse("DEST is missing; try: python -m handout build build/student", USAGE)
        return _refuse(f"cannot read {' '.join(words)!r}; try: python -m handout --help", USAGE)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _refuse("stopped", STOPPED)


def _run(arguments: dict[str, Any]) -> int:
    if arguments["collect"]:
        from handout.collect import collect_as_asked

        return collect_as_asked(arguments)
    if arguments["simulate"]:
        return _simulate(arguments)
    if arguments["gradescope"]:
        from handout.gradescope_command import run

        return run(ROOT, arguments)
    return _build(arguments) if arguments["build"] else _verify(arguments)


def _build(arguments: dict[str, Any]) -> int:
    from handout.build import BuildError, build, find_course
    from handout.manifest import UnknownFileError
    from handout.regions import MarkerError

    destination = Path(arguments["DEST"])
    try:
        course = find_course(arguments["--course"]) if arguments["--course"] else None
    except BuildError as error:
        return _refuse(str(error), USAGE)
    try:
        files = build(ROOT, destination, course, force=arguments["--force"])
    except (BuildError, UnknownFileError, MarkerError, OSError) as error:
        return _refuse(str(error), BAD)
    sys.stdout.write(f"{destination}: {len(files)} files\n")
    return GOOD


def _verify(arguments: dict[str, Any]) -> int:
    jobs = arguments["--jobs"]
    if not jobs.isdecimal() or int(jobs) < 1:
        return _refuse(f"--jobs is {jobs!r}; give a whole number from 1", USAGE)
    from handout.verify import verify

    mutants = not arguments["--no-mutants"]
    proved = verify(ROOT, full=arguments["--full"], jobs=int(jobs), mutants=mutants)
    return GOOD if proved else BAD


def _simulate(arguments: dict[str, Any]) -> int:
    from grading.options import UsageError

    for name, least in (("N", 1), ("--seed", 0)):
        value = arguments[name]
        if not value.isdecimal() or not least <= int(value) <= 100_000:
            return _refuse(f"{name} is {value!r}; give a whole number from {least}", USAGE)
    if arguments["--layout"] not in ("plain", "gradescope"):
        return _refuse(f"--layout is {arguments['--layout']!r}; give plain or gradescope", USAGE)
    if not (ROOT / "tests" / "mutants").is_dir():
        return _refuse("a class is made of the tests' mutants and cheats; they are not here", BAD)
    from handout.simulate import QUESTIONS, SimulationError, described, simulate

    out, asked = Path(arguments["OUT"]), _ids(arguments["--questions"]) or QUESTIONS
    try:
        entries = simulate(
            ROOT,
            out,
            int(arguments["N"]),
            int(arguments["--seed"]),
            asked,
            arguments["--layout"],
        )
    except UsageError as error:
        return _refuse(str(error), USAGE)
    except (SimulationError, OSError) as error:
        return _refuse(str(error), BAD)
    sys.stdout.write(f"{out}: {len(entries)} submissions ({described(entries)})\n")
    sys.stdout.write(
        f"Grade them with python autograder.py class {out} --out GRADES; "
        f"{out / 'expected.csv'} says the marks.\n"
    )
    return GOOD


def _ids(text: str | None) -> tuple[str, ...]:
    """Ids with commas between them."""
    return tuple(word.strip().lower() for word in (text or "").split(",") if word.strip())


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"handout: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
