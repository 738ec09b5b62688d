"""A submission as a zip: only the homework's own files, and the same bytes from the same files."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from grading.spellings import HOMEWORK_MODULES, HOMEWORK_TEXTS
from grading.submission import MOST_TEXT

CACHES = frozenset({"__pycache__", ".ipynb_checkpoints", ".DS_Store"})
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can name; every build says the same
PATIENCE = 120.0  # seconds for importing a submission
IMPORT = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        import traceback
        frames = [f for f in traceback.extract_tb(error.__traceback__) if sys.argv[1] in f.filename]
        file, line = (frames[-1].filename, frames[-1].lineno) if frames else (name, 0)
        if isinstance(error, SyntaxError):
            file, line = error.filename, error.lineno
        place = str(file).replace(sys.argv[1], "").lstrip("/\\\\")
        sys.exit(f"{place}:{line}: {type(error).__name__}: " + " ".join(str(error).split()))
"""


class CollectError(Exception):
    """The folder cannot be handed in as it is; the message says what to change."""


def homework_files(folder: Path) -> list[Path]:
    """The files of a submission, in alphabetical order.

    Raises:
        CollectError: if there is no ``models``, or something does not belong in a submission.
    """
    roots = [folder / name for module in HOMEWORK_MODULES for name in (f"{module}.py", module)]
    there = [root for root in roots if os.path.lexists(root)]
    files = [file for root in there for file in _files(root, folder)]
    files = sorted([*files, *_texts(folder)])
    if not {"models.py", "models/__init__.py"} & {_name(file, folder) for file in files}:
        raise CollectError(f"{folder} holds neither models.py nor models/__init__.py")
    return files


def _files(path: Path, folder: Path) -> list[Path]:
    if path.is_symlink():
        raise CollectError(f"{_name(path, folder)} is a link; put the file itself there")
    if path.is_dir():
        inner = [entry for entry in sorted(path.iterdir()) if entry.name not in CACHES]
        return [file for entry in inner for file in _files(entry, folder)]
    if path.suffix != ".py":
        raise CollectError(
            f"{_name(path, folder)} is no Python source; data, checkpoints and notebooks are not "
            "handed in, so move it out of the folder"
        )
    return [path]


def _texts(folder: Path) -> list[Path]:
    """The texts that a homework asks for, as far as they are there; others are left behind."""
    files = [folder / name for name in HOMEWORK_TEXTS if (folder / name).is_file()]
    for file in files:
        if file.is_symlink() or file.parent.is_symlink():
            raise CollectError(f"{_name(file, folder)} is a link; put the file itself there")
        if file.stat().st_size > MOST_TEXT:
            raise CollectError(
                f"{_name(file, folder)} holds more than {MOST_TEXT:,} bytes; it should hold one "
                "translation a line and nothing else"
            )
    return files


def _name(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()


def pack(files: list[Path], folder: Path) -> bytes:
    """A zip of files below a folder; neither dates nor owners are in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(_name(file, folder), FIRST_DAY)
            entry.create_system = 3  # Unix, whatever this machine is
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return packed.getvalue()


def require_importable(content: bytes) -> None:
    """Import what the zip holds, and nothing beside it, in a fresh process.

    Raises:
        CollectError: with file and line of what went wrong.
    """
    with tempfile.TemporaryDirectory(prefix="submission-") as name:
        folder = Path(name).resolve()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(folder)
        modules = [each for each in HOMEWORK_MODULES if _is_module(folder, each)]
        command = [sys.executable, "-I", "-B", "-c", IMPORT, str(folder), *modules]
        try:
            done = subprocess.run(  # noqa: S603 - the student's own code, as every grader runs it
                command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise CollectError(
                f"importing {', '.join(modules)} took more than {PATIENCE:.0f} seconds; training "
                "belongs into the functions of train.py, which the grader calls"
            ) from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it ended without a word"]
        raise CollectError(_import_failed(said[-1]))


def _is_module(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()


def _import_failed(said: str) -> str:
    hint = "mend that line first"
    if "ModuleNotFoundError" in said:
        names = ", ".join(f"{name}.py" for name in HOMEWORK_MODULES)
        hint = f"only {names} (or folders of these names) are handed in"
    return f"the submission cannot be imported: {said}; {hint}"
