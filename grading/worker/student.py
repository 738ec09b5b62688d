"""A submission as `answer` sees it: ``student.models.AttentionBlock``, imported when first used."""

from __future__ import annotations

import importlib
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from grading.spellings import SPELLINGS, accepted
from grading.worker.older_layout import adapt_model, from_a_class
from grading.worker.trouble import NotThere


class Homework:
    """One homework module of the submission, under the spellings that circulate."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name

    def __getattr__(self, wanted: str) -> Any:
        """Find a class or function under its own name or an accepted spelling.

        A function may also be a method of a model, as in an older edition of the homework.

        Raises:
            NotThere: if no module of the submission has it.
        """
        found = find(self._folder, self._name, wanted)
        if found is None:
            models = partial(find, self._folder, "models")
            found = from_a_class(self._name, wanted, models)
        if found is None:
            raise NotThere(self._missing(wanted))
        return found

    def _missing(self, wanted: str) -> str:
        package = self._folder / self._name
        if package.is_dir() and not (package / "__init__.py").is_file():
            return f"{self._name}/ has no __init__.py, so Python cannot import {wanted} from it"
        if package.is_dir():
            return f"{self._name}/__init__.py neither defines nor imports {wanted}"
        module = import_homework(self._folder, self._name)
        if module is None:
            return f"there is no {self._name}.py in the submission; {wanted} belongs there"
        others = [name for _, name in SPELLINGS.get((self._name, wanted), ())]
        also = f" (nor {', '.join(dict.fromkeys(others))})" if others else ""
        return f"{self._name}.py defines no {wanted}{also}"


class Student:
    """The submission's homework modules as attributes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getattr__(self, name: str) -> Homework:
        """The homework module of that name, imported when something is read off it."""
        return Homework(self._folder, name)


def find(folder: Path, module_name: str, wanted: str) -> Any:
    """What a submission's module calls by a name or an accepted spelling of it; None if nothing."""
    for place, name in accepted(module_name, wanted):
        module = import_homework(folder, place)
        if module is not None and hasattr(module, name):
            return adapt_model(getattr(module, name))
    return None


def import_homework(folder: Path, name: str) -> ModuleType | None:
    """Import a module of the submission, or return None where it has no such file.

    Whatever the module raises at import comes through.
    """
    if not (folder / f"{name}.py").is_file() and not (folder / name / "__init__.py").is_file():
        return None
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return importlib.import_module(name)
