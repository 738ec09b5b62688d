"""Solution regions are found exactly, taken out exactly, and refused when in doubt."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from handout.manifest import Kind, files_below, sort_out
from handout.regions import MarkerError, find_regions, require_unique, stub_source

ROOT = Path(__file__).resolve().parents[2]
STUBBED = [path for path, rule in sort_out(files_below(ROOT)) if rule.kind is Kind.STUB]

GOOD = '''"""Module."""

import math


def area(radius: float) -> float:
    """Return the area."""
    # BEGIN SOLUTION q1.area: multiply by the square
    square = radius**2
    return math.pi * square
    # END SOLUTION q1.area


TEXT = "# BEGIN SOLUTION in a string is no marker"
'''


def body(*lines: str) -> str:
    """A function with these lines in its body."""
    return "def f(x):\n" + "".join(f"    {line}\n" for line in lines)


BEGIN, CODE, END = "# BEGIN SOLUTION q1.area: multiply", "return x", "# END SOLUTION q1.area"

BAD_MARKERS = [
    pytest.param(("# Begin Solution q1.area: multiply", CODE, END), 2, id="wrong-case"),
    pytest.param(("# BEGIN SOLUTION: multiply", CODE, END), 2, id="no-id"),
    pytest.param(("# BEGIN SOLUTION q1.area multiply", CODE, END), 2, id="no-colon"),
    pytest.param(("# BEGIN SOLUTION q1.area:", CODE, END), 2, id="no-description"),
    pytest.param(("# BEGIN SOLUTION q1.Area: multiply", CODE, END), 2, id="id-in-capitals"),
    pytest.param(("# BEGIN SOLUTION area: multiply", CODE, END), 2, id="id-without-question"),
    pytest.param(("#BEGIN SOLUTION q1.area: multiply", CODE, END), 2, id="no-space"),
    pytest.param(("#  BEGIN SOLUTION q1.area: multiply", CODE, END), 2, id="two-spaces"),
    pytest.param(("# BEGIN_SOLUTION q1.area: multiply", CODE, END), 2, id="underscore"),
    pytest.param(("# BEGIN SOLUTIONS q1.area: multiply", CODE, END), 2, id="plural"),
    pytest.param(("# BEGIN SOLUTOIN q1.area: multiply", CODE, END), 2, id="letters-swapped"),
    pytest.param(("# BEGN SOLUTION q1.area: multiply", CODE, END), 2, id="letter-missing"),
    pytest.param((BEGIN, CODE, f"{END}: done"), 4, id="end-with-text"),
    pytest.param((f"y = 1  {BEGIN}", CODE, END), 2, id="beside-code"),
    pytest.param((BEGIN, CODE, "# END SOLUTION q1.other"), 4, id="end-of-another"),
    pytest.param((BEGIN, CODE), 2, id="never-ends"),
    pytest.param((CODE, END), 3, id="never-begins"),
    pytest.param(
        (BEGIN, "# BEGIN SOLUTION q1.inner: more", CODE, "# END SOLUTION q1.inner", END),
        3,
        id="nested",
    ),
    pytest.param((BEGIN, "y = 1", END, BEGIN, CODE, END), 5, id="id-twice"),
    pytest.param((BEGIN, END, CODE), 2, id="holds-nothing"),
    pytest.param((BEGIN, '"""Docstring."""', CODE, END), 2, id="holds-the-docstring"),
    pytest.param(("if x:", f"    {BEGIN}", "    y = 1", CODE, END), 3, id="two-blocks"),
    pytest.param(("y = [", BEGIN, "1]", END, CODE), 3, id="cuts-a-statement-at-its-start"),
    pytest.param((BEGIN, "y = [", END, "1]", CODE), 2, id="cuts-a-statement-at-its-end"),
    pytest.param(
        ("if x:", "    y = 1", f"    {BEGIN}", "else:", "    y = 2", END), 4, id="takes-an-else"
    ),
]


@pytest.mark.parametrize(("lines", "line"), BAD_MARKERS)
def test_a_bad_marker_is_refused_with_file_and_line(lines: tuple[str, ...], line: int) -> None:
    with pytest.raises(MarkerError, match=rf"^models/f\.py:{line}: "):
        stub_source(body(*lines), "models/f.py")


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"{BEGIN}\nx = 1\n{END}\n", id="module"),
        pytest.param(f"class A:\n    {BEGIN}\n    x = 1\n    {END}\n", id="class"),
        pytest.param(f"{BEGIN}\ndef f():\n    pass\n{END}\n", id="whole-function"),
        pytest.param(f"if True:\n    {BEGIN}\n    x = 1\n    {END}\n", id="block-of-a-module"),
    ],
)
def test_a_region_outside_a_function_is_refused(source: str) -> None:
    with pytest.raises(MarkerError, match="function"):
        find_regions(source, "f.py")


def test_an_id_in_two_files_is_refused_with_both_places() -> None:
    first, second = (find_regions(GOOD, name)[0] for name in ("a.py", "b.py"))
    with pytest.raises(MarkerError, match=r"^b\.py:8: q1\.area stands at a\.py:8 too"):
        require_unique([first, second])


def test_a_region_becomes_a_task_a_command_and_an_exception() -> None:
    stub = stub_source(GOOD, "f.py")
    assert stub.split("\n")[7:10] == [
        "    # TODO(q1.area): multiply by the square",
        "    # Check it with: python autograder.py -q q1",
        '    raise NotImplementedError("q1.area: multiply by the square")',
    ]
    assert "radius**2" not in stub


def test_everything_outside_regions_keeps_its_bytes() -> None:
    before, _, rest = GOOD.partition("    # BEGIN")
    _, _, after = rest.partition("# END SOLUTION q1.area\n")
    stub = stub_source(GOOD, "f.py")
    assert stub.startswith(before)
    assert stub.endswith(after)


def test_windows_line_ends_are_kept() -> None:
    stub = stub_source(GOOD.replace("\n", "\r\n"), "f.py")
    assert stub.count("\n") == stub.count("\r\n")
    assert stub.replace("\r\n", "\n") == stub_source(GOOD, "f.py")


def test_a_kept_region_loses_only_its_markers() -> None:
    whole = stub_source(GOOD, "f.py", keep=["q1.area"])
    assert whole == "".join(
        line
        for line in GOOD.splitlines(keepends=True)
        if not line.strip().startswith(("# BEGIN SOLUTION q1", "# END SOLUTION q1"))
    )
    assert whole == stub_source(GOOD, "f.py", keep=["q1"])


def test_quotes_and_backslashes_in_a_task_are_kept() -> None:
    text = 'say "a\\nb", as é'
    stub = stub_source(body(f"# BEGIN SOLUTION q1.area: {text}", CODE, END), "f.py")
    raised = ast.parse(stub).body[0].body[0].exc.args[0].value  # type: ignore[attr-defined]
    assert raised == f"q1.area: {text}"


@pytest.mark.parametrize("path", [pytest.param(path, id=path) for path in STUBBED])
def test_stubbing_a_stub_changes_nothing(path: str) -> None:
    stub = stub_source((ROOT / path).read_text(encoding="utf-8"), path)
    assert stub_source(stub, path) == stub
    assert "SOLUTION" not in stub


@pytest.mark.parametrize("path", [pytest.param(path, id=path) for path in STUBBED])
def test_signatures_docstrings_and_imports_stay(path: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    assert outline(source) == outline(stub_source(source, path))


def outline(source: str) -> list[str]:
    """Every signature, docstring and import of a file, in its order."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.append(ast.unparse(node))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            heads = [ast.unparse(part) for part in ast.iter_child_nodes(node) if is_head(part)]
            found.append(f"{node.name} {heads} {ast.get_docstring(node)}")
    return found


def is_head(part: ast.AST) -> bool:
    return isinstance(part, (ast.arguments, ast.expr))


@pytest.mark.parametrize("path", [pytest.param(path, id=path) for path in STUBBED])
def test_stub_lines_fit_the_page(path: str) -> None:
    stub = stub_source((ROOT / path).read_text(encoding="utf-8"), path)
    assert max(map(len, stub.splitlines())) <= 100
