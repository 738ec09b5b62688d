"""Builds the student edition: the same bytes from the same source, all of it or nothing."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from handout.manifest import COURSES, Course, Kind, files_below, sort_out
from handout.regions import Region, find_regions, require_unique, stub_source

RECORD = ".student-edition"
"""A file of the edition: the sums of all others, so that a later build knows its own work."""

LEFT = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", "runs", "data/cache"}
"""Folders that running an edition leaves, and nobody's work."""

STAFF_BEGINS, STAFF_ENDS = "# for staff only:", "# for everybody:"
COMMAND = '''"""{claim}. See courses/{course}/{name}.py."""

import sys

if __name__ == "__main__":
    from courses.{course}.{name} import main

    sys.exit(main())
'''


class BuildError(Exception):
    """The edition cannot be built, or not there; the message says what to do."""


def edition(root: Path, course: Course | None = None, keep: Iterable[str] = ()) -> dict[str, bytes]:
    """The student edition as paths with their contents, in alphabetical order.

    Args:
        root: of the repository.
        course: for a flat edition with this homework's commands at its root.
        keep: regions or questions whose solution stays in.

    Raises:
        UnknownFileError: if a file has no rule.
        MarkerError: if a region is not well marked.
    """
    files: dict[str, bytes] = {}
    regions: list[Region] = []
    kept = tuple(keep)
    for path, rule in sort_out(files_below(root)):
        content = (root / path).read_bytes()
        if rule.kind is Kind.STAFF or (course and _is_of_another(path, course)):
            continue
        if rule.kind is Kind.STUB:
            text = content.decode("utf-8")
            regions += find_regions(text, path)
            content = stub_source(text, path, kept).encode("utf-8")
        elif rule.kind is Kind.BUILT:
            content = _for_students(content.decode("utf-8"), path).encode("utf-8")
        files[rule.target or path] = content
    require_unique(regions)
    if course is not None:
        files = _flatten(files, course)
    return dict(sorted(files.items()))


def homework(root: Path, keep: Iterable[str] = ()) -> dict[str, bytes]:
    """Only the files that students write in, with the solution of what is to be kept."""
    kept = tuple(keep)
    return {
        path: stub_source((root / path).read_text(encoding="utf-8"), path, kept).encode()
        for path, rule in sort_out(files_below(root))
        if rule.kind is Kind.STUB
    }


def _is_of_another(path: str, course: Course) -> bool:
    parts = path.split("/")
    return parts[0] == "courses" and len(parts) > 2 and parts[1] != course.name


def _for_students(text: str, path: str) -> str:
    """Leave out what stands between the comments that open and close lines for staff."""
    kept, staff = [], False
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if line.strip() in (STAFF_BEGINS, STAFF_ENDS):
            if staff == (line.strip() == STAFF_BEGINS):
                raise BuildError(f"{path}:{number}: `{line.strip()}` closes or opens nothing")
            staff = not staff
        elif not staff:
            kept.append(line)
    if staff:
        raise BuildError(f"{path}: `{STAFF_BEGINS}` is never followed by `{STAFF_ENDS}`")
    return "".join(kept)


def _flatten(files: dict[str, bytes], course: Course) -> dict[str, bytes]:
    """Put a homework's commands and text at the root, and say everywhere how to call them."""
    home = f"courses/{course.name}"
    flat = {
        path.removeprefix(f"{home}/") if path == f"{home}/HOMEWORK.md" else path: _renamed(
            path, content, course
        )
        for path, content in files.items()
        if path != f"{home}/README.md"  # HOMEWORK.md, now at the root, says all of it
    }
    for name in course.commands:
        source = files[f"{home}/{name}.py"].decode("utf-8")
        text = ast.get_docstring(ast.parse(source)) or ""
        claim = text.partition("\n")[0].rstrip(".")
        flat[f"{name}.py"] = COMMAND.format(claim=claim, course=course.name, name=name).encode()
    return flat


