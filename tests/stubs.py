"""The solution with every region taken out: what a student starts from."""

from __future__ import annotations

from pathlib import Path

from handout.build import homework, write
from tests.mutants import ROOT


def stub_solution(folder: Path) -> Path:
    """Write the stubs into `folder`, as the student edition has them."""
    return write(homework(ROOT), folder)
