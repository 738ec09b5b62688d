"""Watches for operators that a homework forbids, while a check runs.

A deterrent and not a wall: code that wants to hide a call can. It names the line, so that an
honest student who reached for the library learns what was meant.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from torch.overrides import TorchFunctionMode


class Watch(TorchFunctionMode):
    """Notes each use of a banned operator, with the student's file and line.

    Args:
        banned: names in small letters, ``conv2d``, or with the module, ``functional.unfold``.
        folder: the submission's private copy.
    """

    def __init__(self, banned: list[str], folder: Path) -> None:
        super().__init__()
        self.banned = frozenset(banned)
        self.folder = str(folder)
        self.used: list[dict[str, Any]] = []

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Let the call through, noting it if it is banned."""
        name = str(getattr(func, "__name__", "")).partition(".")[0]  # aten's conv2d.default
        home = str(getattr(func, "__module__", "")).rpartition(".")[2]
        rules = self.banned & {name.lower(), f"{home}.{name}".lower()}
        if rules and len(self.used) < 10:
            self.used.append({"name": name, "rule": min(rules), **self._student_line()})
        return func(*args, **(kwargs or {}))

    def _student_line(self) -> dict[str, Any]:
        frame = sys._getframe(2)
        while frame is not None:
            if frame.f_code.co_filename.startswith(self.folder):
                file = str(Path(frame.f_code.co_filename).relative_to(self.folder))
                return {"file": file, "line": frame.f_lineno}
            if frame.f_back is None:
                break
            frame = frame.f_back
        return {"file": "", "line": 0}
