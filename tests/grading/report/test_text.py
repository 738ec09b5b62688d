import pytest

from grading.report.text import WIDTH, clean, columns, counted, epochs, paragraph, percent


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("\x1b[31mred\x1b[0m", "red", id="colour"),
        pytest.param("\x1b]0;title\x07text", "text", id="window-title"),
        pytest.param("\x1b[2J\x1b[Hgone\x1bc", "gone", id="clear-screen"),
        pytest.param("a\x00b\x08c\x7fd\x9be", "abcde", id="control-characters"),
        pytest.param("abc\u202edef\u2066", "abcdef", id="direction-overrides"),
        pytest.param("10%\r20%\r30%\n", "30%\n", id="progress-bar"),
        pytest.param("one\r\ntwo", "one\ntwo", id="windows-lines"),
        pytest.param("\x1b[", "", id="cut-escape"),
        pytest.param("żółć 数字 [bold]", "żółć 数字 [bold]", id="ordinary-text"),
        pytest.param("\ud800", "", id="surrogate"),
    ],
)
def test_nothing_that_steers_a_terminal_is_left(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_a_paragraph_keeps_its_own_lines_and_their_indentation() -> None:
    lines = paragraph("SyntaxError\n    def f(:\n          ^", "got ", "    ")
    assert lines == ["got SyntaxError", "        def f(:", "              ^"]


def test_a_long_paragraph_is_wrapped_below_its_prefix() -> None:
    lines = paragraph("word " * 60 + "x" * 250, "got   ", "      ")
    assert len(lines) > 3
    assert max(map(len, lines)) <= WIDTH
    assert all(line.startswith("      ") for line in lines[1:])


def test_an_empty_line_stays_empty() -> None:
    assert paragraph("a\n\nb", "| ", "| ") == ["| a", "|", "| b"]


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        pytest.param(0.971, "97.1 %", id="ordinary"),
        pytest.param(1.0, "100.0 %", id="whole"),
        pytest.param(0.9999, "99.9 %", id="nearly-whole"),
    ],
)
def test_a_share_is_never_rounded_up_to_the_whole(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_numbers_agree_with_their_nouns() -> None:
    assert [counted(number, "check") for number in (0, 1, 2)] == ["0 checks", "1 check", "2 checks"]


def test_epochs_lose_their_fraction_when_there_are_many() -> None:
    assert [epochs(2.34), epochs(123.4)] == ["2.3", "123"]


def test_columns_are_aligned() -> None:
    assert columns([("a", "1"), ("bcd", "20")], (False, True)) == ["a     1", "bcd  20"]
