"""Ships the text of a check's `answer` to the worker, and nothing else of the check.

Student code can walk the stack and search memory. If the check's module were loaded beside it,
the yardstick in `mark` would be one frame walk away; so the worker gets the lines of `answer`
alone, compiled there against the few names of `grading.worker.kit`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache

from grading.claims import Claim
from grading.parsing import parse


@cache
def answer_text(claim: Claim) -> str:
    """The source of a check's `answer`, dedented and without its annotations and docstring."""
    tree = parse(textwrap.dedent(inspect.getsource(claim.kind.answer)))
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)  # noqa: S101 - inspect returned a method
    function.decorator_list = []
    function.returns = None
    for argument in function.args.args:
        argument.annotation = None
    return ast.unparse(tree)


@cache
def parts(claim: Claim) -> int:
    """How many parts come before the last one: the `yield`s of `answer`."""
    return sum(isinstance(node, ast.Yield) for node in ast.walk(parse(answer_text(claim))))


@cache
def modules_used(claim: Claim) -> tuple[str, ...]:
    """The homework modules that `answer` reads off `student`, in order of first use."""
    names = [
        node.attr
        for node in ast.walk(parse(answer_text(claim)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "student"
    ]
    return tuple(dict.fromkeys(names))


@cache
def names_used(claim: Claim) -> frozenset[tuple[str, str]]:
    """The (module, name) pairs that `answer` uses, as ``("models", "AttentionBlock")``."""
    return frozenset(
        (node.value.attr, node.attr)
        for node in ast.walk(parse(answer_text(claim)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and isinstance(node.value.value, ast.Name)
        and node.value.value.id == "student"
    )
