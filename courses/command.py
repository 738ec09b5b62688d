"""What the experiments' commands share: exit codes, options that are numbers, output folders.

Exit codes: 0 finished, 1 no data or an unwritten part of the homework, 2 wrong usage, 130 stopped
by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from docopt import DocoptExit, docopt

Arguments: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

FINISHED, FAILED, USAGE, STOPPED = 0, 1, 2, 130


def run_command(
    usage: str,
    argv: Sequence[str] | None,
    prepare: Callable[[Arguments], T],
    work: Callable[[T], None],
) -> int:
    """Run an experiment and return its exit code.

    Args:
        usage: the module docstring that docopt reads.
        argv: the arguments; None for the process's own.
        prepare: reads options, data and folder; a ValueError here is the user's to mend.
        work: computes and writes the results, which it keeps epoch by epoch.
    """
    # Read once, when NumPy and torch are loaded. One thread gives the same bits on any number of
    # cores, and networks this small gain nothing from a second one.
    for name, value in {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1"}.items():
        os.environ.setdefault(name, value)
    from data.fetching import FetchError

    try:
        arguments = docopt(usage, argv=None if argv is None else list(argv))
    except DocoptExit as error:
        print(error, file=sys.stderr)
        return USAGE
    try:
        try:
            prepared = prepare(arguments)
        except (ValueError, OSError, FetchError) as error:
            print(error, file=sys.stderr)
            return FAILED if isinstance(error, FetchError) else USAGE
        work(prepared)
    except NotImplementedError as error:
        print(f"a part of the homework is not written yet: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nstopped; the same command with --resume goes on", file=sys.stderr)
        return STOPPED
    return FINISHED


def number(arguments: Arguments, option: str, kind: Callable[[str], Any] = int) -> Any:
    """Read an option that is a number.

    Raises:
        ValueError: when it is none.
    """
    try:
        return kind(arguments[option])
    except ValueError:
        raise ValueError(f"{option} must be a number, got {arguments[option]!r}") from None


def output_folder(arguments: Arguments, name: str) -> Path:
    """Return the folder that --out names, or ``runs/NAME``, or ``runs/NAME-quick``."""
    return Path(arguments["--out"] or f"runs/{name}{'-quick' if arguments['--quick'] else ''}")


def may_restart(arguments: Arguments) -> bool:
    """Whether results may be thrown away: asked for, or a quick run's in its own folder."""
    in_own_folder = arguments["--quick"] and not arguments["--out"] and not arguments["--resume"]
    return bool(arguments["--restart"] or in_own_folder)
