"""``--check-dependencies``: what is installed, what this machine offers, and what is missing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grading.report.display import NoDisplayError, use_display
from grading.report.text import columns
from grading.report.turning import turn

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
INSTALL = "pip install -r requirements.txt"
OLDEST_PYTHON = (3, 10)
REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:==\s*([^\s;#]+))?")
MARKER = re.compile(r";\s*python_version\s*(<|>=)\s*[\"'](\d+)\.(\d+)[\"']")


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes:
        what: a package, a device, a dataset.
        found: its version or state.
        mend: the command that brings it, or "".
        required: whether grading needs it.
    """

    what: str
    found: str
    mend: str = ""
    required: bool = True


def check_dependencies(say: Callable[[str], object], requirements: Path = REQUIREMENTS) -> bool:
    """Tell everything, and open the window with the turning line.

    Args:
        say: prints a text.
        requirements: the list of packages with their versions.

    Returns:
        Whether nothing that grading needs is missing.
    """
    findings = [python(), *packages(requirements), *machine(), *isolation(), *datasets()]
    rows = [(finding.what, finding.found) for finding in findings]
    say("\n".join(columns(rows, (False, False))))
    missing = [finding for finding in findings if finding.mend]
    for finding in missing:
        kind = "missing" if finding.required else "for later"
        say(f"{kind}: {finding.what}; run: {finding.mend}")
    complete = not any(finding.required for finding in missing)
    say(_show_window())
    say(
        "Everything that grading needs is here." if complete else "Something is missing: see above."
    )
    return complete


def python() -> Finding:
    """The interpreter."""
    found = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return Finding("Python", found)
    return Finding("Python", found, "install Python 3.10 or newer")


def packages(requirements: Path) -> list[Finding]:
    """Each required package with the version that is installed."""
    try:
        lines = requirements.read_text(encoding="utf-8").splitlines()
    except OSError:
        return [Finding("requirements.txt", "not found", "get the whole folder again")]
    found = [REQUIREMENT.match(line) for line in lines if _is_meant(line)]
    return [_package(match[1], match[2] or "") for match in found if match]


def _is_meant(line: str) -> bool:
    """Whether a requirement's marker, if it has one, names this Python's version."""
    marker = MARKER.search(line)
    if marker is None:
        return True
    older = sys.version_info[:2] < (int(marker[2]), int(marker[3]))
    return older == (marker[1] == "<")


def _package(name: str, pinned: str) -> Finding:
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "not installed", INSTALL)
    if pinned and found.partition("+")[0] != pinned:
        return Finding(name, f"{found} (tested with {pinned})", INSTALL, required=False)
    return Finding(name, found)


def machine() -> list[Finding]:
    """What checks run on."""
    try:
        import torch

        from grading.machine import cpu_quota
    except ImportError:
        return []
    cuda = torch.cuda.is_available()
    device = f"cuda ({torch.cuda.get_device_name(0)})" if cuda else "cpu (no CUDA device)"
    start = "fork of a warm server" if sys.platform == "linux" else "new process (spawn)"
    return [
        Finding("device", device),
        Finding("processor", f"{cpu_quota()} of {os.cpu_count()} cores may be used"),
        Finding("threads", "1 torch thread for each check, unless --threads says otherwise"),
        Finding("start method", start),
    ]


def isolation() -> list[Finding]:
    """How far submissions are kept away from the grader here, and why not further."""
    try:
        from grading.isolation import ladder
    except ImportError:
        return []
    found = [Finding("isolation", str(ladder.best()))]
    for level in sorted(ladder.Level, reverse=True):
        why = ladder.missing(level)
        if why:
            found.append(Finding(f"isolation: {level}", f"missing: {why}"))
    return found


def datasets() -> list[Finding]:
    """Which edition of each dataset is in the cache."""
    try:
        from data.catalogue import DATASETS
        from data.fetching import present
    except ImportError:
        return []
    findings = []
    for dataset in DATASETS:
        name = f"data: {dataset.name} ({dataset.question})"
        held = present(dataset)
        if held is not None:
            edition = held[0].edition
            findings.append(Finding(name, f"{edition.name}: {edition.description}"))
        else:
            mend = f"python -m data fetch {dataset.name} (or let the first run do it)"
            findings.append(Finding(name, "not fetched yet", mend, required=False))
    return findings


def _show_window() -> str:
    try:
        backend = use_display()
        turn()
    except NoDisplayError as error:
        return f"No window: {error}. Grading works without."
    except Exception as error:  # toolkits raise errors of their own
        return f"No window: {type(error).__name__}: {error}. Grading works without."
    return f"A line turned in a window ({backend}): --graphics works here."
