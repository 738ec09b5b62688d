"""Wrong solutions: each is the reference with one edit, and names exactly what it must fail.

A mutant proves that its checks can fail, and that nothing else fails with them.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOMEWORK = ("models", "losses.py", "train.py", "train_lm.py")


@dataclass(frozen=True)
class Mutant:
    """One usual slip.

    Attributes:
        name: a few words, the test's id.
        file: the solution's file that is edited.
        edits: (old, new) pairs; each old text must stand in the file exactly once.
        fails: the checks that fail; every other check of the question passes or is skipped
            (one that trains is run only if it is named here, since training takes long).
        mistake: the name that the feedback must give, or "" where none is recognised.
        also: a second file's edits, (file, old, new), where one slip shows in two places.
    """

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    fails: tuple[str, ...]
    mistake: str = ""
    also: tuple[tuple[str, str, str], ...] = ()

    @property
    def question(self) -> str:
        """The question whose checks are run."""
        return self.fails[0].partition(".")[0]

    def build(self, folder: Path) -> Path:
        """Write the mutated submission into an empty folder."""
        copy_solution(folder)
        for file, old, new in (*((self.file, *edit) for edit in self.edits), *self.also):
            path = folder / file
            text = path.read_text(encoding="utf-8")
            if text.count(old) != 1:
                raise ValueError(f"{self.name}: {old!r} stands {text.count(old)} times in {path}")
            path.write_text(text.replace(old, new), encoding="utf-8")
        return folder


def copy_solution(folder: Path) -> Path:
    """Copy the reference solution's homework files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in HOMEWORK:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, folder / name)
    return folder


def all_mutants() -> list[Mutant]:
    """The mutants of every question, from the modules of this package."""
    found: list[Mutant] = []
    for module in sorted(entry.name for entry in pkgutil.iter_modules(__path__)):
        found += importlib.import_module(f"{__name__}.{module}").MUTANTS
    return found
