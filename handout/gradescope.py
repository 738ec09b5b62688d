"""Builds the zip that Gradescope makes an autograder of: ``handout gradescope OUT.zip``.

It holds the grader without the solution and without tests, two scripts, pinned requirements, and
the settings of `classroom.gradescope_run`. The site runs ``setup.sh`` once, when the zip is
uploaded, and ``run_autograder`` for every submission, as root, with half a processor and 768 MB
unless the course asks for more.
"""

from __future__ import annotations

import io
import shlex
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom.gradescope_run import SETTINGS, Settings
from data.catalogue import DATASETS
from grading.questions import select
from handout.manifest import files_below, sort_out
from handout.submission_zip import FIRST_DAY

QUESTIONS = ("q1", "q2", "q5", "q6")
MEMORY = 768  # MiB of the site's smallest container
PROCESSORS = 0.5
POLICY = "policy.toml"
INCLUDED = ("autograder.py", "classroom/", "data/", "grading/", "requirements.txt", "LICENSE")
PROGRAMS = ("run_autograder", "setup.sh")

# Packages that only some questions need; whatever else is required, every run needs.
ONLY_FOR = {
    "wordfreq": ("q4",),
    "tokenizers": ("q10",),
    "transformers": ("q10",),
    "nltk": ("q11",),
    "sacrebleu": ("q11",),
    "jinja2": ("q11",),
    "watchfiles": (),
}
TRAINED = (
    "Training runs here in full, as at home, but checks may take {patience:g} times as long; the "
    "site's limit of {minutes:g} minutes ends the run, and what is graded by then counts."
)

SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image: system packages, pinned Python packages, data.
set -euo pipefail
cd /autograder/source
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends python3 python3-venv ca-certificates
apt-get install -y --no-install-recommends bubblewrap || true  # a stronger isolation, if allowed
python3 -m venv /autograder/venv
{torch}/autograder/venv/bin/pip install --no-cache-dir -r requirements.txt
{data}rm -rf /var/lib/apt/lists/*
"""
RUN = """\
#!/usr/bin/env bash
# Runs for every submission.
base=${AUTOGRADER_BASE:-/autograder}
python=${AUTOGRADER_PYTHON:-/autograder/venv/bin/python}
export OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 MALLOC_ARENA_MAX=2
cd "$base/source" && exec "$python" -m classroom.gradescope_run "$base"
"""


class BundleError(Exception):
    """The bundle cannot be built as asked; the message says what to change."""


@dataclass(frozen=True)
class Wanted:
    """What a bundle is to grade, and where.

    Attributes:
        questions: ids of questions or checks.
        minutes: the site's time limit.
        patience: multiplies the checks' time limits.
        memory: MiB of the container.
        policy: a policy file, or None.
        torch_index: a package index that has torch without CUDA, or "".
    """

    questions: tuple[str, ...] = QUESTIONS
    minutes: float = 10.0
    patience: float = 3.0
    memory: int = MEMORY
    policy: Path | None = None
    torch_index: str = ""


def bundle(root: Path, wanted: Wanted) -> bytes:
    """The zip; the same bytes from the same files.

    Raises:
        UsageError: if a question is unknown, or the policy says something without a meaning.
        BundleError: if it cannot be read.
    """
    chosen, _ = select(wanted.questions)
    asked = [question.id for question in chosen]
    files = {
        path: (root / path).read_bytes()
        for path, _ in sort_out(files_below(root))
        if _is_included(path)
    }
    requirements = files["requirements.txt"].decode("utf-8")
    files["requirements.txt"] = pins(requirements, asked, wanted.policy is not None).encode()
    files["setup.sh"] = _setup(requirements, asked, wanted.torch_index).encode()
    files["run_autograder"] = RUN.encode()
    files[SETTINGS] = _settings(wanted).to_json().encode()
    if wanted.policy is not None:
        files[POLICY] = _checked(wanted.policy)
    return _packed(files)


def _is_included(path: str) -> bool:
    return any(path.startswith(part) if part[-1] == "/" else path == part for part in INCLUDED)


def _checked(policy: Path) -> bytes:
    """A policy's bytes, once it is known to be one."""
    from classroom.policy_file import read

    read(policy)
    return policy.read_bytes()


def _settings(wanted: Wanted) -> Settings:
    stated = TRAINED.format(patience=wanted.patience, minutes=wanted.minutes)
    return Settings(
        questions=wanted.questions,
        minutes=wanted.minutes,
        memory=worker_memory(wanted.memory),
        patience=wanted.patience,
        policy=POLICY if wanted.policy is not None else "",
        stated=(stated,),
    )


def worker_memory(container: int) -> int:
    """MiB that a check may hold so that the examiner and torch fit beside it.

    Raises:
        BundleError: if nothing would be left.
    """
    left = container - BESIDE
    if left < LEAST:
        raise BundleError(f"--memory is {container}; give at least {BESIDE + LEAST} MiB")
    return left


BESIDE = 430  # MiB: the examiner with torch and the data, and the server that forks
LEAST = 256


def pins(requirements: str, asked: Sequence[str], with_policy: bool) -> str:
    """The pinned requirements without the packages that only other questions need."""
    kept = [line for line in requirements.splitlines() if _is_needed(line, asked)]
    if with_policy:
        kept.append('tomli==2.4.0; python_version < "3.11"')
    return "\n".join(kept) + "\n"


def _is_needed(line: str, asked: Sequence[str]) -> bool:
    name = line.partition("=")[0].strip()
    return not line.startswith("#") and any(q in asked for q in ONLY_FOR.get(name, asked))


def _setup(requirements: str, asked: Iterable[str], torch_index: str) -> str:
    (torch,) = (line for line in requirements.splitlines() if line.startswith("torch=="))
    pip = "/autograder/venv/bin/pip install --no-cache-dir"
    alone = f"{pip} --index-url {shlex.quote(torch_index)} {torch}\n" if torch_index else ""
    names = datasets(tuple(asked))
    fetch = f"/autograder/venv/bin/python -m data fetch {' '.join(names)}\n" if names else ""
    return SETUP.format(torch=alone, data=fetch)


def datasets(asked: tuple[str, ...]) -> list[str]:
    """The data that some questions are graded on."""
    chosen, _ = select(asked)
    named = {getattr(check.kind, "dataset", "") for each in chosen for check in each.checks}
    return [each.name for each in DATASETS if each.question in asked or each.name in named]


def _packed(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, FIRST_DAY)
            entry.create_system = 3  # Unix, whatever this machine is
            entry.external_attr = (0o100755 if path in PROGRAMS else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()
