"""Opens a submission: a folder or a zip becomes a private copy of its own files, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grading.archive import (
    IGNORED_PARTS,
    MOST_BYTES,
    MOST_DEPTH,
    MOST_FILES,
    RefusedSubmission,
    unpack_zip,
)
from grading.options import UsageError
from grading.spellings import HOMEWORK_MODULES, HOMEWORK_TEXTS
from grading.temporary import blame_no_room

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
    "width_sweep.py",
    "batch_sweep.py",
    "sequence_sweep.py",
    "large_run.py",
    "complete.py",
    *("run.py", "sanity_check.py", "bleu.py", "report.py"),
}
WHOLE_HOMEWORKS = (("neural_networks.py", "q8"), ("rnn.py", "q10"))
GRADER_NAMES = frozenset(
    {
        "autograder.py",
        "benchmarks",
        "build",
        "classroom",
        "courses",
        "data",
        "grading",
        "handout",
        "tests",
    }
    | {"runs", *COMMANDS}
)


MOST_TEXT = 8 * 1024 * 1024  # bytes; the largest test set has a million
MOST_LINES = 100_000
ANYBODYS = frozenset({"utils", "vocab"})  # a file of such a name does not make a folder a homework


def open_submission(path: Path, scratch: Path) -> Path:
    """Copy a submission's Python files, and the few texts that it may hold, to a private folder.

    Args:
        path: a folder or a zip that holds ``models.py`` or ``models/``, ``losses.py``,
            ``train.py``, at its top or in one folder below.
        scratch: where the copy goes.

    Returns:
        The copy's folder; homework modules are imported from there.

    Raises:
        UsageError: if there is no such folder or zip, or no room for the copy.
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
        for name, content in files_of(folder):
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        blame_no_room(error)
        why = error.strerror or error  # no path: equal submissions share a refusal
        raise RefusedSubmission(f"the submission cannot be read: {why}") from error
    return copy


def files_of(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """All that is taken from a folder: its files by their path in the homework, in a fixed order.

    Raises:
        OSError: if something cannot be read.
        RefusedSubmission: if it holds no homework or more than it may.
    """
    root = _find_root(folder)
    yield from _code(root)
    yield from _texts(root)


def warnings_about(copy: Path) -> list[str]:
    """Remarks on a submission as a whole, which cost nothing but explain a surprise."""
    twice = [
        f"both {name}.py and {name}/ are submitted; Python reads {name}/"
        for name in HOMEWORK_MODULES
        if (copy / f"{name}.py").is_file() and (copy / name / "__init__.py").is_file()
    ]
    alone = [path.name for path in sorted(copy.iterdir())]
    told = [f"{file} is graded by -q {one}" for file, one in WHOLE_HOMEWORKS if alone == [file]]
    return [*twice, *told]


def _holds_homework(folder: Path) -> bool:
    return any(
        (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()
        for name in HOMEWORK_MODULES
        if name not in ANYBODYS
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


def _code(root: Path) -> Iterator[tuple[Path, bytes]]:
    """The Python files, following no link and leaving the grader's own names out."""
    count = size = 0
    for file in _python_files(root, GRADER_NAMES):
        count, size = count + 1, size + file.stat().st_size
        if count > MOST_FILES or size > MOST_BYTES:
            raise RefusedSubmission(
                f"the submission holds more than {MOST_FILES} Python files or {MOST_BYTES:,} bytes "
                "of them; submit only the homework's own"
            )
        yield file.relative_to(root), file.read_bytes()


def _texts(root: Path) -> Iterator[tuple[Path, bytes]]:
    """The texts that a homework asks for, following no link; they are read, never run."""
    for name in HOMEWORK_TEXTS:
        file = root / name
        way = [file, *file.parents[: len(Path(name).parts) - 1]]
        if any(part.is_symlink() for part in way) or not file.is_file():
            continue
        with file.open("rb") as source:
            content = source.read(MOST_TEXT + 1)  # it may grow meanwhile
        if len(content) > MOST_TEXT or content.count(b"\n") > MOST_LINES:
            raise RefusedSubmission(
                f"{name} holds more than {MOST_TEXT:,} bytes or {MOST_LINES:,} lines; it should "
                "hold one translation a line and nothing else"
            )
        yield Path(name), content


def _python_files(
    folder: Path, left_out: frozenset[str] = frozenset(), depth: int = 1
) -> Iterator[Path]:
    """The Python files below a folder, in a fixed order; `left_out` counts at its top only."""
    if depth > MOST_DEPTH:
        raise RefusedSubmission(f"the submission holds folders more than {MOST_DEPTH} deep")
    if (folder / "pyvenv.cfg").exists():
        return  # a virtual environment, whatever it is called
    for entry in sorted(folder.iterdir()):
        if entry.name in IGNORED_PARTS | left_out or entry.name.startswith("."):
            continue
        if entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _python_files(entry, depth=depth + 1)
        elif entry.suffix == ".py" and entry.is_file():
            yield entry
