"""Grade a whole class: a folder of submissions becomes a gradebook.

Examples:
  python autograder.py class hw1 --out grades                    the first homework, on all cores
  python autograder.py class hw1 --out grades --roster people.csv   names, and who is missing
  python autograder.py class hw1 --out grades -q q1,q5.values -q q6
  python autograder.py class hw1.export --out grades             what Gradescope exports
  python autograder.py class hw1 --out grades --policy late.toml --older hw1.last_year
  python autograder.py class hw1 --out grades --scheduler tls://head:8786   a running cluster

The same command goes on where the last run was interrupted; only new or changed submissions are
graded. A submission is a folder or zip that is named KEY, KEY_attempt2, or KEY_2 where the roster
knows KEY. The roster is a CSV with a column key (or id, sid, username) or email, and perhaps
name, section and file.

Usage:
  autograder.py class [options] [SUBMISSIONS] [-q ID]... [--older FOLDER]...

Options:
  --out GRADES           The folder for the gradebook and the ledger; needed.
  --roster CSV           Who is in the class; roster.csv in SUBMISSIONS if there is one.
  -q ID, --question ID   Grade only this question, check or homework; repeat it, or use commas.
                         The policy's questions if not given, else the first homework.
  --policy TOML          Questions, weights, late days, attempts and the like; policy.toml in
                         SUBMISSIONS if there is one.
  --scheduler ADDRESS    Use a running Dask cluster instead of this machine's cores.
  --workers N            How many submissions to grade side by side here; as many as the processor
                         allows if not given.
  --seed N               Everybody's draws; drawn at the first run and kept if not given.
  --patience X           Multiply all time limits, for slow machines [default: 1]. Where time ran
                         out with less, the question is graded once more.
  --isolation LEVEL      namespace, kernel or process; the best that works if not given.
  --require-isolation LEVEL  Grade nothing where this level or a better one is missing.
  --older FOLDER         Submissions of another year, to compare with; may be repeated.
  --no-similarity        Compare nobody's work with anybody's.
  --traceback            Show where the autograder itself failed, if it does.
  -h, --help             Show this.

Exit code: 0 every submission is graded, 1 some cannot be (the gradebook says why), 2 the command
line is wrong or a file cannot be used, 3 the grader or the cluster failed and the same command
should be given again, 130 interrupted.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docopt import DocoptExit, docopt

from grading.arguments import asked, factor, misunderstood, whole
from grading.options import Options, UsageError

GRADED, SOME_UNGRADED, USAGE, OWN_FAULT, INTERRUPTED = 0, 1, 2, 3, 130
PACKAGES = "pip install -r requirements-staff.txt"


@dataclass(frozen=True)
class Request:
    """What the words of the command line ask for.

    Attributes:
        submissions: the folder of submissions.
        out: the folder for the gradebook and the ledger.
        asked: ids of questions, checks and homeworks.
        roster: who is in the class, or None.
        policy: how marks are counted, or None.
        scheduler: of a running cluster, or None.
        workers: of a cluster on this machine, or None.
        seed: everybody's draws, or None.
        patience: multiplies time limits.
        isolation: the level that is wanted, or None.
        required: the lowest level that will do, or None.
        older: folders of other years.
        similarity: whether to compare submissions.
    """

    submissions: Path
    out: Path
    asked: tuple[str, ...] = ()
    roster: Path | None = None
    policy: Path | None = None
    scheduler: str | None = None
    workers: int | None = None
    seed: int | None = None
    patience: float = 1.0
    isolation: str | None = None
    required: str | None = None
    older: tuple[Path, ...] = ()
    similarity: bool = True

    def __post_init__(self) -> None:
        """Refuse values that cannot mean anything."""
        Options(  # it knows what these may be
            self.submissions,
            seed=self.seed,
            patience=self.patience,
            isolation=self.isolation,
            required=self.required,
        )
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"--workers is {self.workers}; give a whole number from 1")
        if self.scheduler is not None and self.workers is not None:
            raise UsageError("--workers is for this machine; a cluster has its own (--scheduler)")
        if self.scheduler is not None and not re.fullmatch(r"[a-z]+://.+:[0-9]+", self.scheduler):
            raise UsageError(
                f"--scheduler is {self.scheduler!r}; give an address such as tls://head:8786"
            )


def main(words: Sequence[str]) -> int:
    """Carry out ``python autograder.py class …``, and return the exit code.

    Args:
        words: what stands after ``class``.
    """
    if {"-h", "--help"} & set(words):
        sys.stdout.write((__doc__ or "").rstrip() + "\n")
        return GRADED
    try:
        arguments = docopt(__doc__, ["class", *words], default_help=False)
    except DocoptExit as error:
        return _refuse(misunderstood(str(error)))
    try:
        request = read(arguments)
        return _carry_out(request)
    except UsageError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        _complain("autograder: interrupted; what is done is kept. To go on:")
        _complain(f"    python autograder.py class {shlex.join(words)}")
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if arguments["--traceback"] or error.name in sys.stdlib_module_names:
            raise
        return _refuse(f"{error.name} is not installed; run: {PACKAGES}")


def read(arguments: dict[str, Any]) -> Request:
    """The request that the arguments describe.

    Raises:
        UsageError: if a value cannot mean anything.
    """
    if arguments["SUBMISSIONS"] is None:
        raise UsageError("SUBMISSIONS is missing; name the folder of submissions")
    if arguments["--out"] is None:
        raise UsageError("--out is missing; name the folder for the gradebook")
    return Request(
        submissions=Path(arguments["SUBMISSIONS"]),
        out=Path(arguments["--out"]),
        asked=asked(arguments["--question"]),
        roster=_path(arguments["--roster"]),
        policy=_path(arguments["--policy"]),
        scheduler=arguments["--scheduler"],
        workers=whole(arguments, "--workers"),
        seed=whole(arguments, "--seed"),
        patience=factor(arguments, "--patience"),
        isolation=arguments["--isolation"],
        required=arguments["--require-isolation"],
        older=tuple(Path(name) for name in arguments["--older"]),
        similarity=not arguments["--no-similarity"],
    )


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name)


def _carry_out(request: Request) -> int:
    from classroom.run import Run
    from classroom.trouble import ClusterLost

    try:
        return Run(request, say=_say, warn=_complain).carry_out()
    except ClusterLost as loss:
        _complain(f"autograder: {loss}; what is done is kept, and the same command goes on")
        return OWN_FAULT


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _refuse(message: str) -> int:
    _complain(f"autograder: {message}")
    _complain("See python autograder.py class --help")
    return USAGE
