import io
import re
from typing import Any

import pytest
from rich.console import Console

from grading.audience import Progress
from grading.report.blocks import Manner
from grading.report.changes import Telling, since
from grading.report.live import LiveTerminal
from grading.report.terminal import Terminal
from grading.results import Feedback, Report, Status
from tests.grading.report.reports import end, ended, pending

SLIP = {"status": Status.FAILED, "feedback": Feedback(got="0.41 more", mistake="no scale")}


def news(before: Report, after: Report) -> str:
    return since({check.id: check for check in before.checks}, after)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param({}, {}, "nothing is new", id="nothing"),
        pytest.param(
            {"q6_causal": Status.FAILED}, {}, "q6.causal now passes (6 points -> 7)", id="mended"
        ),
        pytest.param(
            {},
            {"q6_values": Status.FAILED, "q6_causal": Status.SKIPPED},
            "q6.values fails now; q6.causal is skipped now (7 points -> 5)",
            id="broken",
        ),
        pytest.param(
            {"q6_causal": Status.FAILED},
            {"q6_values": Status.FAILED},
            "q6.values fails now; q6.causal now passes",
            id="one-for-the-other",
        ),
        pytest.param(
            {"q3_learns": Status.FAILED, "q6_values": Status.CRASHED, "q6_causal": Status.CRASHED},
            {"q3_learns": Status.CRASHED},
            "q3.learns crashes now; q6.values and q6.causal now pass (2 points -> 4)",
            id="several",
        ),
    ],
)
def test_only_what_is_new_is_told(
    before: dict[str, Status], after: dict[str, Status], told: str
) -> None:
    assert news(ended(**before), ended(**after)) == told


def test_a_failure_for_another_reason_is_new() -> None:
    before, after = ended(q6_causal=Status.FAILED), ended(q6_causal=Status.FAILED)
    end(after, "q6.causal", **SLIP)  # type: ignore[arg-type]
    assert news(before, after) == "q6.causal fails in another way"


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def telling(screen: io.StringIO) -> Telling:
    told = Telling(Manner(), lambda manner: Terminal(manner, screen))
    told.remember(ended())
    return told


def test_a_summary_is_the_feedback_then_the_news_then_the_total(
    telling: Telling, screen: io.StringIO
) -> None:
    report = ended(q6_causal=Status.FAILED)
    telling.summary(report.questions[1].checks, report, 0.42)
    lines = screen.getvalue().splitlines()
    assert lines[0].startswith("*** FAIL: q6.causal (0/1)")
    assert "    mistake   no mask" in lines
    assert lines[-2:] == [
        "since the last run: q6.causal fails now (7 points -> 6)",
        "Total: 6/7   (2 checks in 0.4 s, 1 passed)",
    ]


def test_one_reason_is_told_once(telling: Telling, screen: io.StringIO) -> None:
    report = ended(q6_values=Status.FAILED, q6_causal=Status.FAILED)
    telling.summary(report.questions[1].checks, report, 0.42)
    assert screen.getvalue().count("0.41 more") == 1
    assert "for the same reason as q6.values above" in screen.getvalue()


def test_news_is_told_once(telling: Telling, screen: io.StringIO) -> None:
    report = ended(q6_causal=Status.FAILED)
    for _ in range(2):
        telling.summary(report.questions[1].checks, report, 0.42)
    assert screen.getvalue().count("since the last run: nothing is new\n") == 1


def test_many_saved_files_are_counted(telling: Telling, screen: io.StringIO) -> None:
    telling.saved(["a.py", "b.py", "c.py", "d.py", "e.py"], ["q6.causal"])
    assert "a.py, b.py, c.py and 2 more: q6.causal\n" in screen.getvalue()


def run(telling: Telling, **details: Any) -> None:
    """Let the two checks of q3 train and end."""
    report = pending()
    audience = telling.training(["q3.shapes", "q3.learns"])
    audience.opened(report)
    for check in ("q3.shapes", "q3.learns"):
        audience.started(check)
        audience.progressed(Progress(check, 2.3, 0.971))
        audience.finished(end(report, check, Status.PASSED, **details), report)
        audience.waited()
    audience.closed(report)


def test_a_run_that_trains_tells_nothing_but_its_progress(
    telling: Telling, screen: io.StringIO
) -> None:
    run(telling)
    assert screen.getvalue() == "training: q3.shapes, q3.learns; a newer save cancels it\n"


def test_a_rich_terminal_shows_what_trains_until_it_ends() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    times = iter(range(100))
    run(Telling(Manner(), lambda manner: LiveTerminal(manner, console, lambda: next(times))))
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", file.getvalue())
    assert "97.1 %" in drawn
    assert re.search(r"q3\.learns +running", drawn)
    assert re.search(r"q3\.learns +pass", drawn)
    assert "Provisional grades" not in drawn
