"""Autograders that can be killed: each is a fork of one process that has imported torch already.

The fork is an examiner like any other, with a worker server of its own, but starts at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """The process that the autograders are forked from; it has one of them at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.grading.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def start(self, argv: list[str], temporary: Path, screen: Path) -> int:
        """Start ``python autograder.py ARGV...``, and return its process number."""
        assert self.process.stdin is not None
        wanted = {"argv": argv, "temporary": str(temporary), "screen": str(screen)}
        self.process.stdin.write(json.dumps(wanted).encode() + b"\n")
        self.process.stdin.flush()
        return self._hear()

    def wait(self) -> int:
        """Its exit code, once it has ended; negative for a signal."""
        return self._hear()

    def _hear(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def main() -> None:
    """Fork an autograder for each line of standard input."""
    import torch

    import autograder
    import grading.interview  # noqa: F401 - so that every fork has it
    from grading.questions import questions

    torch.set_num_threads(1)
    questions()
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become_autograder(autograder.main, wanted)
        print(pid, flush=True)  # noqa: T201 - its parent reads it
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201


def _become_autograder(run: Any, wanted: dict[str, Any]) -> None:
    code = 99
    try:
        screen = os.open(wanted["screen"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for stream in (1, 2):
            os.dup2(screen, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ["TMPDIR"] = wanted["temporary"]
        tempfile.tempdir = None
        code = run(wanted["argv"])
        sys.stdout.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
