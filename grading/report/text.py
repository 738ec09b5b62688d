"""Words from a stranger's program, made safe to print, and numbers made easy to read."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable

WIDTH = 100
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # operating system commands, such as window titles
    r"|\x1b\[[0-?]*[ -/]*[@-~]?"  # cursor movements and colours
    r"|\x1b[ -/]*[0-~]?"  # two-character escapes
)


def clean(text: str) -> str:
    """Take out whatever could steer a terminal: escapes, control and direction characters.

    A line that was drawn over itself (a progress bar) keeps only its last state.
    """
    text = _ESCAPES.sub("", text).replace("\r\n", "\n").expandtabs(4)
    lines = (_last_state(line) for line in text.split("\n"))
    return "\n".join("".join(sign for sign in line if _is_printed(sign)) for line in lines)


def _last_state(line: str) -> str:
    states = [state for state in line.split("\r") if state]
    return states[-1] if states else ""


def _is_printed(sign: str) -> bool:
    return not unicodedata.category(sign).startswith("C")


def paragraph(text: str, first: str, rest: str, width: int = WIDTH) -> list[str]:
    """Wrap a text whose own line breaks and indentation count (a line of code and its caret).

    Args:
        text: what to wrap; cleaned here.
        first: what stands before the first line.
        rest: what stands before every further line.
        width: columns, the prefixes included.
    """
    lines: list[str] = []
    for line in clean(text).rstrip().split("\n"):
        lines += textwrap.wrap(
            line,
            width,
            initial_indent=rest if lines else first,
            subsequent_indent=rest,
            break_on_hyphens=False,
        ) or [(rest if lines else first).rstrip()]
    return lines


def place(submission: str) -> str:
    """A submission as a sentence names it."""
    return "this folder" if submission == "." else submission


def counted(number: int, noun: str) -> str:
    """``1 check``, ``2 checks``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """A share of 1 as students read it: ``97.1 %``, never rounded up to 100."""
    shown = f"{100 * share:.1f}"
    return "99.9 %" if shown == "100.0" and share < 1 else f"{shown} %"


def epochs(number: float) -> str:
    """``2.3`` while it matters, ``230`` when it does not."""
    return f"{number:.1f}" if number < 100 else f"{number:.0f}"


def columns(rows: Iterable[tuple[str, ...]], to_the_right: tuple[bool, ...]) -> list[str]:
    """Rows of equally many cells as lines of aligned text, two spaces apart."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, to_the_right, strict=True)
        ).rstrip()
        for row in table
    ]
