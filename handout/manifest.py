"""What becomes of every file of the repository in the student edition: rules, as data.

The first rule whose pattern matches a path decides. A path that no rule names is an error: a new
file must be decided upon before anything is handed out.
"""

from __future__ import annotations

import fnmatch
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath


class Kind(Enum):
    """What becomes of a file."""

    GIVEN = "handed out as it is"
    STUB = "handed out without its solution regions"
    STAFF = "kept back"
    BUILT = "handed out without its lines for staff, perhaps in another place"


@dataclass(frozen=True)
class Rule:
    """What becomes of the files that a pattern names.

    Attributes:
        pattern: a path; with ``*`` for a part of a name; with ``/`` at its end for all below.
        kind: what becomes of them.
        target: where a built file goes; "" for its own place.
    """

    pattern: str
    kind: Kind
    target: str = ""

    def matches(self, path: str) -> bool:
        """Whether the rule names a path."""
        if self.pattern.endswith("/"):
            return path.startswith(self.pattern)
        parts, patterns = PurePosixPath(path).parts, PurePosixPath(self.pattern).parts
        return len(parts) == len(patterns) and all(map(fnmatch.fnmatchcase, parts, patterns))


@dataclass(frozen=True)
class Course:
    """A homework that has a folder of its own in `courses`.

    Attributes:
        name: of the folder.
        commands: its modules that students call; in a flat edition they lie at the root.
    """

    name: str
    commands: tuple[str, ...]


COURSES = {
    course.name: course
    for course in (
        Course("machine_learning", ("chargpt", "linear_regression")),
        Course(
            "mlp_from_scratch",
            (
                "neural_networks",
                "plot_train_process",
                "plot_batch",
                "batch_size",
                "early_stopping",
                "momentum",
                "out_of_distribution",
                "transformer",
            ),
        ),
        Course(
            "recurrent_lm",
            ("rnn", "width_sweep", "batch_sweep", "sequence_sweep", "large_run"),
        ),
        # vocab.py at the root would take the place of the homework's module of this name.
        Course("translation", ("run", "sanity_check", "report")),
    )
}

RULES = (
    Rule("models/*.py", Kind.STUB),
    Rule("models/nmt/*.py", Kind.STUB),
    Rule("losses.py", Kind.STUB),
    Rule("train.py", Kind.STUB),
    Rule("train_lm.py", Kind.STUB),
    Rule("autograder.py", Kind.GIVEN),
    Rule("grading/", Kind.GIVEN),
    Rule("classroom/", Kind.STAFF),
    Rule("data/", Kind.GIVEN),
    Rule("courses/*/WRITTEN.md", Kind.STAFF),
    Rule("courses/mlp_from_scratch/README.md", Kind.STAFF),  # it shows what experiments find
    Rule("courses/recurrent_lm/README.md", Kind.STAFF),  # so does this
    Rule("courses/translation/README.md", Kind.STAFF),  # and this
    Rule("courses/*/HOMEWORK.md", Kind.BUILT),
    Rule("courses/*/README.md", Kind.BUILT),
    Rule("courses/", Kind.GIVEN),
    Rule("collect_submission.sh", Kind.GIVEN),
    Rule("run.sh", Kind.BUILT),
    Rule("requirements.txt", Kind.GIVEN),
    Rule("LICENSE", Kind.GIVEN),
    Rule(".gitignore", Kind.GIVEN),
    Rule("handout/texts/README.md", Kind.BUILT, "README.md"),
    Rule("handout/__init__.py", Kind.GIVEN),
    Rule("handout/collect.py", Kind.GIVEN),
    Rule("handout/submission_zip.py", Kind.GIVEN),
    Rule("handout/", Kind.STAFF),
    Rule("tests/", Kind.STAFF),
    Rule("benchmarks/", Kind.STAFF),
    Rule(".ci/", Kind.STAFF),
    Rule("README.md", Kind.STAFF),  # the students' README takes its place
    Rule("CONTRIBUTING.md", Kind.STAFF),
    Rule("SECURITY.md", Kind.STAFF),
    Rule("pyproject.toml", Kind.STAFF),  # it only configures the tools of the staff's tests
    Rule("requirements-dev.txt", Kind.STAFF),
    Rule("requirements-staff.txt", Kind.STAFF),
)


class UnknownFileError(Exception):
    """Files that no rule names."""


def rule_for(path: str, rules: Iterable[Rule] = RULES) -> Rule | None:
    """The first rule that names a path, or None."""
    return next((rule for rule in rules if rule.matches(path)), None)


def sort_out(paths: Iterable[str], rules: Iterable[Rule] = RULES) -> Iterator[tuple[str, Rule]]:
    """Each path with its rule, in alphabetical order.

    Raises:
        UnknownFileError: naming every path without a rule.
    """
    found = [(path, rule_for(path, rules)) for path in sorted(paths)]
    unknown = [path for path, rule in found if rule is None]
    if unknown:
        raise UnknownFileError(
            f"no rule names {', '.join(unknown)}; decide in handout/manifest.py whether "
            "students get it"
        )
    return ((path, rule) for path, rule in found if rule is not None)


def files_below(root: Path) -> list[str]:
    """The repository's files: what git tracks, or outside git all that it would not ignore."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z"]
        done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - ours
        return [name.decode() for name in done.stdout.split(b"\0") if name]
    ignored = (root / ".gitignore").read_text(encoding="utf-8").split()
    return [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not _is_ignored(path.relative_to(root), ignored)
    ]


def _is_ignored(path: Path, ignored: list[str]) -> bool:
    """Whether a line of .gitignore (``name/``, ``a/b/`` or ``*.end``) names a path."""
    folders = [parent.as_posix() + "/" for parent in path.parents]
    names = [part + "/" for part in path.parts[:-1]]
    return any(
        line in folders or line in names or fnmatch.fnmatchcase(path.name, line) for line in ignored
    )
