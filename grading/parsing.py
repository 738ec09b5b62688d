"""Parses Python, one text at a time.

CPython 3.11 counts the depth of a syntax tree for all threads together: of two threads that parse
at the same time, one may fail with "AST constructor recursion depth mismatch"
(https://github.com/python/cpython/issues/106905).
"""

from __future__ import annotations

import ast
import threading

_ALONE = threading.Lock()


def parse(source: str | bytes) -> ast.Module:
    """Parse a file's text.

    Raises:
        SyntaxError, ValueError: if it is no Python.
    """
    with _ALONE:
        return ast.parse(source)
