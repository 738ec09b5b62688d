"""Finds what students write in the solution's source, and takes it out.

A region lies between two whole-line comments with the same id, inside a function's body::

    # BEGIN SOLUTION q6.scores: scale and mask the scores
    ...
    # END SOLUTION q6.scores

Comments are found with the tokenizer, so a string that holds these words is no marker; a comment
that is nearly a marker is an error, because a solution would otherwise be handed out.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

ID = r"q[1-9][0-9]*\.[a-z]+(?:_[a-z]+)*"
BEGIN = re.compile(rf"# BEGIN SOLUTION (?P<id>{ID}): (?P<text>\S.*)")
END = re.compile(rf"# END SOLUTION (?P<id>{ID})")
LOOSE = re.compile(r"\b(begin|end)[\s_-]*solutions?\b", re.IGNORECASE)
WORDS = ("BEGINSOLUTION", "ENDSOLUTION")
LIKENESS = 0.85  # of the first letters of a comment; one slip in thirteen letters is above it
SHAPES = "`# BEGIN SOLUTION qN.noun: what to do` or `# END SOLUTION qN.noun`"


class MarkerError(Exception):
    """A comment that is no proper marker, or a region in a wrong place; says file and line."""


@dataclass(frozen=True)
class Region:
    """What a student writes.

    Attributes:
        id: question and noun, ``q6.scores``.
        text: what to do, in a few words.
        file: the source file, as errors name it.
        begin: the line of the opening marker, counted from 1.
        end: the line of the closing marker.
    """

    id: str
    text: str
    file: str
    begin: int
    end: int

    @property
    def question(self) -> str:
        """The question's id, ``q6``."""
        return self.id.partition(".")[0]

    def stub(self, indent: str, newline: str) -> str:
        """The lines that stand in the student edition instead."""
        lines = (
            f"# TODO({self.id}): {self.text}",
            f"# Check it with: python autograder.py -q {self.question}",
            f"raise NotImplementedError({_quoted(self)})",
        )
        return newline.join(indent + line for line in lines)


def _quoted(region: Region) -> str:
    return json.dumps(f"{region.id}: {region.text}", ensure_ascii=False)


def find_regions(source: str, file: str) -> list[Region]:
    """The regions of one file, in its order.

    Args:
        source: the file's text.
        file: its name in error messages.

    Raises:
        MarkerError: naming file and line of the first thing that is wrong.
    """
    regions: list[Region] = []
    opened: tuple[int, re.Match[str]] | None = None
    for line, match in _markers(source, file):
        if match.re is BEGIN:
            if opened is not None:
                inside = f"inside {opened[1]['id']}, which is open since line {opened[0]}"
                raise MarkerError(f"{file}:{line}: {match['id']} begins {inside}; close that first")
            opened = line, match
            continue
        if opened is None:
            raise MarkerError(f"{file}:{line}: {match['id']} ends, but no region is open")
        begin, opening = opened
        if match["id"] != opening["id"]:
            expected = f"expected the end of {opening['id']}, which begins on line {begin}"
            raise MarkerError(f"{file}:{line}: {expected}; got the end of {match['id']}")
        regions.append(Region(opening["id"], opening["text"], file, begin, line))
        opened = None
    if opened is not None:
        raise MarkerError(f"{file}:{opened[0]}: {opened[1]['id']} begins here and never ends")
    require_unique(regions)
    if regions:
        _require_whole_statements(source, regions)
    return regions


def require_unique(regions: Iterable[Region]) -> None:
    """Refuse an id that two regions have.

    Raises:
        MarkerError: naming both places.
    """
    seen: dict[str, Region] = {}
    for region in regions:
        if region.id in seen:
            first = seen[region.id]
            place = f"{first.file}:{first.begin}"
            raise MarkerError(f"{region.file}:{region.begin}: {region.id} stands at {place} too")
        seen[region.id] = region


