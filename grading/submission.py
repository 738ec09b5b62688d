"""Opens a submission: a folder or a zip becomes a private copy of its own Python files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from grading.archive import IGNORED_PARTS, MOST_BYTES, MOST_FILES, RefusedSubmission, unpack_zip
from grading.options import UsageError
from grading.spellings import HOMEWORK_MODULES

# The grader's own top-level names; a student's folder holds them, but they are not homework.
COMMANDS = {  # at the root of a flat student edition
    "chargpt.py",
    "linear_regression.py",
    "plot_train_process.py",
    "plot_batch.py",
    "batch_size.py",
    "early_stopping.py",
    "momentum.py",
    "out_of_distribution.py",
    "transformer.py",
}
GRADER_NAMES = frozenset(
    {"autograder.py", "benchmarks", "build", "courses", "data", "grading", "handout", "tests"}
    | {"runs", *COMMANDS}
)


def open_submission(path: Path, scratch: Path) -> Path:
    """Copy a submission's Python files to a private folder.

    Args:
        path: a folder or a zip that holds ``models.py`` or ``models/``, ``losses.py``,
            ``train.py``, at its top or in one folder below.
        scratch: where the copy goes.

    Returns:
        The copy's folder; homework modules are imported from there.

    Raises:
        UsageError: if there is no such folder or zip.
        RefusedSubmission: if there is one, but it holds no homework or more than it may.
    """
    if not path.exists():
        raise UsageError(
            f"there is no submission at {path}; give a folder or a zip that holds "
            "models.py (or models/), losses.py and train.py"
        )
    copy, folder = scratch / "submission", path
    copy.mkdir()
    if path.is_file():
        folder = scratch / "unpacked"
        folder.mkdir()
        unpack_zip(path, folder)
    try:
        _copy_folder(_find_root(folder), copy)
    except OSError as error:
        raise RefusedSubmission(f"the submission cannot be read: {error}") from error
    return copy


def warnings_about(copy: Path) -> list[str]:
    """Remarks on a submission as a whole, which cost nothing but explain a surprise."""
    twice = [
        f"both {name}.py and {name}/ are submitted; Python reads {name}/"
        for name in HOMEWORK_MODULES
        if (copy / f"{name}.py").is_file() and (copy / name / "__init__.py").is_file()
    ]
    alone = [path.name for path in sorted(copy.iterdir())] == ["neural_networks.py"]
    return [*twice, "neural_networks.py is graded by -q q8"] if alone else twice


def _holds_homework(folder: Path) -> bool:
    return any(
        (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()
        for name in HOMEWORK_MODULES
    )


def _find_root(folder: Path) -> Path:
    """The folder with the homework in it: this one, or the only such one just below."""
    if _holds_homework(folder):
        return folder
    below = [
        entry
        for entry in sorted(folder.iterdir())
        if entry.is_dir() and entry.name not in IGNORED_PARTS and _holds_homework(entry)
    ]
    if len(below) == 1:
        return below[0]
    wanted = ", ".join(f"{name}.py" for name in HOMEWORK_MODULES[:3])
    found = ", ".join(entry.name for entry in sorted(folder.iterdir())[:8]) or "nothing"
    raise RefusedSubmission(f"the submission holds none of {wanted}; it holds {found}")


def _copy_folder(root: Path, copy: Path) -> None:
    """Copy Python files, following no link and leaving the grader's own names out."""
    count = size = 0
    for file in _python_files(root, GRADER_NAMES):
        count, size = count + 1, size + file.stat().st_size
        if count > MOST_FILES or size > MOST_BYTES:
            raise RefusedSubmission(
                f"the submission holds more than {MOST_FILES} Python files or {MOST_BYTES:,} bytes "
                "of them; submit only the homework's own"
            )
        target = copy / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def _python_files(folder: Path, left_out: frozenset[str] = frozenset()) -> Iterator[Path]:
    """The Python files below a folder, in a fixed order; `left_out` counts at its top only."""
    if (folder / "pyvenv.cfg").exists():
        return  # a virtual environment, whatever it is called
    for entry in sorted(folder.iterdir()):
        if entry.name in IGNORED_PARTS | left_out or entry.name.startswith("."):
            continue
        if entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _python_files(entry)
        elif entry.suffix == ".py" and entry.is_file():
            yield entry
