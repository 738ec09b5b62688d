"""Reads a submission's source without running it.

Two things can be seen there: functions that a student has not begun (handouts mark the place to
write by an exception, a string, ``pass``, …), and what a question forbids: operators and imports.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from grading import parsing
from grading.parsing import look_through
from grading.rules import Rule
from grading.spellings import HOMEWORK_MODULES, IN_A_CLASS, accepted

PLACE_TO_WRITE = "YOUR CODE HERE"
MOST_BYTES = 512 * 1024  # of the homework's modules together; ours have a third
UNSEEN = "code that is too long or too nested to be looked through"
LONGEST_NAME = 200

Use = dict[str, str | int]
Found = tuple[tuple[str, int], ...]  # (name, line) of each use


def uses_of(submission: Path, used: Iterable[tuple[str, str]], rule: Rule) -> list[Use]:
    """Where the definitions that a check relies on, or their files' imports, break a rule.

    A deterrent: it looks at names only, in any case, so that ``nn.Conv2d`` counts as ``conv2d``.
    A student's own ``conv2d``, a variable or on ``self``, is none. A file that cannot be looked
    through counts as a use, lest it be a place to hide one.

    Args:
        submission: the folder with the homework's modules.
        used: (module, name) pairs that the check reads off the student.
        rule: what is forbidden.

    Returns:
        ``name``, ``file`` and ``line`` of each use, in the order of the source.
    """
    found: list[Use] = []
    for file, node in [_definition(submission, module, name) for module, name in used]:
        if file is None:
            continue
        tree = look_through(file.read_bytes()) if node else None
        uses: Found
        if node is None or tree is None:
            uses = ((UNSEEN, 1),)
        elif rule.kind == "calls":
            uses = _calls(node, tree, rule)
        else:
            own = {part.name if part.is_dir() else part.stem for part in submission.iterdir()}
            uses = _forbidden_imports(tree, rule, frozenset(own))
        where = str(file.relative_to(submission))
        found += [{"name": name, "file": where, "line": line} for name, line in uses]
    return found


@lru_cache(maxsize=64)
def _calls(node: ast.stmt, tree: ast.Module, rule: Rule) -> Found:
    imported, forbidden, seen = _imports(tree), set(rule.names), set[ast.AST]()
    found: list[tuple[str, int]] = []
    for part in ast.walk(node):
        if part in seen or not isinstance(part, (ast.Attribute, ast.Name)):
            continue
        names: list[str] = []
        inner: ast.expr = part
        while isinstance(inner, ast.Attribute):  # from the outside in
            names.append(inner.attr)
            inner = inner.value
            seen.add(inner)
        if isinstance(inner, ast.Name):
            names.append(inner.id)
        words = _forbidden_words(names[::-1], imported, forbidden)
        found += [(word, part.lineno) for word in words]
    return tuple(found)


@lru_cache(maxsize=64)
def _forbidden_imports(tree: ast.Module, rule: Rule, own: frozenset[str]) -> Found:
    """The (module, line) of the imports that a rule forbids; relative ones are the student's."""
    found: list[tuple[str, int]] = []
    at_hand = own | sys.stdlib_module_names
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            package, names = "", [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            # What is imported from a package may be a module of it.
            package, names = f"{node.module}"[:LONGEST_NAME], [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            whole = f"{package}.{name[:LONGEST_NAME]}".removeprefix(".")
            listed = any(f"{whole}.".startswith(f"{entry}.") for entry in rule.names)
            is_at_hand = rule.allowed and whole.partition(".")[0] in at_hand
            if listed != rule.allowed and not is_at_hand:
                found.append((package or whole if rule.allowed else whole, node.lineno))
    return tuple(dict.fromkeys(found))


def _forbidden_words(names: list[str], imported: dict[str, str], forbidden: set[str]) -> list[str]:
    """The forbidden names in ``a.b.c``, ``a.b`` and ``a``, given as its parts."""
    root = names[0] if names else "self"
    if root == "self":
        return []
    first = imported.get(root, root).split(".")
    words = [*first, *names[1:]]
    least = len(first) + (root not in imported and "*" not in imported)
    found: list[str] = []
    for end in range(len(words), least - 1, -1):
        # The name alone, with its module, or with that one's package as well.
        endings = {".".join(words[max(0, end - count) : end]).lower() for count in (1, 2, 3)}
        if endings & forbidden:
            found.append(words[end - 1])
    return found


@lru_cache(maxsize=64)
def _imports(tree: ast.Module) -> dict[str, str]:
    """The names that a file imports, with the end of what they stand for: ``nn.functional``."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            package = f"{node.module}"[-LONGEST_NAME:]
            found |= {a.asname or a.name: _end(f"{package}.{a.name}") for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.asname: _end(a.name) for a in node.names if a.asname}
    return found


def _end(name: str) -> str:
    """The last three parts of a dotted name, which is all that a rule may ask for."""
    return ".".join(name[-LONGEST_NAME:].split(".")[-3:])


def is_unwritten(submission: Path, used: Iterable[tuple[str, str]], answer: str) -> bool:
    """Whether a function or method that a check relies on has an empty body.

    Args:
        submission: the folder with the homework's modules.
        used: (module, name) pairs that the check reads off the student.
        answer: the text of the check's answer, in which methods are called by name.
    """
    definitions = (_definition(submission, module, name)[1] for module, name in used)
    return any(node is not None and _is_empty_definition(node, answer) for node in definitions)


def forget() -> None:
    """Let go of what is remembered of a submission that is done with."""
    parsing.forget()
    for remembering in (_calls, _forbidden_imports, _imports):
        remembering.cache_clear()


def _definition(folder: Path, module: str, name: str) -> tuple[Path | None, ast.stmt | None]:
    """The class or function that a check uses: the last of that name, in the first place found.

    In the older edition of the homework it is a method of a model.

    Returns:
        Its file and itself. The file alone if it cannot be looked through, and so may hold it;
        neither if there is none.
    """
    too_much = _size(folder) > MOST_BYTES
    for place, spelling in accepted(module, name):
        for file in _files(folder, place):
            tree = None if too_much else look_through(file.read_bytes())
            if tree is None:
                return file, None
            for node in reversed(tree.body):
                if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == spelling:
                    return file, node
    if (module, name) not in IN_A_CLASS:
        return None, None
    model, methods = IN_A_CLASS[module, name]
    file_of_model, found = _definition(folder, "models", model)
    if found is None:
        return file_of_model, None
    body = found.body if isinstance(found, ast.ClassDef) else []
    own = {part.name: part for part in body if isinstance(part, ast.FunctionDef)}
    method = next((own[method] for method in methods if method in own), None)
    return file_of_model if method else None, method


def _files(folder: Path, module: str) -> list[Path]:
    """The files in which a module's definitions may stand."""
    package, file = folder / module, folder / f"{module}.py"
    if package.is_dir():
        return sorted(path for path in package.rglob("*.py") if path.is_file())
    return [file] if file.is_file() else []


def _size(folder: Path) -> int:
    """The bytes of all homework modules together."""
    files = [file for module in HOMEWORK_MODULES for file in _files(folder, module)]
    return sum(file.stat().st_size for file in files)


def _is_empty_definition(node: ast.stmt, answer: str) -> bool:
    if isinstance(node, ast.FunctionDef):
        return _is_empty(node.body)
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - `_definition` returns nothing else
    methods = [method for method in node.body if isinstance(method, ast.FunctionDef)]
    return any(
        _is_empty(method.body)
        for method in methods
        if method.name in ("forward", "run") or f".{method.name}(" in answer
    )


def _is_empty(body: list[ast.stmt]) -> bool:
    """Nothing but docstrings, `pass`, `...` and the like, or given lines up to a place to write."""
    if all(_says_nothing(statement) for statement in body):
        return True
    given = body[:-1] if isinstance(body[-1], ast.Return) else body
    return bool(given) and _is_place_to_write(given[-1])


def _is_place_to_write(statement: ast.stmt) -> bool:
    """The string by which older handouts mark where code belongs; written code follows it."""
    if isinstance(statement, ast.With):
        return _is_place_to_write(statement.body[-1])
    value = statement.value if isinstance(statement, ast.Expr) else None
    text = value.value if isinstance(value, ast.Constant) else None
    return isinstance(text, str) and PLACE_TO_WRITE in text.upper()


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.With):
        return _is_empty(statement.body)
    if isinstance(statement, ast.Expr):
        root = statement.value
        while isinstance(root, (ast.Call, ast.Attribute)):
            root = root.func if isinstance(root, ast.Call) else root.value
        is_super = isinstance(root, ast.Name) and root.id == "super"
        return isinstance(statement.value, ast.Constant) or is_super
    return False
