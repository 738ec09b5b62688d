"""Whether a file can be written, asked before a long run rather than after it."""

from __future__ import annotations

import tempfile
from pathlib import Path


def obstacle(path: Path) -> str:
    """Why `path` cannot be written, or "" where it can; missing folders are made."""
    if path.is_dir():
        return f"{path} is a folder"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            return ""
    except OSError as error:
        return f"{path}: {error.strerror or error}"
