"""What the run shows: a line a cheat, a column a level, and the total."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.cheats.promises import ACCESSES, PROMISED, Outcome


def show(console: Console, outcomes: Sequence[Outcome], levels: Sequence[str]) -> None:
    """Print the scoreboard, why any score is not 0, and what a level leaves open."""
    found = {(outcome.cheat, outcome.level): outcome for outcome in outcomes}
    table = Table("cheat", *levels, "seconds", box=None, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for name in dict.fromkeys(outcome.cheat for outcome in outcomes):
        row = [found.get((name, level)) for level in levels]
        longest = max(outcome.seconds for outcome in row if outcome)
        table.add_row(name, *map(_cell, row), f"{longest:.1f}")
    totals = [sum(each.score for each in outcomes if each.level == level) for level in levels]
    cells = [Text(str(total), style="red" if total else "green") for total in totals]
    table.add_row("total", *cells, style="bold")
    console.print(table)
    for outcome in outcomes:
        if outcome.score:
            why = f"{outcome.cheat} at level {outcome.level}: {outcome.reasons()}"
            console.print(Text(why, style="red"))
    for level in levels:
        console.print(_accesses(level, [each for each in outcomes if each.level == level]))


def _cell(outcome: Outcome | None) -> Text:
    """The score; before it what the level leaves open, and in brackets what that won."""
    if outcome is None:
        return Text("-", style="dim")
    text = Text(str(outcome.score), style="bold red" if outcome.score else "green")
    if outcome.open:
        won = f" ({outcome.excused})" if outcome.excused else ""
        text = Text(f"{', '.join(outcome.open)}{won} ", style="dim") + text
    return text


def _accesses(level: str, outcomes: Sequence[Outcome]) -> Text:
    """One line: what a level keeps out of reach, and what it was seen to leave open."""
    left_open = sorted({access for outcome in outcomes for access in outcome.open})
    kept = [access for access in ACCESSES if access in PROMISED[level]]
    said = f"{level}: promises to refuse {', '.join(kept) or 'no access'}"
    if left_open:
        said += f"; left open here: {', '.join(left_open)} (in brackets the points so won)"
    return Text(said, style="dim")
