"""What every command of a homework does alike: read its words, do its work, end with a code.

Exit codes: 0 done, 1 something is not written yet or a loss is no longer a number, 2 the command
line or the data is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docopt import DocoptExit, docopt

if TYPE_CHECKING:
    import torch

DONE, FAILED, USAGE, STOPPED = 0, 1, 2, 130


def run_command(
    name: str,
    usage: str | None,
    argv: Sequence[str] | None,
    work: Callable[[Mapping[str, Any]], None],
    stopped: str = "what is done so far is kept; --resume goes on",
) -> int:
    """Run a command and return its exit code.

    Args:
        name: of the command, as its messages begin.
        usage: its docstring, for docopt.
        argv: its words; None takes those of this process.
        work: does what the parsed words ask for.
        stopped: said after Ctrl-C.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch is imported
    words = list(sys.argv[1:] if argv is None else argv)
    if {"-h", "--help"} & set(words):  # whatever else is there
        sys.stdout.write((usage or "").strip() + "\n")
        return DONE
    try:
        arguments = docopt(usage or "", argv=words, default_help=False)
    except DocoptExit as error:
        first = str(error).partition("\n")[0]
        why = first if first.startswith("-") else _what_is_odd(words, usage or "")
        return _end(name, f"{why}; --help shows examples", USAGE)
    from data.fetching import FetchError

    try:
        work(arguments)
    except NotImplementedError as error:
        return _end(name, f"a part is not written yet: {error}", FAILED)
    except FloatingPointError as error:
        return _end(name, str(error), FAILED)
    except (ValueError, OSError, FetchError) as error:
        return _end(name, str(error), USAGE)
    except KeyboardInterrupt:
        return _end(name, f"stopped; {stopped}", STOPPED)
    return DONE


def number(arguments: Mapping[str, Any], option: str, kind: type = int) -> Any:
    """An option's value as a number; None where it was not given.

    Raises:
        ValueError: if it is none.
    """
    text = arguments[option]
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise ValueError(f"{option} is {text!r}; give {what}") from None


def choose_device(name: str, among: Sequence[str] = ("auto", "cpu", "cuda")) -> torch.device:
    """Find the device that ``--device`` names; ``auto`` prefers a GPU.

    Raises:
        ValueError: if it is not among the names that the command knows, or not there.
    """
    import torch

    if name not in among:
        known = f"{', '.join(among[:-1])} or {among[-1]}"
        raise ValueError(f"--device must be {known}, got {name!r}")
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise ValueError("--device cuda: PyTorch finds no GPU here; use --device cpu")
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def expect_writable(path: Path, option: str) -> None:
    """Make the folder of a file that is to be written, before the work whose result it holds.

    Args:
        path: the file.
        option: which names it.

    Raises:
        ValueError: if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ValueError(f"{option} {path} cannot be written: {error.strerror}") from error
    if path.is_dir():
        raise ValueError(f"{option} {path} cannot be written: it is a folder; name a file")


def _what_is_odd(words: Sequence[str], usage: str) -> str:
    """The option that is at fault, or else all words: of twenty one wants to know which."""
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    for option in options:
        if option not in usage:
            return f"there is no option {option}"
        if options.count(option) > 1 and "]..." not in usage:
            return f"{option} is there twice"
    return f"cannot read {' '.join(words)!r}"


def _end(name: str, message: str, code: int) -> int:
    sys.stderr.write(f"{name}: {message}\n")
    return code