def _markers(source: str, file: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The line and the parsed text of each marker."""
    for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline):
        if token.type != tokenize.COMMENT:
            continue
        comment, line = token.string.rstrip("\r\n"), token.start[0]
        match = BEGIN.fullmatch(comment) or END.fullmatch(comment)
        if match is None:
            if _is_nearly_a_marker(comment):
                raise MarkerError(f"{file}:{line}: expected {SHAPES}; got `{comment}`")
        elif token.line[: token.start[1]].strip():
            raise MarkerError(f"{file}:{line}: a marker must stand on a line of its own")
        else:
            yield line, match


def _is_nearly_a_marker(comment: str) -> bool:
    letters = re.sub(r"[^A-Z]", "", comment.upper())
    alike = (SequenceMatcher(None, letters[: len(word)], word).ratio() for word in WORDS)
    return bool(LOOSE.search(comment)) or max(alike) >= LIKENESS


def _require_whole_statements(source: str, regions: list[Region]) -> None:
    """Refuse a region that is not a run of whole statements in the body of a function."""
    tree = ast.parse(source)
    for region in regions:
        block, first, _ = _block_of(tree, region)
        if first == 0 and _is_docstring(block[0]):
            raise _misplaced(region, "holds the docstring; begin after it")


def _block_of(tree: ast.Module, region: Region) -> tuple[list[ast.stmt], int, int]:
    """The list of statements that a region is cut out of, with its first and last place there."""
    node: ast.AST = tree
    in_function = False
    while True:
        blocks = list(_blocks(node))
        for block in blocks:
            held = [n for n, each in enumerate(block) if _lines(each) & _inner(region)]
            if not held:
                continue
            if all(_lines(block[n]) <= _inner(region) for n in held):
                if not in_function:
                    raise _misplaced(region, "is not inside a function")
                return block, held[0], held[-1]
            if len(held) > 1 or min(_lines(block[held[0]])) > region.begin:
                raise _misplaced(region, "cuts a statement in two")
            node = block[held[0]]
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                in_function = not isinstance(node, ast.ClassDef)
            break
        else:
            raise _misplaced(region, "holds no statement of a function's body")


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
    for inner in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield inner.body


def _lines(statement: ast.stmt) -> set[int]:
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    return set(range(first, (statement.end_lineno or first) + 1))


def _inner(region: Region) -> set[int]:
    return set(range(region.begin, region.end + 1))


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _misplaced(region: Region, what: str) -> MarkerError:
    return MarkerError(f"{region.file}:{region.begin}: {region.id} {what}")


def stub_source(source: str, file: str, keep: Iterable[str] = ()) -> str:
    """Take the regions out of a file.

    Args:
        source: the file's text, with its own line ends.
        file: its name in error messages.
        keep: regions, or questions, whose solution stays, without its markers.

    Returns:
        The student's text; every character outside the regions is as it was.

    Raises:
        MarkerError: for a bad marker, or if anything but the regions would change.
    """
    kept = set(keep)
    regions = find_regions(source, file)
    lines = source.split("\n")
    taken = [region for region in regions if not {region.id, region.question} & kept]
    for region in reversed(regions):
        opening = lines[region.begin - 1]
        indent = opening[: len(opening) - len(opening.lstrip())]
        end = "\r" if opening.endswith("\r") else ""
        new = lines[region.begin : region.end - 1]
        if region in taken:
            new = [line + end for line in region.stub(indent, "\n").split("\n")]
        lines[region.begin - 1 : region.end] = new
    stub = "\n".join(lines)
    _prove_same_outside(source, stub, taken)
    return stub


def _prove_same_outside(source: str, stub: str, taken: list[Region]) -> None:
    """Compare the parsed trees: signatures, docstrings, imports and all else must be equal."""
    tree = ast.parse(source)
    for region in taken:
        block, first, last = _block_of(tree, region)
        (raises,) = ast.parse(f"raise NotImplementedError({_quoted(region)})").body
        # Nothing moves for the regions that follow: what is left keeps its own line numbers.
        raises.lineno = raises.end_lineno = block[first].lineno
        block[first : last + 1] = [raises]
    try:
        same = ast.dump(tree) == ast.dump(ast.parse(stub))
    except SyntaxError as error:
        raise _misplaced(taken[0], f"leaves a stub that Python cannot read: {error}") from error
    if not same:
        raise _misplaced(taken[0], "or a region after it changes more than what lies inside it")
