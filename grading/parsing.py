"""Parses Python, one text at a time, and looks through a stranger's within bounds.

CPython 3.11 counts the depth of a syntax tree for all threads together: of two threads that parse
at the same time, one may fail with "AST constructor recursion depth mismatch"
(https://github.com/python/cpython/issues/106905). No other thread runs while it parses, so a text
that takes long would stop the whole grader.
"""

from __future__ import annotations

import ast
import io
import re
import threading
import tokenize
import warnings
from functools import lru_cache

LARGEST_FILE = 128 * 1024  # bytes; the worst that we know takes half a second and 100 MB
# CPython 3.11 reads a formatted text anew for each {expression} in it: a third of a second.
MOST_BYTES_TIMES_BRACES = 10**9
# It joins a.b, a.b.c, … anew for each part of an imported name.
NAMES = re.compile(rb"[\w.\s\\\x80-\xff]+")
MOST_DOTS = 2000
ENCODINGS = ("utf-8", "utf-8-sig", "iso-8859-1", "ascii", "cp1252")  # a byte is a character or less

_ALONE = threading.Lock()


def parse(source: str | bytes) -> ast.Module:
    """Parse a file's text.

    Raises:
        SyntaxError, ValueError: if it is no Python.
    """
    with _ALONE:
        return ast.parse(source)


def look_through(content: bytes) -> ast.Module | None:
    """Parse a file of a stranger's, once; the tree is shared, so leave it as it is.

    Returns:
        The tree, empty if it is no Python; None for what Python may well run, but is too long, too
        nested or too strangely encoded to be looked through.
    """
    with _ALONE:
        return _look_through(content)


def forget() -> None:
    """Let go of the trees, once a submission is done with: the worst ones are large."""
    _look_through.cache_clear()


@lru_cache(maxsize=64)
def _look_through(content: bytes) -> ast.Module | None:
    if len(content) > LARGEST_FILE:
        return None
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # as Python counts lines
    if len(content) * content.count(b"{") > MOST_BYTES_TIMES_BRACES:
        return None
    if any(names.count(b".") > MOST_DOTS for names in NAMES.findall(content)):
        return None
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        if encoding not in ENCODINGS:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a strange escape in a text is for a check to mind
            return ast.parse(content.decode(encoding))
    except (SyntaxError, ValueError):
        return ast.Module([], [])
    except (RecursionError, MemoryError):
        return None