def _renamed(path: str, content: bytes, course: Course) -> bytes:
    """In texts and in help: the commands as they are called at the root."""
    if not path.endswith((".md", ".sh")) and not path.startswith(f"courses/{course.name}/"):
        return content
    text = content.decode("utf-8").replace(f"courses/{course.name}/HOMEWORK.md", "HOMEWORK.md")
    if path.endswith((".md", ".sh")):
        lines = text.splitlines(keepends=True)
        text = "".join(line for line in lines if not _names_another(line, course))
    for name in course.commands:
        text = text.replace(f"-m courses.{course.name}.{name}", f"{name}.py")
    return text.encode("utf-8")


def _names_another(line: str, course: Course) -> bool:
    """Whether a line of a list or a command is about a homework that is not handed out."""
    others = [name for name in COURSES if name != course.name]
    return any(re.search(rf"courses[./]{name}\b", line) for name in others)


def find_course(name: str) -> Course:
    """A homework by its name.

    Raises:
        BuildError: listing the known ones.
    """
    if name not in COURSES:
        raise BuildError(f"there is no course {name}; there are " + ", ".join(COURSES))
    return COURSES[name]


def build(
    root: Path,
    destination: Path,
    course: Course | None = None,
    *,
    keep: Iterable[str] = (),
    force: bool = False,
) -> list[str]:
    """Write the student edition into a folder that appears whole or not at all.

    Args:
        root: of the repository.
        destination: a new folder, an empty one, or one that was built here before.
        course: for a flat edition of one homework.
        keep: regions or questions whose solution stays in.
        force: replace the folder whatever it holds.

    Returns:
        The paths of the edition.

    Raises:
        BuildError: if the folder holds something else, or somebody's work.
    """
    destination = destination.resolve()
    if destination == root.resolve() or destination in root.resolve().parents:
        raise BuildError(f"{destination} holds this repository; name another folder")
    if not force:
        _require_free(destination)
    files = edition(root, course, keep)
    destination.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=destination.parent, prefix=f".{destination.name}."))
    try:
        write(files, scratch / "new")
        (scratch / "new" / RECORD).write_text(_record(files), encoding="utf-8")
        if destination.exists():
            os.replace(destination, scratch / "old")
        os.replace(scratch / "new", destination)
    finally:
        if (scratch / "old").exists() and not destination.exists():
            os.replace(scratch / "old", destination)
        shutil.rmtree(scratch, ignore_errors=True)
    return list(files)


def write(files: dict[str, bytes], folder: Path) -> Path:
    """Write an edition's files into a new folder."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755 if path.endswith(".sh") else 0o644)
    return folder


def _record(files: dict[str, bytes]) -> str:
    sums = (f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in files.items())
    return "".join(sums)


def _require_free(destination: Path) -> None:
    """Refuse a folder that was not built here, or in which somebody has worked since."""
    if not destination.exists() or (destination.is_dir() and not any(destination.iterdir())):
        return
    record = destination / RECORD
    if not record.is_file():
        raise BuildError(
            f"{destination} exists and was not built here; name another folder, or use --force "
            "to replace it"
        )
    lines = record.read_text(encoding="utf-8").splitlines()
    built = {path: expected for expected, _, path in (line.partition("  ") for line in lines)}
    for path in _files_in(destination):
        file = destination / path
        if path not in built:
            raise BuildError(f"{file} was not built here; move it elsewhere, or use --force")
        if hashlib.sha256(file.read_bytes()).hexdigest() != built[path]:
            raise BuildError(
                f"{file} was changed after it was built; keep your work, or use --force to "
                "replace it"
            )


def _files_in(destination: Path) -> Iterator[str]:
    """The files of an edition and those beside them, but for what running it leaves."""
    for place, folders, files in os.walk(destination):
        here = Path(place).relative_to(destination)
        folders[:] = [name for name in folders if not LEFT & {name, (here / name).as_posix()}]
        yield from ((here / name).as_posix() for name in files if name != RECORD)
