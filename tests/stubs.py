"""The solution with every region taken out: what a student starts from."""

from __future__ import annotations

import re
from pathlib import Path

from tests.mutants import copy_solution

REGION = re.compile(
    r"^(?P<indent> *)# BEGIN SOLUTION (?P<id>\S+): (?P<what>.*?)\n.*?# END SOLUTION (?P=id)\n",
    re.DOTALL | re.MULTILINE,
)


def stub_solution(folder: Path) -> Path:
    """Write the stubs into `folder`: each region becomes a `NotImplementedError` that names it."""
    copy_solution(folder)
    for file in folder.rglob("*.py"):
        text = REGION.sub(
            r'\g<indent>raise NotImplementedError("\g<id>: \g<what>")\n',
            file.read_text(encoding="utf-8"),
        )
        file.write_text(text, encoding="utf-8")
    return folder
