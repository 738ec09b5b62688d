"""Submissions that want marks without work, or to break the grader; none may get anything.

A cheat is one file, ``KIND/NAME.py``. It is the text of a submission's ``models.py``, and its
docstring says first what it tries, then in lines such as ``checks: q6.values`` what it is graded
on. Its skill is that of a stub: an honest submission that is no better earns nothing there. In
``layouts/`` the trick lies in the folder or the zip, and the file has a function ``build`` that
makes it.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILT = "layouts"
TOLD = HERE / "told.py"
KEYS = ("checks", "file", "neighbour")


@dataclass(frozen=True)
class Cheat:
    """One attempt.

    Attributes:
        path: its file.
        tries: the first line of its docstring.
        checks: what it is graded on; an honest stub earns nothing there.
        file: the name that its text gets in the submission.
        neighbour: whether an honest submission is graded beside it, and must keep its marks.
    """

    path: Path
    tries: str
    checks: tuple[str, ...] = ("q6.values",)
    file: str = "models.py"
    neighbour: bool = False

    @property
    def kind(self) -> str:
        """The folder that it lies in."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        """``KIND/NAME``."""
        return f"{self.kind}/{self.path.stem}"

    def build(self, folder: Path, place: dict[str, Any]) -> Path:
        """Make the submission in an empty folder.

        Args:
            folder: where.
            place: what the cheat is told, see ``told.py``.

        Returns:
            The submission: the folder, or a zip in it.
        """
        if self.kind == BUILT:
            spec = importlib.util.spec_from_file_location(self.path.stem, self.path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            built: Path = module.build(folder)
            add_told(folder, place)
            return built
        shutil.copyfile(self.path, folder / self.file)
        add_told(folder, place)
        return folder


def add_told(folder: Path, place: dict[str, Any]) -> None:
    """Put the module ``told`` into a submission, with what this run tells its cheats."""
    constants = "".join(f"{name} = {value!r}\n" for name, value in place.items())
    (folder / "told.py").write_text(TOLD.read_text(encoding="utf-8") + "\n" + constants)


def read(path: Path) -> Cheat:
    """A cheat from its file.

    Raises:
        ValueError: if it does not say what it tries.
    """
    said = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    if not said:
        raise ValueError(f"{path.name} has no docstring; let its first line say what it tries")
    given = dict(re.findall(rf"^({'|'.join(KEYS)}): (.*)$", said, re.MULTILINE))
    return Cheat(
        path,
        said.partition("\n")[0],
        tuple(given.get("checks", "q6.values").split()),
        given.get("file", "models.py"),
        given.get("neighbour") == "yes",
    )


def all_cheats(folder: Path = HERE) -> list[Cheat]:
    """Every cheat below a folder, kind by kind."""
    return [read(path) for path in sorted(folder.glob("*/*.py"))]
