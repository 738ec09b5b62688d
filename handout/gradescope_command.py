"""``handout gradescope``: build the bundle, and with ``--rehearse`` try it here."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grading.options import UsageError
from handout.gradescope import QUESTIONS, BundleError, Wanted, bundle, datasets

GOOD, BAD, USAGE = 0, 1, 2


def run(root: Path, arguments: Mapping[str, Any]) -> int:
    """Do as a parsed command line says; returns the exit code."""
    out = Path(arguments["OUT"])
    submission = Path(arguments["SUBMISSION"]) if arguments["SUBMISSION"] else None
    try:
        wanted = _wanted(arguments)
        if submission is not None and not arguments["--rehearse"]:
            raise UsageError("SUBMISSION is for --rehearse; add it, or leave SUBMISSION out")
        if submission is not None and not submission.exists():
            raise UsageError(f"there is no submission at {submission}")
        content = bundle(root, wanted)
        processors = _number(arguments, "--processors")
    except UsageError as error:
        return _refuse(str(error), USAGE)
    except (BundleError, OSError) as error:
        return _refuse(str(error), BAD)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(content)
    except OSError as error:
        return _refuse(f"{out} cannot be written: {error.strerror or error}", BAD)
    size = len(content) / 1024
    sys.stdout.write(f"{out}: {size:.0f} KB, grades {', '.join(wanted.questions)}\n")
    return (
        _rehearse(root, content, submission, wanted, processors, arguments)
        if (arguments["--rehearse"])
        else GOOD
    )


def _wanted(arguments: Mapping[str, Any]) -> Wanted:
    asked = [word.strip().lower() for word in (arguments["--questions"] or "").split(",")]
    return Wanted(
        questions=tuple(word for word in asked if word) or QUESTIONS,
        minutes=_number(arguments, "--minutes"),
        patience=_number(arguments, "--patience"),
        memory=int(_number(arguments, "--memory")),
        policy=Path(arguments["--policy"]) if arguments["--policy"] else None,
        torch_index=arguments["--torch-index"] or "",
    )


def _number(arguments: Mapping[str, Any], name: str) -> float:
    try:
        number = float(arguments[name])
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number <= 0:
        raise UsageError(f"{name} is {arguments[name]!r}; give a number above 0")
    return number


def _rehearse(
    root: Path,
    content: bytes,
    submission: Path | None,
    wanted: Wanted,
    processors: float,
    arguments: Mapping[str, Any],
) -> int:
    import data
    from handout.container import Container
    from handout.rehearsal import rehearse, told

    for name in datasets(wanted.questions):
        data.load(name)  # there is no network in the container
    container = Container(wanted.memory, processors)
    came = rehearse(root, content, submission, container)
    sys.stdout.write("\n".join(["", *told(came)]) + "\n")
    return BAD if came.problems else GOOD


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"handout: {message}\n")
    return code
