"""``python autograder.py --watch`` as a student has it: real files, real workers, real saves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograder
from tests.mutants import copy_solution

ROOT = Path(autograder.__file__).parent
TO_START = 120.0  # seconds, on a machine that does much else
TO_ANSWER = 10.0  # a third of a second on an idle machine


class Watched:
    """A running watch and what it has printed.

    Args:
        folder: the submission.
    """

    def __init__(self, folder: Path) -> None:
        named = ["--submission", str(folder), "--json", str(folder.parent / "results.json")]
        self.process = subprocess.Popen(
            [sys.executable, "autograder.py", "-q", "q6", "--watch", *named],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        self.printed = ""
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                with self.news:
                    self.printed += line
                    self.news.notify_all()

    def end(self) -> None:
        """Leave nothing behind, whatever the test came to."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()

    def until(self, pattern: str, limit: float) -> str:
        """Wait for a line, and return what was printed up to it; it is forgotten then."""
        found: list[re.Match[str]] = []

        def seen() -> bool:
            found.extend(re.finditer(f"(?s).*?(?m:^{pattern}.*\n)", self.printed))
            return bool(found)

        with self.news:
            assert self.news.wait_for(seen, limit), self.printed
            self.printed = self.printed[found[0].end() :]
        return found[0][0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_solution(tmp_path / "hw")


@pytest.fixture
def watched(folder: Path) -> Iterator[Watched]:
    running = Watched(folder)
    yield running
    running.end()


def save(file: Path, text: str) -> float:
    """Save as many editors do, beside the file and then in its place; returns when."""
    beside = file.with_name(f"{file.name}~")
    beside.write_text(text, encoding="utf-8")
    now = time.monotonic()
    os.replace(beside, file)
    return now


def test_a_mask_that_breaks_and_is_mended_shows_at_once(folder: Path, watched: Watched) -> None:
    file = folder / "models" / "attention.py"
    good = file.read_text(encoding="utf-8")
    assert "Total: 2/2" in watched.until("Watching", TO_START)
    saved = save(file, good.replace("visible == 0", "visible == 9"))
    told = watched.until("Total: 1/2", TO_ANSWER)
    assert "*** FAIL: q6.causal (0/1)" in told
    assert "mistake   the mask is missing" in told
    assert "since the last run: q6.causal fails now (2 points -> 1)" in told
    save(file, good)
    told = watched.until("Total: 2/2", TO_ANSWER)
    assert "since the last run: q6.causal now passes (1 point -> 2)" in told
    assert time.monotonic() - saved < 2 * TO_ANSWER
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(TO_START) == 0
