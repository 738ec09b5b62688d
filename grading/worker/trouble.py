"""Turns whatever student code raised into a few plain values that can travel in a frame."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path
from typing import Any

LONGEST = 500


class NotThere(NotImplementedError):
    """The submission has no such file, class or function (yet): that is "not started"."""


class WrongType(Exception):
    """A student's function returned something that is not a tensor."""


def describe(error: BaseException, folder: Path) -> dict[str, Any]:
    """Say what happened and where in the student's own files.

    Args:
        error: what was raised while student code ran.
        folder: the submission's private copy.

    Returns:
        ``status`` (never "passed"), ``message``, ``file``, ``line`` and ``source``.
    """
    file, line, source = _place(error, folder)
    return {
        "status": _status(error),
        "message": _message(error).replace(f"{folder}{os.sep}", "")[:LONGEST],
        "file": file,
        "line": line,
        "source": source[:LONGEST],
    }


def _status(error: BaseException) -> str:
    if isinstance(error, NotImplementedError) and _is_left_open(error):
        return "not started"
    return "failed" if isinstance(error, WrongType) else "crashed"


def _is_left_open(error: NotImplementedError) -> bool:
    """Whether a `raise` says so; PyTorch uses the same type for what its operators cannot do."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return not last or re.search(r"\braise\b", last[0].line or "raise") is not None


def _message(error: BaseException) -> str:
    if isinstance(error, WrongType) or (
        isinstance(error, NotImplementedError) and _is_left_open(error)
    ):
        return str(error) or "this part is not written yet"
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    if isinstance(error, SystemExit):
        return f"the code called sys.exit({error.code!r})"
    if isinstance(error, MemoryError) or "can't allocate memory" in _text(error):
        return "the code ran out of the memory that a check may use"
    if isinstance(error, RecursionError):
        return "RecursionError: a function calls itself without an end"
    return f"{type(error).__name__}: {_text(error)}"


def _text(error: BaseException) -> str:
    """What an exception says; a student's own exception may fail even at that."""
    try:
        return str(error)
    except Exception as second:
        return f"(its message cannot be read: {type(second).__name__})"


def _place(error: BaseException, folder: Path) -> tuple[str, int, str]:
    """The deepest line of the submission on the way to the error: (file, line, source)."""
    if isinstance(error, SyntaxError) and error.filename:
        column = max((error.offset or 1) - 1, 0)
        text = (error.text or "").rstrip("\n").expandtabs(1)
        indent = len(text) - len(text.lstrip())
        caret = " " * max(column - indent, 0) + "^"
        return _relative(error.filename, folder), error.lineno or 0, f"{text.strip()}\n{caret}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if _is_inside(frame.filename, folder):
            return _relative(frame.filename, folder), frame.lineno or 0, frame.line or ""
    return "", 0, ""


def _is_inside(file: str, folder: Path) -> bool:
    return Path(file).is_relative_to(folder)


def _relative(file: str, folder: Path) -> str:
    return str(Path(file).relative_to(folder)) if _is_inside(file, folder) else Path(file).name
