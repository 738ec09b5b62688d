"""Build the student edition from the solution, prove it, and collect submissions.

Examples:
  python -m handout build build/student            # stubs, given code, checks, homework text
  python -m handout build ../hw5 --course machine_learning   # flat: its commands at the root
  python -m handout verify                         # prove both editions; about two minutes
  python -m handout verify --full                  # the same with the checks that train
  python -m handout collect                        # submission.zip from this folder's solution

Usage:
  python -m handout build DEST [--course NAME] [--force]
  python -m handout verify [--full] [--jobs N]
  python -m handout collect [FOLDER] [--course NAME] [--output ZIP] [--no-grade]
  python -m handout (-h | --help)

Options:
  --course NAME  The homework, for instance machine_learning.
  --force        Replace DEST even if it was not built here, or was changed since.
  --full         Also prove the checks that train.
  --jobs N       Processes that grade side by side [default: 2].
  --output ZIP   Where the zip goes [default: submission.zip].
  --no-grade     Do not run the autograder on the zip.
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

    return GOOD if verify(ROOT, full=arguments["--full"], jobs=int(jobs)) else BAD


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"handout: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
