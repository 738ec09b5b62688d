"""Make the zip to hand in, after checking what a grader would find in it.

Examples:
  python -m handout.collect                    # submission.zip from this folder, and its marks
  python -m handout.collect --course translation   # the marks of that homework
  python -m handout.collect --no-grade         # only the zip
  python -m handout.collect ../mine --output mine.zip

Usage:
  python -m handout.collect [FOLDER] [--course NAME] [--output ZIP] [--no-grade]
  python -m handout.collect (-h | --help)

Options:
  --course NAME  The homework to grade; without it the first one that is here.
  --output ZIP   Where the zip goes [default: submission.zip].
  --no-grade     Do not run the autograder on the zip.
  -h, --help     Show this.

Exit code: 0 the zip is made (whatever its marks), 1 it cannot be made or graded, 2 the command
line is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

try:
    from docopt import DocoptExit, docopt
except ModuleNotFoundError:
    sys.exit("collect: docopt-ng is not installed; run: pip install -r requirements.txt")

from handout.submission_zip import CollectError, homework_files, pack, require_importable

ROOT = Path(__file__).resolve().parents[1]
GOOD, BAD, USAGE, STOPPED = 0, 1, 2, 130
GRADED = (0, 1)  # the autograder's exit codes after a whole run


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit code."""
    if {"-h", "--help"} & set(words):
        sys.stdout.write((__doc__ or "").strip() + "\n")
        return GOOD
    try:
        usage = (__doc__ or "").replace("python -m handout.collect", "collect")
        arguments = docopt(usage, argv=list(words), default_help=False)
    except DocoptExit:
        return _refuse(f"cannot read {' '.join(words)!r}; --help shows examples", USAGE)
    return collect_as_asked(arguments)


def collect_as_asked(arguments: Mapping[str, Any]) -> int:
    """Collect as a parsed command line says; returns the exit code."""
    folder = Path(arguments["FOLDER"] or ROOT)
    target = Path(arguments["--output"])
    course = arguments["--course"]
    known = sorted(path.parent.name for path in ROOT.glob("courses/*/__init__.py"))
    if course and course not in known:
        return _refuse(f"there is no course {course}; there are {', '.join(known)}", USAGE)
    if not folder.is_dir():
        return _refuse(f"there is no folder {folder}", USAGE)
    try:
        names = collect(folder, target)
    except (CollectError, OSError) as error:
        return _refuse(str(error), BAD)
    except KeyboardInterrupt:
        return _refuse(f"stopped; {target} is not made", STOPPED)
    _say(f"{target} holds {', '.join(names)}")
    if arguments["--no-grade"]:
        return GOOD
    try:
        return _grade(target, folder, course)
    except KeyboardInterrupt:
        return _refuse(f"stopped; {target} is made, not graded", STOPPED)


def collect(folder: Path, target: Path) -> list[str]:
    """Write the zip of a folder's homework.

    Returns:
        The names of its files.

    Raises:
        CollectError: if something in the folder must be changed first, or the zip cannot be
            written there; no zip is written.
    """
    files = homework_files(folder)
    content = pack(files, folder)
    require_importable(content)
    temporary = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError as error:
        why = error.strerror or str(error)
        raise CollectError(
            f"cannot write {target} ({why}); choose another place with --output"
        ) from error
    return [file.relative_to(folder).as_posix() for file in files]


def _grade(target: Path, folder: Path, course: str | None) -> int:
    """Run the autograder on the zip and say what it would get in this homework."""
    with tempfile.TemporaryDirectory(prefix="marks-") as scratch:
        results = Path(scratch) / "results.json"
        code = _show_grading(target, folder, results, course)
        if code == STOPPED:
            raise KeyboardInterrupt
        if code not in GRADED:
            return _refuse(f"{target} is made, but the autograder could not grade it", BAD)
        report = json.loads(results.read_text(encoding="utf-8"))
    _say(f"{target} would get {report['earned']}/{report['points']}. Hand in {target}.")
    return GOOD


def _show_grading(target: Path, folder: Path, results: Path, course: str | None) -> int:
    """Run the autograder and pass on what it prints; returns its exit code."""
    words = ["--submission", str(target), "--json", str(results)]
    if course:
        words += ["-q", course]
    grading = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(ROOT / "autograder.py"), *words],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
    )
    assert grading.stdout  # noqa: S101 - asked for above
    with grading:
        try:
            for line in grading.stdout:
                if str(results) not in line:
                    _say(for_the_folder(line.rstrip("\n"), target, folder))
        except KeyboardInterrupt:  # the autograder was told as well, and ends by itself
            with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                grading.communicate(timeout=5)
            grading.terminate()
            raise
    return grading.returncode


def for_the_folder(line: str, target: Path, folder: Path) -> str:
    """Let a command that the autograder proposes grade the folder, which is what gets mended.

    The zip that it graded stays as it is until the next collection.
    """
    mine = folder.resolve() == ROOT
    instead = "" if mine else f" --submission {shlex.quote(str(folder))}"
    for spelling in (shlex.quote(str(target)), str(target)):
        line = line.replace(f" --submission {spelling}", instead)
    return line


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"collect: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
