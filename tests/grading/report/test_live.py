import io
import re

import pytest
from rich.console import Console

from grading.audience import Progress
from grading.report.blocks import Manner
from grading.report.live import LiveTerminal
from grading.results import Feedback, Status
from tests.grading.report.reports import end, pending

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def console() -> Console:
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        width=100,
        height=30,
        highlight=False,
        markup=False,
        color_system="standard",
        _environ={"TERM": "xterm"},
    )


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return ESCAPES.sub("", console.file.getvalue())


def run_to_its_end(console: Console, feedback: Feedback) -> LiveTerminal:
    report, terminal = pending(), LiveTerminal(Manner(prints=True), console)
    terminal.opened(report)
    for check in report.checks:
        terminal.started(check.id)
        terminal.progressed(Progress(check.id, 2.3, 0.971))
        result = end(
            report, check.id, Status.FAILED, feedback=feedback, output="[red]text[/red] \x1b[2J"
        )
        terminal.finished(result, report)
    report.complete = True
    terminal.closed(report)
    return terminal


def test_the_landmarks_stand_alone_on_their_lines(console: Console) -> None:
    run_to_its_end(console, Feedback())
    lines = [line.rstrip() for line in re.split(r"[\r\n]+", shown(console))]
    for landmark in ("Question q3", "### Question q3: 0/5 ###", "Provisional grades", "Total: 0/7"):
        assert landmark in lines


def test_what_looks_like_markup_is_printed_as_it_is(console: Console) -> None:
    run_to_its_end(console, Feedback(got="[bold red]x[/] [/nothing] :smile:"))
    assert "got       [bold red]x[/] [/nothing] :smile:" in shown(console)
    assert "| [red]text[/red]" in shown(console)


def test_the_live_table_tells_what_runs_and_how_far_it_is(console: Console) -> None:
    report, terminal = pending(), LiveTerminal(Manner(), console)
    terminal.opened(report)
    terminal.started("q3.learns")
    terminal.progressed(Progress("q3.learns", 2.3, 0.971))
    terminal.finished(end(report, "q6.causal", Status.FAILED, seconds=1.2), report)
    drawing = Console(file=io.StringIO(), width=100)
    drawing.print(terminal.table())
    terminal.release()
    assert isinstance(drawing.file, io.StringIO)
    text = drawing.file.getvalue()
    assert "1 of 6 checks done" in text
    assert re.search(r"q3\.learns\s+running\s+2\.3\s+97\.1 %", text)
    assert re.search(r"q6\.causal\s+fail\s+1\.2 s", text)


def test_the_table_never_outgrows_the_terminal(console: Console) -> None:
    console.height = 8
    report, terminal = pending(), LiveTerminal(Manner(), console)
    terminal.opened(report)
    for check in report.checks:
        terminal.started(check.id)
    assert terminal.table().row_count == 2
    terminal.release()


def test_the_terminal_is_given_back_once_and_for_all(console: Console) -> None:
    terminal = run_to_its_end(console, Feedback())
    terminal.release()
    terminal.waited()
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().count("\x1b[?25h") == 1  # the cursor is shown again
