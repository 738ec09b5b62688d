"""The page on similar submissions: one file that loads nothing, with both texts side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from classroom.fingerprints import Pair, Slices, Text
from grading.options import UsageError

if TYPE_CHECKING:
    from classroom.similarity import Findings

HERE = Path(__file__).parent / "report"
AROUND = 2  # lines of context
Piece = tuple[str, bool]
Row = tuple[str, list[Piece]]


def page(found: Findings) -> str:
    """The whole page.

    Raises:
        UsageError: if Jinja2 is missing.
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ModuleNotFoundError as error:
        raise UsageError("jinja2 is not installed; run: pip install -r requirements.txt") from error
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("similarity.html")
    return template.render(found=found, pairs=[_shown(pair) for pair in found.pairs])


def _shown(pair: Pair) -> dict[str, object]:
    return {
        "question": pair.question,
        "sides": [
            {
                "who": text.who,
                "older": text.older,
                "share": f"{share:.0%}",
                "files": rows(text, slices),
            }
            for text, share, slices in zip(
                (pair.left, pair.right), pair.shares, pair.slices, strict=True
            )
        ],
    }


def rows(text: Text, slices: Slices) -> list[tuple[str, list[Row]]]:
    """Each file's lines, as (number, pieces), with which pieces stand in the other text.

    Lines far from any such piece are left out; a row without a number takes their place.
    """
    files, begin = [], 0
    for passage in text.passages:
        numbered, at = [], begin
        for number, line in enumerate(passage.text.split("\n"), start=passage.line):
            numbered.append((str(number), _pieces(line, at, slices)))
            at += len(line) + 1
        kept = _kept(numbered)
        if kept:
            files.append((passage.file, kept))
        begin += len(passage.text) + 1  # `Text.code` joins them with a line break
    return files


def _pieces(line: str, begin: int, slices: Slices) -> list[Piece]:
    pieces, at = [], 0
    for start, stop in slices:
        first, last = max(0, start - begin), min(len(line), stop - begin)
        if first >= last:
            continue
        pieces += [(line[at:first], False), (line[first:last], True)]
        at = last
    return [(part, marked) for part, marked in [*pieces, (line[at:], False)] if part]


def _kept(numbered: list[Row]) -> list[Row]:
    marked = {place for place, (_, pieces) in enumerate(numbered) if any(it for _, it in pieces)}
    near = {other for place in marked for other in range(place - AROUND, place + AROUND + 1)}
    kept: list[Row] = []
    for place, row in enumerate(numbered):
        if place in near:
            kept.append(row)
        elif kept and kept[-1][0]:
            kept.append(("", []))
    return kept[:-1] if kept and not kept[-1][0] else kept
