import sys
from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.backend_bases import CloseEvent

from grading.audience import Progress
from grading.report.windows import Windows
from grading.results import Status
from tests.grading.report.reports import end, pending
from tests.grading.report.watching import answers, shown

pytestmark = pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")


class Stage:
    """Windows with what they said and a clock that a test moves."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.now = 0.0
        self.windows = Windows(self.said.append, clock=lambda: self.now)
        self.windows.opened(pending())

    def train(self, check: str, epochs: float) -> None:
        question = check.partition(".")[0]
        inputs = shown(question)
        watched = {"scores": answers(question, inputs)}
        self.windows.progressed(Progress(check, epochs, 0.971, watched))

    def title(self, check: str) -> str:
        return self.windows.windows[check].figure.get_suptitle()


@pytest.fixture
def stage() -> Iterator[Stage]:
    yield Stage()
    plt.close("all")


def test_a_window_opens_and_its_title_follows_the_training(stage: Stage) -> None:
    stage.windows.shown("q3.learns", shown("q3"))
    assert stage.title("q3.learns") == (
        "Question q3: Digit classification\nwaiting for the first answers"
    )
    stage.now = 1.0
    stage.train("q3.learns", 2.3)
    assert stage.title("q3.learns").endswith(
        "\nepoch 2.3, validation accuracy 97.1 %, 25 of 25 shown are right"
    )


def test_windows_are_redrawn_at_most_five_times_a_second(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.windows.shown("q3.learns", shown("q3"))
    drawn: list[float] = []
    monkeypatch.setattr(
        stage.windows.windows["q3.learns"], "refresh", lambda: drawn.append(stage.now)
    )
    for hundredths in range(100):
        stage.now = 1 + hundredths / 100
        stage.train("q3.learns", 1.0)
        stage.windows.waited()
    assert len(drawn) == 5


def test_the_last_answers_and_the_outcome_are_drawn_at_the_end(stage: Stage) -> None:
    stage.windows.shown("q2.learns", shown("q2"))
    stage.train("q2.learns", 99.5)
    report = pending()
    result = end(report, "q3.learns", Status.PASSED)
    stage.windows.finished(result, report)
    stage.windows.shown("q3.learns", shown("q3"))
    stage.train("q3.learns", 7.0)
    stage.windows.finished(result, report)
    assert stage.title("q3.learns").endswith(
        "epoch 7.0, validation accuracy 97.1 %, 25 of 25 shown are right, passed"
    )


def test_a_window_that_is_closed_stays_closed_and_stops_nothing(stage: Stage) -> None:
    stage.windows.shown("q3.learns", shown("q3"))
    window = stage.windows.windows["q3.learns"]
    canvas = window.figure.canvas
    canvas.callbacks.process("close_event", CloseEvent("close_event", canvas))
    assert not window.open
    stage.now = 1.0
    stage.train("q3.learns", 5.0)
    report = pending()
    stage.windows.finished(end(report, "q3.learns", Status.PASSED), report)
    assert "waiting" in stage.title("q3.learns")
    assert stage.said == []


def test_a_toolkit_that_fails_ends_the_windows_and_not_the_grading(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.windows.shown("q3.learns", shown("q3"))

    def fail() -> None:
        raise RuntimeError("display gone")

    monkeypatch.setattr(stage.windows.windows["q3.learns"].figure.canvas, "flush_events", fail)
    for second in (1.0, 2.0):
        stage.now = second
        stage.train("q3.learns", second)
    assert stage.said == ["The windows are given up (RuntimeError: display gone); grading goes on"]


def test_checks_without_a_drawing_open_no_window(stage: Stage) -> None:
    stage.windows.shown("q6.causal", {"x": torch.ones(1), "label": torch.ones(1)})
    stage.windows.shown("q3.shapes", {})
    stage.windows.progressed(Progress("q6.causal", 1.0))
    assert stage.windows.windows == {}


@pytest.mark.parametrize(
    ("terminal", "stays"),
    [pytest.param(True, True, id="student"), pytest.param(False, False, id="script")],
)
def test_windows_stay_only_where_somebody_can_close_them(
    terminal: bool, stays: bool, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.windows.shown("q3.learns", shown("q3"))
    blocked: list[bool] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(plt, "show", lambda block: blocked.append(block))
    stage.windows.stay()
    assert blocked == ([True] if stays else [])
