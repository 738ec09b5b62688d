import io
import sys

import pytest

from grading.audience import Progress
from grading.report.blocks import Manner
from grading.report.live import LiveTerminal
from grading.report.terminal import Terminal, describe, open_terminal
from grading.results import Feedback, Report, Status
from tests.grading.report.reports import NO_MASK, end, ended, pending


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def closing(report: Report, manner: Manner | None = None) -> list[str]:
    stream = io.StringIO()
    Terminal(manner or Manner(), stream).closed(report)
    return stream.getvalue().split("\n")


def test_questions_are_told_in_order_and_as_soon_as_it_is_their_turn(stream: io.StringIO) -> None:
    report, terminal = pending(), Terminal(Manner(), stream)
    terminal.opened(report)
    for check in ("q6.values", "q6.causal", "q3.shapes"):
        terminal.finished(end(report, check, Status.PASSED), report)
    assert "Question" not in stream.getvalue()
    terminal.finished(end(report, "q3.learns", Status.PASSED), report)
    text = stream.getvalue()
    assert text.index("### Question q3: 5/5 ###") < text.index("### Question q6: 2/2 ###")
    assert "Question q7" not in text


def test_the_landmarks_stand_alone_on_their_lines() -> None:
    lines = closing(ended(q6_causal=Status.FAILED))
    for landmark in (
        "Question q3",
        "### Question q3: 5/5 ###",
        "### Question q6: 1/2 ###",
        "Provisional grades",
        "Question q3: 5/5",
        "Question q6: 1/2",
        "Total: 6/7",
    ):
        assert lines.count(landmark) == 1, landmark
    assert lines[lines.index("Provisional grades") + 1] == "=================="


def test_the_question_for_fun_counts_nothing_but_is_shown() -> None:
    lines = closing(ended(q7_generates=Status.FAILED))
    assert "Question q7: 0/0 (for fun: 1 of 2 checks passed)" in lines
    assert "Total: 7/7" in lines


def test_the_table_has_a_row_for_each_question() -> None:
    lines = closing(ended(q6_causal=Status.FAILED))
    head = next(place for place, line in enumerate(lines) if line.startswith("question"))
    assert [line.split() for line in lines[head : head + 3]] == [
        ["question", "title", "points", "checks", "passed", "seconds"],
        ["q3", "Digit", "classification", "5/5", "2", "of", "2", "2.5"],
        ["q6", "Attention", "1/2", "1", "of", "2", "2.5"],
    ]


def test_the_end_tells_how_to_replay_and_what_to_do_next() -> None:
    text = "\n".join(closing(ended(q6_causal=Status.FAILED), Manner(results="runs/results.json")))
    assert "replay    add --seed 12345" in text
    assert "results   runs/results.json" in text
    assert "cpu, 2 at a time, 1 torch thread each, isolation: process" in text
    assert text.endswith("Next: mend q6.causal, then run\n    python autograder.py -q q6.causal\n")


def test_a_full_score_leaves_nothing_to_do() -> None:
    assert not any("Next" in line for line in closing(ended()))


def test_what_earns_points_is_to_be_mended_before_what_is_for_fun() -> None:
    report = ended(q7_shapes=Status.FAILED, q6_values=Status.FAILED)
    report.questions.reverse()
    assert "Next: mend q6.values, then run" in closing(report)


def test_a_fault_of_the_grader_is_said_to_be_ours() -> None:
    text = "\n".join(closing(ended(q3_learns=Status.GRADER_FAULT)))
    assert "The grader itself failed at q3.learns: that is not your mistake." in text
    assert "mend q3.learns" not in text


def test_an_interrupted_run_still_reports_what_it_has() -> None:
    report = pending()
    end(report, "q6.causal", Status.FAILED, feedback=NO_MASK)
    lines = closing(report)
    assert "*** NOT RUN: q3.learns (0/3) It learns to read digits." in lines
    assert "Interrupted: 5 checks did not run." in lines
    assert "Total: 0/7" in lines


def test_assumptions_and_warnings_are_told_once(stream: io.StringIO) -> None:
    report = ended()
    report.assumed, report.warnings = ["q6.shapes"], ["[bold]there is no losses.py"]
    terminal = Terminal(Manner(), stream)
    terminal.opened(report)
    report.warnings.append("found late")
    terminal.closed(report)
    text = stream.getvalue()
    assert text.count("assumed to pass, as not asked for: q6.shapes") == 1
    assert text.count("note: [bold]there is no losses.py") == 1
    assert text.count("note: found late") == 1


def test_progress_is_told_now_and_then(stream: io.StringIO) -> None:
    clock = Clock()
    terminal = Terminal(Manner(), stream, clock)
    terminal.started("q3.learns")
    for tenths in range(0, 120):
        clock.now = tenths / 10
        terminal.progressed(Progress("q3.learns", clock.now, 0.971))
    assert stream.getvalue().split("\n") == [
        "... q3.learns: epoch 5.0, validation accuracy 97.1 %",
        "... q3.learns: epoch 10.0, validation accuracy 97.1 %",
        "",
    ]


def test_progress_without_an_accuracy_names_the_epoch_only() -> None:
    assert describe(Progress("q2.learns", 250.0)) == "epoch 250"


def test_a_refused_submission_is_told_once(stream: io.StringIO) -> None:
    report, terminal = pending(), Terminal(Manner(), stream)
    for check in report.checks:
        result = end(report, check.id, Status.CRASHED, feedback=Feedback(got="a path leads out"))
        terminal.finished(result, report)
    report.complete = True
    terminal.closed(report)
    text = stream.getvalue()
    assert text.count("a path leads out") == 1
    assert text.count("***") == 1
    assert "run again" not in text
    assert "Question q3: 0/5" in text
    assert text.endswith("Next: mend the submission, then run\n    python autograder.py\n")


def test_the_folder_one_is_in_is_called_this_folder(stream: io.StringIO) -> None:
    report = pending()
    report.submission = "."
    Terminal(Manner(), stream).opened(report)
    assert stream.getvalue().startswith("Grading this folder: 6 checks")


def test_what_is_not_started_is_to_be_written() -> None:
    text = "\n".join(closing(ended(q6_causal=Status.NOT_STARTED)))
    assert "Next: write q6.causal, then run" in text


def test_a_pipe_gets_plain_lines() -> None:
    assert type(open_terminal(Manner())) is Terminal


@pytest.mark.parametrize(
    ("term", "kind"),
    [
        pytest.param("xterm-256color", LiveTerminal, id="terminal"),
        pytest.param("dumb", Terminal, id="dumb-terminal"),
    ],
)
def test_a_terminal_that_can_redraw_gets_the_live_display(
    term: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert type(open_terminal(Manner())) is kind
