"""Whether a file can be written, asked before a long run rather than after it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def obstacle(path: Path) -> str:
    """Why `path` cannot be written, or "" where it can; missing folders are made."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        return f"{path} is a folder"
    try:
        if target.exists() and not target.is_file():  # root could replace even /dev/null
            return f"{path} is a device or a pipe"
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=target.parent):
            return ""
    except OSError as error:
        return f"{path}: {error.strerror or error}"
