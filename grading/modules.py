"""Reads one Python file without running it: what its top level binds, imports and does."""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Iterator
from typing import TypeAlias

from grading.parsing import parse

Place: TypeAlias = tuple[str, str]
"""A module's dotted name and a name at its top level; "" there means the module itself."""
Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
IMPORTS = (ast.Import, ast.ImportFrom)


class Module:
    """One file of a submission: what its top level binds, imports and does.

    Args:
        name: its dotted name, ``models.attention``.
        file: its path below the submission's root.
        content: its bytes.
    """

    def __init__(self, name: str, file: str, content: bytes) -> None:
        self.name = name
        self.package = name if file.endswith("__init__.py") else name.rpartition(".")[0]
        self.file = file
        self.trouble = ""
        self.bound: dict[str, list[ast.stmt]] = {}
        self.imports: dict[str, Place] = {}
        self.stars: list[str] = []
        self.imported: set[str] = set()
        self.import_lines: list[str] = []
        self.effects: list[ast.stmt] = []
        self.digest = hashlib.sha256(content).hexdigest()
        try:
            tree = _parsed(content)
            _drop_docstrings(tree)
            self.digest = hashlib.sha256(_whole(tree)).hexdigest()
        except SyntaxError as error:
            self.trouble = f"{file}:{error.lineno or 1}: {type(error).__name__}: {error.msg}"
        except (ValueError, RecursionError, MemoryError) as error:
            self.trouble = f"{file}: {type(error).__name__}: {error}"
        else:
            self._take_in(tree)

    def _take_in(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, IMPORTS):
                self._note_import(node)
        for statement in tree.body:
            names = _names_bound(statement)
            for name in names:
                self.bound.setdefault(name, []).append(statement)
            if not _only_binds(statement) and not _is_main_block(statement):
                self.effects.append(statement)

    def _note_import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.import_lines.append(ast.unparse(node))
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imported.add(alias.name)
                root = alias.name.partition(".")[0]
                self.imports[alias.asname or root] = (alias.name if alias.asname else root, "")
            return
        base = self._base(node)
        self.imported.add(base)
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(base)
            else:
                self.imported.add(f"{base}.{alias.name}")
                self.imports[alias.asname or alias.name] = (base, alias.name)

    def _base(self, node: ast.ImportFrom) -> str:
        """The module that a ``from`` means, its leading dots resolved."""
        if not node.level:
            return node.module or ""
        parts = self.package.split(".")
        above = parts[: len(parts) - node.level + 1]
        return ".".join([*above, *([node.module] if node.module else [])])


def names_read(node: ast.AST, local: frozenset[str] = frozenset()) -> Iterator[list[str]]:
    """The names that a piece of code reads from outside: ``a.b.c`` as its parts.

    A function's own variables are left out, however deep they stand.
    """
    if isinstance(node, FUNCTIONS):
        defaults = [*node.args.defaults, *node.args.kw_defaults]
        for outer in [*node.decorator_list, *(default for default in defaults if default)]:
            yield from names_read(outer, local)
        inner = local | _own_names(node)
        for statement in node.body:
            yield from names_read(statement, inner)
        return
    path = _path(node)
    if path:
        if path[0] not in local:
            yield path
        return
    for part in ast.iter_child_nodes(node):
        yield from names_read(part, local)


def runs_at_import(content: bytes, line: int) -> bool:
    """Whether a line stands outside every function, so that importing its file runs it."""
    try:
        tree = _parsed(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    functions = (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))
    return not any(f.body[0].lineno <= line <= (f.end_lineno or line) for f in functions)


def _own_names(function: Function) -> set[str]:
    inside = list(ast.walk(function))
    shared = {name for n in inside if isinstance(n, (ast.Global, ast.Nonlocal)) for name in n.names}
    stored = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return (stored | {n.arg for n in inside if isinstance(n, ast.arg)}) - shared


def _parsed(content: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a strange escape in a text is for a check to mind
        return parse(content)


def _whole(tree: ast.Module) -> bytes:
    return ast.dump(tree).encode("utf-8", "backslashreplace")


def _drop_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, *DEFINITIONS)) and ast.get_docstring(node) is not None:
            del node.body[0]


def _names_bound(statement: ast.stmt) -> set[str]:
    """The names that a statement at the top of a file gives a meaning, imports apart."""
    if isinstance(statement, DEFINITIONS):
        return {statement.name}
    inside = list(ast.walk(statement))
    names = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names | {node.name for node in inside if isinstance(node, DEFINITIONS)}


def _only_binds(statement: ast.stmt) -> bool:
    """Whether a statement matters to nobody but those who use the names that it binds."""
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, (ast.Name, ast.Tuple)) for target in statement.targets)
    return isinstance(statement, (*DEFINITIONS, *IMPORTS)) or (
        isinstance(statement, (ast.AnnAssign, ast.AugAssign))
        and isinstance(statement.target, ast.Name)
    )


def _is_main_block(statement: ast.stmt) -> bool:
    """``if __name__ == "__main__":``, which importing does not run."""
    return isinstance(statement, ast.If) and ast.unparse(statement.test).startswith("__name__ ==")


def _path(node: ast.AST) -> list[str]:
    """``a.b.c`` as its parts; nothing for other expressions."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []
