"""Reads a submission's source without running it.

Two things can be seen there: functions that a student has not begun (handouts mark the place to
write by an exception, a string, ``pass``, …), and what a question forbids: operators and imports.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

from grading.parsing import parse
from grading.rules import Rule
from grading.spellings import IN_A_CLASS, accepted

PLACE_TO_WRITE = "YOUR CODE HERE"
LARGEST_FILE = 1 << 20  # bytes; nobody writes that much by hand


Use = dict[str, str | int]


def uses_of(submission: Path, used: Iterable[tuple[str, str]], rule: Rule) -> list[Use]:
    """Where the definitions that a check relies on, or their files' imports, break a rule.

    A deterrent: it looks at names only, in any case, so that ``nn.Conv2d`` counts as ``conv2d``.
    A student's own ``conv2d``, a variable or on ``self``, is none.

    Args:
        submission: the folder with the homework's modules.
        used: (module, name) pairs that the check reads off the student.
        rule: what is forbidden.

    Returns:
        ``name``, ``file`` and ``line`` of each use, in the order of the source.
    """
    found: list[Use] = []
    for file, node in [_definition(submission, module, name) for module, name in used]:
        if node is None:
            continue
        if rule.kind == "calls":
            uses = _calls(node, _imports(file), set(rule.names))
        else:
            uses = _forbidden_imports(parse(file.read_bytes()), rule, submission)
        where = str(file.relative_to(submission))
        found += [{"name": name, "file": where, "line": line} for name, line in uses]
    return found


def _calls(node: ast.stmt, imported: dict[str, str], forbidden: set[str]) -> list[tuple[str, int]]:
    words = [(part, _forbidden_word(part, imported, forbidden)) for part in ast.walk(node)]
    return [(word, getattr(part, "lineno", 0)) for part, word in words if word]


def _forbidden_imports(tree: ast.Module, rule: Rule, submission: Path) -> list[tuple[str, int]]:
    """The (module, line) of the imports that a rule forbids; relative ones are the student's."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            # What is imported from a package may be a module of it.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            listed = any(f"{name}.".startswith(f"{entry}.") for entry in rule.names)
            if listed != rule.allowed and not (rule.allowed and _is_at_hand(name, submission)):
                top = name if isinstance(node, ast.Import) else str(node.module)
                found.append((top if rule.allowed else name, node.lineno))
    return list(dict.fromkeys(found))


def _is_at_hand(name: str, submission: Path) -> bool:
    """Whether a module is in the standard library or the submission itself."""
    top = name.partition(".")[0]
    own = (submission / f"{top}.py").is_file() or (submission / top).is_dir()
    return own or top in sys.stdlib_module_names


def _forbidden_word(part: ast.AST, imported: dict[str, str], forbidden: set[str]) -> str:
    """The forbidden name that a node of the syntax tree is, or ""."""
    names: list[str] = []
    while isinstance(part, ast.Attribute):  # from the outside in: no chain is too long for a loop
        names.insert(0, part.attr)
        part = part.value
    if isinstance(part, ast.Name):
        names.insert(0, part.id)
    root = names[0] if names else ""
    if root == "self" or not (len(names) > 1 or root in imported or "*" in imported):
        return ""
    words = [*imported.get(root, root).split("."), *names[1:]]
    # The name alone, with its module, or with that one's package as well.
    endings = {".".join(words[-count:]).lower() for count in (1, 2, 3)}
    return words[-1] if endings & forbidden else ""


def _imports(file: Path) -> dict[str, str]:
    """The names that a file imports, with what they stand for: ``F``, torch.nn.functional."""
    found: dict[str, str] = {}
    for node in ast.walk(parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.asname: a.name for a in node.names if a.asname}
    return found


def is_unwritten(submission: Path, used: Iterable[tuple[str, str]], answer: str) -> bool:
    """Whether a function or method that a check relies on has an empty body.

    Args:
        submission: the folder with the homework's modules.
        used: (module, name) pairs that the check reads off the student.
        answer: the text of the check's answer, in which methods are called by name.
    """
    definitions = (_definition(submission, module, name)[1] for module, name in used)
    return any(node is not None and _is_empty_definition(node, answer) for node in definitions)


def _definition(folder: Path, module: str, name: str) -> tuple[Path, ast.stmt | None]:
    """The class or function that a check uses: the last of that name, in the first place found.

    In the older edition of the homework it is a method of a model.
    """
    for place, spelling in accepted(module, name):
        package = folder / place
        files = sorted(package.rglob("*.py")) if package.is_dir() else [folder / f"{place}.py"]
        for file in files:
            for node in reversed(_statements(file)):
                if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == spelling:
                    return file, node
    if (module, name) not in IN_A_CLASS:
        return folder, None
    model, methods = IN_A_CLASS[module, name]
    place_of_model, found = _definition(folder, "models", model)
    body = found.body if isinstance(found, ast.ClassDef) else []
    own = {part.name: part for part in body if isinstance(part, ast.FunctionDef)}
    return place_of_model, next((own[method] for method in methods if method in own), None)


def _statements(file: Path) -> list[ast.stmt]:
    """What stands at the top of a file; nothing if it cannot be read as Python."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            return []
        return parse(file.read_bytes()).body
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return []


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
    return isinstance(value, ast.Constant) and PLACE_TO_WRITE in str(value.value).upper()


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
