"""What a Gradescope container runs: ``python -m classroom.gradescope_run [BASE]``.

It grades ``BASE/submission`` as ``BASE/source/gradescope.json`` says and writes
``BASE/results/results.json``, which is valid from before torch is imported and replaced after each
check. When the site's time is nearly up it stops by itself: what is graded by then counts.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from grading.results import CheckResult, Report, write_atomically

if TYPE_CHECKING:  # torch takes seconds; the first results are there before it
    from grading.audience import Audience

BASE = Path("/autograder")
SETTINGS = "gradescope.json"
RESERVE = 30.0  # seconds at the end, for ending workers and writing
DONE, OWN_FAULT = 0, 3
BEGINNING = "Grading has begun; nothing has been graded yet."
FAULT = (
    "The autograder itself has failed, not your work. Please tell the course staff; what went "
    "wrong stands in the autograder's output, which only they can see."
)


@dataclass(frozen=True)
class Settings:
    """What the bundle was built for; it travels in it as JSON.

    Attributes:
        questions: ids of questions or checks.
        minutes: the site's time limit.
        memory: MiB for each check.
        patience: multiplies the checks' time limits; containers are slow.
        policy: the name of the policy's file beside this one, or "".
        stated: sentences on how this grading differs from one at home.
    """

    questions: tuple[str, ...]
    minutes: float = 10.0
    memory: int = 400
    patience: float = 3.0
    policy: str = ""
    stated: tuple[str, ...] = ()

    def to_json(self) -> str:
        """As the bundle holds it."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @staticmethod
    def read(path: Path) -> Settings:
        """From the bundle."""
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        lists = {name: tuple(said[name]) for name in ("questions", "stated")}
        return Settings(**{**said, **lists})


class TimeIsUp(KeyboardInterrupt):
    """The site's time limit is near; the examiner takes it as it takes Ctrl-C."""


def main(words: Sequence[str]) -> int:
    """Grade; returns the exit code. Whatever happens, there are results."""
    base = Path(words[0]) if words else BASE
    target = base / "results" / "results.json"
    write(target, _first(BEGINNING))
    try:
        settings = Settings.read(base / "source" / SETTINGS)
        _alarm(settings.minutes * 60 - RESERVE)
        return _grade(base, settings, target)
    except KeyboardInterrupt:
        if not json.loads(target.read_text(encoding="utf-8"))["tests"]:
            write(target, _first("Nothing could be graded in time. Please tell the course staff."))
        return OWN_FAULT
    except Exception:  # whatever it is, staff read the trace, and the student whose fault it is
        traceback.print_exc()
        _confess(target)
        return OWN_FAULT


def _confess(target: Path) -> None:
    """Say that the fault is ours; what was graded before it stays."""
    told = json.loads(target.read_text(encoding="utf-8"))
    said = {**told, "output": f"{FAULT}\n\n{told['output']}"}
    write(target, said if told["tests"] else _first(FAULT))


def _first(said: str) -> dict[str, Any]:
    from classroom.gradescope_results import beginning

    return beginning(said)


def _alarm(seconds: float) -> None:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeIsUp

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1.0))


def _grade(base: Path, settings: Settings, target: Path) -> int:
    from classroom.gradescope_metadata import read
    from classroom.gradescope_results import Terms, results
    from classroom.policy import Policy
    from classroom.policy_file import read as read_policy
    from grading.audience import Several
    from grading.examiner import grade
    from grading.options import Options
    from grading.report.blocks import Manner
    from grading.report.terminal import Terminal

    policy = read_policy(base / "source" / settings.policy) if settings.policy else Policy()
    terms = Terms(policy, read(base / "submission_metadata.json"), settings.stated)
    scribe = _scribe(lambda report: write(target, results(report, terms)))
    options = Options(
        submission=base / "submission",
        asked=settings.questions,
        jobs=1,
        memory=settings.memory,
        patience=settings.patience,
    )
    report = grade(options, Several(scribe, Terminal(Manner(muted=True))))
    signal.setitimer(signal.ITIMER_REAL, 0)
    write(target, results(report, terms))
    return DONE


def _scribe(write_down: Callable[[Report], None]) -> Audience:
    """Writes the results before the first check and after each."""
    from grading.audience import Audience

    class Scribe(Audience):
        def opened(self, report: Report) -> None:
            write_down(report)

        def finished(self, result: CheckResult, report: Report) -> None:
            write_down(report)

    return Scribe()


def write(target: Path, written: dict[str, Any]) -> None:
    """Replace the results in one step."""
    write_atomically(target, json.dumps(written, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
